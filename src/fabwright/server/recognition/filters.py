"""What the list of confirmations may be filtered by."""

from fabwright.server.common.bulk.filters import CommaFilter, TruthFilter, UUIDCommaFilter, UUIDFilterSet, time_filters
from fabwright.server.recognition.models import Confirmation


class ConfirmationFilter(UUIDFilterSet):
    scan = UUIDCommaFilter(field_name="scan")
    part = CommaFilter(field_name="part_key")
    model = CommaFilter(field_name="model_key")
    material = CommaFilter(field_name="material_key")
    decision = CommaFilter(field_name="decision")
    rig_revision = CommaFilter(field_name="rig_revision")
    is_first = TruthFilter(field_name="is_first")

    class Meta:
        model = Confirmation
        fields = time_filters()
