from django.urls import re_path

from fabwright.server.common.bulk.router import ResourceRouter
from fabwright.server.scanning import views

router = ResourceRouter()
router.register("scan", views.ScanViewSet, basename="scan")
router.register("scan_session", views.ScanSessionViewSet, basename="scan_session")
router.register("scan_assignment", views.ScanAssignmentViewSet, basename="scan_assignment")
router.register("rig", views.RigViewSet, basename="rig")

urlpatterns = router.urls

data_urlpatterns = [
    re_path(r"^scans/(?P<uuid>[0-9a-f-]{36})/scan_cam(?P<number>\d{2})\.png$", views.SmallPicture.as_view()),
]
