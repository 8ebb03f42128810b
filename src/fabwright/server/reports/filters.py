"""What reports may be filtered by."""

from django_filters import CharFilter, ChoiceFilter, FilterSet, IsoDateTimeFilter, UUIDFilter

from fabwright.server.reports.models import Report, Status


class ReportFilter(FilterSet):
    project = UUIDFilter(field_name="project_id")
    document_type = CharFilter(max_length=40)
    document_status = ChoiceFilter(choices=Status.choices)
    name = CharFilter(max_length=255)
    name__icontains = CharFilter(field_name="name", lookup_expr="icontains", max_length=255)
    username = CharFilter(max_length=150)
    created__gte = IsoDateTimeFilter(field_name="created", lookup_expr="gte")
    created__lt = IsoDateTimeFilter(field_name="created", lookup_expr="lt")

    class Meta:
        model = Report
        fields: list[str] = []
