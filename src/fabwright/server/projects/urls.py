"""Addresses below /api/v2/."""

from rest_framework.routers import SimpleRouter

from fabwright.server.projects import views

router = SimpleRouter(use_regex_path=False)
router.register("company/projects", views.ProjectViewSet, basename="project")
router.register("company/ifc_parsing_setups", views.IfcParsingSetupViewSet, basename="ifc-parsing-setup")
router.register("company/btl_parsing_setups", views.BtlParsingSetupViewSet, basename="btl-parsing-setup")

urlpatterns = router.urls
