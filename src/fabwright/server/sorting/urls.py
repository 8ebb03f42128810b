from fabwright.server.common.bulk.router import ResourceRouter
from fabwright.server.sorting import views

router = ResourceRouter()
router.register("batch", views.BatchViewSet, basename="batch")
router.register("query", views.QueryViewSet, basename="query")
router.register("query_category", views.QueryCategoryViewSet, basename="query_category")
router.register("output", views.OutputViewSet, basename="output")

urlpatterns = router.urls
