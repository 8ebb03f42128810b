"""Addresses below /api/v2/."""

from rest_framework.routers import SimpleRouter

from fabwright.server.production import group_views, views

router = SimpleRouter(use_regex_path=False)
router.register("constructibles/batches", views.BatchViewSet, basename="batch")
router.register("constructibles/assemblies", views.AssemblyViewSet, basename="assembly")
router.register("constructibles/modules", views.ModuleViewSet, basename="module")
router.register("constructibles/part_batches", views.PartBatchViewSet, basename="part-batch")
router.register("constructibles/multipanel_groups", group_views.GroupViewSet, basename="multipanel-group")
router.register("constructibles/multipanel_settings", group_views.SettingsViewSet, basename="multipanel-settings")
router.register("company/production_lines", views.ProductionLineViewSet, basename="production-line")
router.register("company/machines", views.MachineViewSet, basename="machine")
router.register("company/machine_models", views.MachineModelViewSet, basename="machine-model")

urlpatterns = router.urls
