from django.urls import path

from fabwright.server.common.bulk.router import ResourceRouter
from fabwright.server.quality import views

router = ResourceRouter()
router.register("quality_control_reason", views.ReasonViewSet, basename="quality_control_reason")
router.register(
    "quality_control_reason_category", views.ReasonCategoryViewSet, basename="quality_control_reason_category"
)
router.register("inspection_profile", views.InspectionProfileViewSet, basename="inspection_profile")
router.register("inspection_report", views.InspectionReportViewSet, basename="inspection_report")
router.register("metrology_template", views.MetrologyTemplateViewSet, basename="metrology_template")
router.register("report_template", views.ReportTemplateViewSet, basename="report_template")
router.register("notification", views.NotificationViewSet, basename="notification")

urlpatterns = [
    *router.urls,
    path(
        "settings/",
        views.SettingsViewSet.as_view(
            {"get": "show", "put": "replace", "patch": "change"}, basename="settings", detail=False
        ),
        name="settings",
    ),
    *(
        path(
            f"quality/summary/{ending}",
            views.SummaryViewSet.as_view({"get": verb}, basename="quality_summary", detail=False),
            name=f"quality-summary-{verb}",
        )
        for ending, verb in (("", "show"), ("csv/", "csv"))
    ),
]
