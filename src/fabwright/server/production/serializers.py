"""Bodies and answers: batches, things to build, part batches, lines, machines."""

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from fabwright.server.designs.models import Design, Kind
from fabwright.server.designs.serializers import BRANCHES
from fabwright.server.production.machines import DOCUMENT_TYPES_OF_MACHINES, MODELS, setup_problems
from fabwright.server.production.models import Batch, Machine, PartBatch, ProductionLine
from fabwright.server.projects.models import Project
from fabwright.server.projects.resources import NamesField, ObjectField, OfCompany
from fabwright.server.projects.serializers import Answered

MAX_QUANTITY = 1000
MAX_ITEMS = 50_000
MAX_PRIORITY = 1_000_000


class _InProject(Answered):
    project: OfCompany[Project] = OfCompany(queryset=Project.objects.all())

    def validate_project(self, project: Project) -> Project:
        if isinstance(self.instance, Batch | PartBatch) and project.pk != self.instance.project_id:
            raise serializers.ValidationError("It stays in its project.")
        return project


@extend_schema_serializer(component_name="ProductionBatch")
class BatchSerializer(_InProject):
    """A group of things to build within a phase; a phase that the project does not have is added to it."""

    phase = serializers.CharField(max_length=255, required=False, allow_blank=True)
    name = serializers.CharField(max_length=255)


def _priority() -> serializers.IntegerField:
    """The turn in production, 1 is first; of several copies that of the first one."""
    return serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=MAX_PRIORITY)


class _ConstructibleSerializer(Answered):
    project = serializers.UUIDField(read_only=True)
    batch: OfCompany[Batch] = OfCompany(queryset=Batch.objects.all(), required=False, allow_null=True)
    phase = serializers.CharField(read_only=True)
    name = serializers.CharField(max_length=255, required=False)
    priority = _priority()
    production_line: OfCompany[ProductionLine] = OfCompany(
        queryset=ProductionLine.objects.all(), required=False, allow_null=True
    )
    started_at = serializers.DateTimeField(read_only=True, allow_null=True)
    ready_at = serializers.DateTimeField(read_only=True, allow_null=True)
    meta = ObjectField(required=False)


class AssemblySerializer(_ConstructibleSerializer):
    """A panel to build."""

    assembly_design: OfCompany[Design] = OfCompany(
        queryset=Design.objects.filter(kind=Kind.ASSEMBLY), required=False, source="design"
    )


class ModuleSerializer(_ConstructibleSerializer):
    """A module to build."""

    module_design: OfCompany[Design] = OfCompany(
        queryset=Design.objects.filter(kind=Kind.MODULE), required=False, source="design"
    )


class _ConstructibleRequest(serializers.Serializer[Any]):
    project = serializers.UUIDField()
    batch = serializers.UUIDField(required=False, allow_null=True)
    name = serializers.CharField(max_length=240, required=False)
    quantity = serializers.IntegerField(required=False, min_value=1, max_value=MAX_QUANTITY)
    priority = _priority()
    meta = ObjectField(required=False)


class AssemblyRequest(_ConstructibleRequest):
    """Panels to build: `quantity` of them (1 when not given)."""

    assembly_design = serializers.UUIDField()


class ModuleRequest(_ConstructibleRequest):
    """Modules to build: `quantity` of them (1 when not given)."""

    module_design = serializers.UUIDField()


class PieceSerializer(serializers.Serializer[Any]):
    """One piece: this part of this thing to build."""

    part = serializers.UUIDField()
    assembly = serializers.UUIDField()


class PartBatchSerializer(_InProject):
    """A selection of pieces to make together. `branch` is that of the parts when all have the same."""

    name = serializers.CharField(max_length=255)
    branch = serializers.ChoiceField(choices=[*BRANCHES, ""], read_only=True)
    machine: OfCompany[Machine] = OfCompany(queryset=Machine.objects.all(), required=False, allow_null=True)
    parts = PieceSerializer(many=True)

    def validate_parts(self, value: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if not 1 <= len(value) <= MAX_ITEMS:
            raise serializers.ValidationError(f"From 1 to {MAX_ITEMS} pieces make a part batch.")
        return value


class TaskSerializer(serializers.Serializer[Any]):
    """A line of a checklist, shown always or only where one of the branches occurs."""

    uuid = serializers.UUIDField(read_only=True)
    text = serializers.CharField(max_length=10_000)
    branches = serializers.ListField(
        child=serializers.ChoiceField(choices=BRANCHES), required=False, max_length=len(BRANCHES)
    )

    def to_internal_value(self, data: Any) -> Any:
        return super().to_internal_value({"text": data} if isinstance(data, str) else data)


class StationSerializer(serializers.Serializer[Any]):
    """A step of a line. `uuid` names a station that the line has already, to keep it."""

    uuid = serializers.UUIDField(required=False)
    name = serializers.CharField(max_length=255)
    client_id = serializers.CharField(max_length=255, required=False, allow_blank=True)
    zones = serializers.ListField(
        child=serializers.IntegerField(min_value=-99, max_value=99), required=False, max_length=199
    )
    machine: OfCompany[Machine] = OfCompany(queryset=Machine.objects.all(), required=False, allow_null=True)
    tasks = TaskSerializer(many=True, required=False)


class ProductionLineSerializer(Answered):
    """A line with its stations in order. Stations that are left out of a change are removed.

    `warnings` says, among other things, when two stations make the same zone.
    """

    name = serializers.CharField(max_length=255)
    tipo = NamesField(required=False)
    client_ids = NamesField(required=False)
    stations = StationSerializer(many=True, required=False)
    warnings = serializers.ListField(child=serializers.CharField(), read_only=True)

    def validate_stations(self, value: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len(value) > 200 or any(len(station.get("tasks", ())) > 500 for station in value):
            raise serializers.ValidationError("At most 200 stations with 500 tasks each.")
        return value


class MachineSetupField(ObjectField):
    """Document type -> object of options, as the type's own schema has them; keys that are not known are kept."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        setup = super().to_internal_value(data)
        for name, options in setup.items():
            if name not in DOCUMENT_TYPES_OF_MACHINES:
                known = ", ".join(DOCUMENT_TYPES_OF_MACHINES)
                raise serializers.ValidationError(f"{name} is no document type of machines; those are {known}.")
            if not isinstance(options, dict):
                raise serializers.ValidationError(f"The setup for {name} must be an object.")
        if problems := setup_problems(setup):
            raise serializers.ValidationError(problems)
        return setup


class MachineSerializer(Answered):
    """A machine; `setup` holds the defaults of its files by document type."""

    name = serializers.CharField(max_length=255)
    model = serializers.ChoiceField(choices=[(model.key, model.title) for model in MODELS.values()])
    setup = MachineSetupField(required=False)
    document_types = serializers.ListField(
        child=serializers.ChoiceField(choices=DOCUMENT_TYPES_OF_MACHINES), read_only=True
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        known = self.instance if isinstance(self.instance, Machine) else None
        model = MODELS[attrs.get("model") or (known.model if known else "")]
        for name in attrs.get("setup", known.setup if known else {}):
            if name not in model.document_types:
                offer = ", ".join(model.document_types)
                raise serializers.ValidationError({"setup": [f"{model.title} does not read {name}; it reads {offer}."]})
        return attrs


class MachineModelSerializer(serializers.Serializer[Any]):
    """A machine model, and the document types that it reads."""

    model = serializers.ChoiceField(choices=[(model.key, model.title) for model in MODELS.values()])
    name = serializers.CharField()
    document_types = serializers.ListField(child=serializers.ChoiceField(choices=DOCUMENT_TYPES_OF_MACHINES))
