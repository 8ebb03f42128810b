"""Addresses below /api/v2/."""

from rest_framework.routers import SimpleRouter

from fabwright.server.workshop import views

router = SimpleRouter(use_regex_path=False)
router.register("workshop/station_runs", views.StationRunViewSet, basename="station-run")
router.register("workshop/task_results", views.TaskResultViewSet, basename="task-result")
router.register("workshop/issues", views.IssueViewSet, basename="issue")
router.register("workshop/photos", views.PhotoViewSet, basename="photo")

urlpatterns = router.urls
