from fabwright.server.catalog import views
from fabwright.server.common.bulk.router import ResourceRouter

router = ResourceRouter()
router.register("model", views.ModelViewSet, basename="model")
router.register("material", views.MaterialViewSet, basename="material")
router.register("part", views.PartViewSet, basename="part")
router.register("part_attribute", views.PartAttributeViewSet, basename="part_attribute")

urlpatterns = router.urls
