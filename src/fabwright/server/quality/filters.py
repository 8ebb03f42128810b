"""What the lists of quality may be filtered by."""

from fabwright.server.common.bulk.filters import (
    CommaFilter,
    KeyedFilterSet,
    NumberCommaFilter,
    ResourceFilterSet,
    UUIDCommaFilter,
    UUIDFilterSet,
    time_filters,
)
from fabwright.server.quality.models import (
    InspectionProfile,
    InspectionReport,
    MetrologyTemplate,
    Notification,
    Reason,
    ReasonCategory,
    ReportTemplate,
)

_TEXT = ["exact", "icontains", "istartswith"]


class ReasonCategoryFilter(KeyedFilterSet):
    class Meta:
        model = ReasonCategory
        fields = {"title": _TEXT, **time_filters()}


class ReasonFilter(KeyedFilterSet):
    category = CommaFilter(field_name="category__key")

    class Meta:
        model = Reason
        fields = {"title": _TEXT, **time_filters()}


class InspectionProfileFilter(UUIDFilterSet):
    review = CommaFilter(field_name="review")

    class Meta:
        model = InspectionProfile
        fields = {"title": _TEXT, **time_filters()}


class MetrologyTemplateFilter(UUIDFilterSet):
    id = UUIDCommaFilter(field_name="uuid")

    class Meta:
        model = MetrologyTemplate
        fields = {"is_plan": ["exact"], "title": _TEXT, "file_name": _TEXT, **time_filters()}


class ReportTemplateFilter(UUIDFilterSet):
    class Meta:
        model = ReportTemplate
        fields = {"title": _TEXT, **time_filters()}


class InspectionReportFilter(UUIDFilterSet):
    scan = UUIDCommaFilter(field_name="scan__uuid")
    part = CommaFilter(field_name="part_key")
    batch = CommaFilter(field_name="scan__session__batch_key")
    inspection_profile = UUIDCommaFilter(field_name="profile__uuid")

    class Meta:
        model = InspectionReport
        fields = time_filters()


class SummaryFilter(ResourceFilterSet):
    """Which pieces a summary is of; `created` is when they were measured."""

    part = CommaFilter(field_name="part_key")
    batch = CommaFilter(field_name="scan__session__batch_key")
    material = CommaFilter(field_name="material_key")
    scan_session = UUIDCommaFilter(field_name="scan__session__uuid")
    inspection_profile = UUIDCommaFilter(field_name="profile__uuid")

    class Meta:
        model = InspectionReport
        fields = {"created": ["lt", "lte", "gt", "gte"]}


class NotificationFilter(ResourceFilterSet):
    id = NumberCommaFilter(field_name="id")

    class Meta:
        model = Notification
        fields = {"title": _TEXT, "auto_close": ["exact"], **time_filters()}
