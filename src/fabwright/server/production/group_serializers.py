"""Bodies and answers: multipanel groups and what a project allows them."""

import math
from typing import Any

from rest_framework import serializers

from fabwright.server.production.models import Batch, MultipanelGroup
from fabwright.server.projects.resources import OfCompany
from fabwright.server.projects.serializers import Answered

MAX_PANELS = 200
MAX_MM = 1_000_000


class LengthField(serializers.FloatField):
    """mm, 0 or more. "nan" is a number to Python, and neither above nor below any limit: it is refused by itself."""

    def to_internal_value(self, data: Any) -> float:
        value = super().to_internal_value(data)
        if not math.isfinite(value):
            self.fail("invalid")
        return value


def _length(**more: Any) -> LengthField:
    return LengthField(required=False, min_value=0, max_value=MAX_MM, **more)


class MultipanelSettingsSerializer(serializers.Serializer[Any]):
    """What a project allows its multipanel groups. Lengths in mm; null: no limit. `width` is along the machine."""

    project = serializers.UUIDField(read_only=True)
    minimum_height = _length(allow_null=True)
    minimum_width = _length(allow_null=True)
    maximum_width = _length(allow_null=True)
    maximum_transport_width = _length(allow_null=True)
    minimum_count = serializers.IntegerField(required=False, min_value=1, max_value=MAX_PANELS)
    maximum_count = serializers.IntegerField(required=False, min_value=1, max_value=MAX_PANELS, allow_null=True)
    default_gap = _length()


class GroupPanelSerializer(serializers.Serializer[Any]):
    """A panel of a group and where it starts; mm, null before its design is analysed."""

    assembly = serializers.UUIDField()
    offset = serializers.FloatField()
    name = serializers.CharField()
    priority = serializers.IntegerField(allow_null=True)
    width = serializers.FloatField(allow_null=True)
    height = serializers.FloatField(allow_null=True)
    thickness = serializers.FloatField(allow_null=True)


class GroupCheckSerializer(serializers.Serializer[Any]):
    """One of the eight checks."""

    check = serializers.CharField()
    passed = serializers.BooleanField()
    message = serializers.CharField()


class MultipanelGroupSerializer(Answered):
    """Panels of one batch, in order, that go through the machine as one; `gap` mm between neighbours."""

    project = serializers.UUIDField(read_only=True)
    batch: OfCompany[Batch] = OfCompany(queryset=Batch.objects.all())
    name = serializers.CharField(max_length=255)
    gap = _length()
    assemblies = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=MAX_PANELS)
    panels = GroupPanelSerializer(many=True, read_only=True)
    width = serializers.FloatField(read_only=True, allow_null=True)
    status = serializers.ChoiceField(choices=["valid", "invalid"], read_only=True)
    checks = GroupCheckSerializer(many=True, read_only=True)
    locked = serializers.BooleanField(read_only=True)
    locked_at = serializers.DateTimeField(read_only=True, allow_null=True)

    def validate_batch(self, batch: Batch) -> Batch:
        if isinstance(self.instance, MultipanelGroup) and batch.pk != self.instance.batch_id:
            raise serializers.ValidationError("It stays in its batch.")
        return batch
