"""The resources quality_control_reason(_category), inspection_profile, inspection_report, templates, settings and
notification."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from drf_spectacular.utils import OpenApiParameter
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from fabwright.server.common.bulk.entries import read_entry
from fabwright.server.common.bulk.schema import spec
from fabwright.server.common.bulk.tables import Mode, Written
from fabwright.server.common.bulk.views import KeyedViewSet, NumberedViewSet, ResourceViewSet
from fabwright.server.files.disposition import content_disposition
from fabwright.server.files.stores import store
from fabwright.server.quality import filters, models, reports, selectors, serializers, services
from fabwright.server.quality.paper import preview_pdf, report_pdf
from fabwright.server.quality.summaries import pieces_csv, summary_of

_BYTES = {"type": "string", "format": "binary"}


class ReasonCategoryViewSet(KeyedViewSet[models.ReasonCategory]):
    """Groups of reasons."""

    queryset = models.ReasonCategory.objects.all()
    table = services.CATEGORIES
    shown = serializers.ReasonCategory
    filterset_class = filters.ReasonCategoryFilter
    ordering_fields = ("created", "modified", "title", "order")

    def represent(self, rows: Sequence[models.ReasonCategory]) -> Sequence[serializers.ReasonCategory]:
        return selectors.categories_shown(rows)


class ReasonViewSet(KeyedViewSet[models.Reason]):
    """Why a piece is refused."""

    queryset = models.Reason.objects.select_related("category")
    table = services.REASONS
    shown = serializers.Reason
    filterset_class = filters.ReasonFilter
    ordering_fields = ("created", "modified", "title", "order")

    def represent(self, rows: Sequence[models.Reason]) -> Sequence[serializers.Reason]:
        return selectors.reasons_shown(rows)


class InspectionProfileViewSet(ResourceViewSet[models.InspectionProfile]):
    """Rules that turn metrics into the automatic verdict."""

    queryset = models.InspectionProfile.objects.all()
    table = services.PROFILES
    shown = serializers.InspectionProfile
    filterset_class = filters.InspectionProfileFilter
    ordering_fields = ("created", "modified", "title")

    def represent(self, rows: Sequence[models.InspectionProfile]) -> Sequence[serializers.InspectionProfile]:
        return selectors.profiles_shown(rows)


class MetrologyTemplateViewSet(ResourceViewSet[models.MetrologyTemplate]):
    """Measurement plans (.xvgt), uploaded as a multipart form with `title` and the file `file`."""

    queryset = models.MetrologyTemplate.objects.all()
    table = services.METROLOGY_TEMPLATES
    shown = serializers.MetrologyTemplate
    filterset_class = filters.MetrologyTemplateFilter
    ordering_fields = ("created", "modified", "title")

    def represent(self, rows: Sequence[models.MetrologyTemplate]) -> Sequence[serializers.MetrologyTemplate]:
        return selectors.metrology_templates_shown(rows)

    def store(self, raw: list[Any], *, mode: Mode, many: bool, strict: bool) -> Written[models.MetrologyTemplate]:
        uploaded = next(iter(self.request.FILES.values()), None)
        if uploaded is None:
            return services.metrology_templates_write(
                company=self.company, raw=raw, mode=mode, many=many, strict=strict
            )
        entry, errors = read_entry(serializers.MetrologyTemplateEntry, _without_files(raw[0]), strict=False)
        if entry is None or errors:
            raise ValidationError(errors)
        row = services.metrology_template_upload(
            company=self.company,
            title=entry.title if isinstance(entry.title, str) else "",
            file=uploaded,
            template=self.get_object() if mode is Mode.UPDATE else None,
        )
        return Written([row], [mode is Mode.CREATE])

    @spec(answer=_BYTES, media="application/octet-stream")
    @action(detail=True, methods=["get"])
    def file(self, request: Request, **kwargs: Any) -> HttpResponse:
        """The plan as it was uploaded."""
        row = self.get_object()
        answer = HttpResponse(store().read(row.blob), content_type="application/octet-stream")
        answer["Content-Disposition"] = content_disposition(row.file_name)
        return answer


def _without_files(raw: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in raw.items() if isinstance(value, str)}


class ReportTemplateViewSet(ResourceViewSet[models.ReportTemplate]):
    """Layouts of inspection reports."""

    queryset = models.ReportTemplate.objects.all()
    table = services.REPORT_TEMPLATES
    shown = serializers.ReportTemplate
    filterset_class = filters.ReportTemplateFilter
    ordering_fields = ("created", "modified", "title")

    def represent(self, rows: Sequence[models.ReportTemplate]) -> Sequence[serializers.ReportTemplate]:
        return selectors.report_templates_shown(rows)

    @spec(body=serializers.PreviewEntry, answer=_BYTES, media="application/pdf")
    @action(detail=False, methods=["post"], url_path="preview")
    def preview_content(self, request: Request) -> HttpResponse:
        """A layout that is not stored (yet), as PDF; 400 names the line that is wrong."""
        return self._preview(request, None)

    @spec(body=serializers.PreviewEntry, answer=_BYTES, media="application/pdf")
    @action(detail=True, methods=["post"])
    def preview(self, request: Request, **kwargs: Any) -> HttpResponse:
        """The layout, or what `content` would make of it, as PDF; 400 names the line that is wrong."""
        return self._preview(request, self.get_object())

    def _preview(self, request: Request, row: models.ReportTemplate | None) -> HttpResponse:
        entry, errors = read_entry(serializers.PreviewEntry, request.data or {})
        if entry is None or errors:
            raise ValidationError(errors)
        content = entry.content if isinstance(entry.content, str) else row.content if row is not None else ""
        if not content and row is None:
            raise ValidationError({"content": ["This field is required."]})
        report = None
        if entry.inspection_report:
            reports = models.InspectionReport.objects.filter(company=self.company)
            report = reports.filter(pk=entry.inspection_report).first()
            if report is None:
                raise ValidationError({"inspection_report": [f"There is no such object: {entry.inspection_report}."]})
        return HttpResponse(preview_pdf(content, report), content_type="application/pdf")


class InspectionReportViewSet(ResourceViewSet[models.InspectionReport]):
    """What was measured on the piece of a scan; made by inspection, or posted by a measuring machine.

    A change is judged at once. What was measured here keeps its numbers; only its profile may be changed.
    """

    queryset = models.InspectionReport.objects.all()
    table = services.REPORTS
    shown = serializers.InspectionReport
    filterset_class = filters.InspectionReportFilter
    ordering_fields = ("created", "modified")

    def represent(self, rows: Sequence[models.InspectionReport]) -> Sequence[serializers.InspectionReport]:
        return selectors.reports_shown(rows, self.request.build_absolute_uri)

    def store(self, raw: list[Any], *, mode: Mode, many: bool, strict: bool) -> Written[models.InspectionReport]:
        return reports.reports_write(company=self.company, raw=raw, mode=mode, many=many, strict=strict)

    def remove(self, rows: QuerySet[models.InspectionReport]) -> None:
        reports.reports_delete(company=self.company, reports=rows)

    @spec(answer=_BYTES, media="application/pdf")
    @action(detail=True, methods=["get"])
    def render_pdf(self, request: Request, **kwargs: Any) -> HttpResponse:
        """The report on paper, in the default report template."""
        report = self.get_object()
        pdf = report_pdf(report, selectors.settings_of(self.company).default_report_template)
        answer = HttpResponse(pdf, content_type="application/pdf")
        answer["Content-Disposition"] = content_disposition(f"inspection-{report.uuid}.pdf")
        return answer

    @spec(answer={"type": "object", "additionalProperties": {}})
    @action(detail=True, methods=["get"])
    def measurement(self, request: Request, **kwargs: Any) -> Response:
        """Everything that was measured here: metrics, uncertainties, quantiles of the deviation, regions of missing and
        extra material, features, pose, trace. 404 for a report of another machine."""
        measured = models.Measured.objects.filter(report=self.get_object()).first()
        if measured is None:
            raise Http404("This report was not measured here.")
        return Response(measured.measurement)


_CHOICE = [OpenApiParameter(name, str) for name in filters.SummaryFilter.base_filters]


class SummaryViewSet(ResourceViewSet[models.InspectionReport]):
    """Statistics over inspected pieces."""

    queryset = models.InspectionReport.objects.all()
    shown = serializers.Summary
    filterset_class = filters.SummaryFilter
    http_method_names = ["get", "head", "options"]

    @spec(answer=serializers.Summary, parameters=_CHOICE)
    def show(self, request: Request) -> Response:
        """Verdicts, capability (Cp, Cpk), run charts and worst regions of the pieces that match the filters."""
        return Response(summary_of(self.filter_queryset(self.get_queryset())))

    @spec(answer={"type": "string"}, media="text/csv", parameters=_CHOICE)
    def csv(self, request: Request) -> HttpResponse:
        """The same pieces as CSV, a line each."""
        text = pieces_csv(self.filter_queryset(self.get_queryset()))
        answer = HttpResponse(text, content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = content_disposition("quality.csv")
        return answer


class SettingsViewSet(ResourceViewSet[models.Settings]):
    """The one set of settings of the company."""

    queryset = models.Settings.objects.all()
    shown = serializers.Settings
    http_method_names = ["get", "put", "patch", "head", "options"]

    @spec(answer=serializers.Settings)
    def show(self, request: Request) -> Response:
        """The settings."""
        return Response(selectors.settings_shown(selectors.settings_of(self.company)))

    @spec(body=serializers.SettingsEntry, answer=serializers.Settings)
    def change(self, request: Request) -> Response:
        """Changes what is given."""
        return self._change(request)

    @spec(body=serializers.SettingsEntry, answer=serializers.Settings)
    def replace(self, request: Request) -> Response:
        """Changes what is given, as PATCH does."""
        return self._change(request)

    def _change(self, request: Request) -> Response:
        entry, errors = read_entry(serializers.SettingsEntry, request.data)
        if entry is None or errors:
            raise ValidationError(errors)
        return Response(selectors.settings_shown(services.settings_change(company=self.company, entry=entry)))


class NotificationViewSet(NumberedViewSet[models.Notification]):
    """Messages for the operators' screens, newest first."""

    queryset = models.Notification.objects.all()
    table = services.NOTIFICATIONS
    shown = serializers.Notification
    filterset_class = filters.NotificationFilter
    ordering_fields = ("created", "modified", "title")

    def represent(self, rows: Sequence[models.Notification]) -> Sequence[serializers.Notification]:
        return selectors.notifications_shown(rows)
