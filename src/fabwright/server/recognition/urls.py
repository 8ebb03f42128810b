from fabwright.server.common.bulk.router import ResourceRouter
from fabwright.server.recognition import views

router = ResourceRouter()
router.register("confirmation", views.ConfirmationViewSet, basename="confirmation")

urlpatterns = router.urls
