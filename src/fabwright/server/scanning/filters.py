"""What the lists of scanning may be filtered by."""

from typing import Any

from fabwright.server.common.bulk.filters import (
    CommaFilter,
    NumberCommaFilter,
    TruthFilter,
    UUIDCommaFilter,
    UUIDFilterSet,
    time_filters,
)
from fabwright.server.scanning.models import Rig, Scan, ScanAssignment, ScanSession


class ScanFilter(UUIDFilterSet):
    batch = CommaFilter(field_name="session__batch_key")
    scan_session = UUIDCommaFilter(field_name="session__uuid")
    part = CommaFilter(field_name="assignment__part_key")
    output = NumberCommaFilter(field_name="output_id")
    design_material = CommaFilter(field_name="design_material")
    rejected = TruthFilter(field_name="is_rejected")
    qc_reasons = CommaFilter(field_name="qc_reasons__key", distinct=True)

    class Meta:
        model = Scan
        fields: dict[str, Any] = {
            "archived": ["exact"],
            "is_backed_up": ["exact"],
            "qc_machine": ["exact"],
            "qc_operator": ["exact"],
            "qc_needs_review": ["exact"],
            "qc_pass": ["exact"],
            **time_filters(),
        }


class ScanSessionFilter(UUIDFilterSet):
    batch = CommaFilter(field_name="batch_key")

    class Meta:
        model = ScanSession
        fields = {"ended_at": ["isnull", "lt", "gt"], **time_filters()}


class ScanAssignmentFilter(UUIDFilterSet):
    scan = UUIDCommaFilter(field_name="scan__uuid")
    part = CommaFilter(field_name="part_key")
    batch = CommaFilter(field_name="scan__session__batch_key")
    scan_session = UUIDCommaFilter(field_name="scan__session__uuid")

    class Meta:
        model = ScanAssignment
        fields = {"copies": ["exact", "lt", "lte", "gt", "gte"], "manual": ["exact"], **time_filters()}


class RigFilter(UUIDFilterSet):
    revision = CommaFilter(field_name="revision")

    class Meta:
        model = Rig
        fields = time_filters()
