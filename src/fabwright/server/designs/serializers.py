"""Bodies and answers: designs, packages, files, parts and imports."""

from typing import Any, get_args

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from fabwright.server.designs.models import Analysis, Category, Design, ImportStatus, Kind
from fabwright.server.projects.models import IfcParsingSetup, Project
from fabwright.server.projects.resources import ObjectField, OfCompany
from fabwright.server.projects.serializers import CATEGORIES, Answered
from fabwright.timber import Branch

BRANCHES = list(get_args(Branch))

_NUMBERS = {"type": "array", "items": {"type": "number"}, "minItems": 3, "maxItems": 3}
_TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}
_MEASURES = {name: {"type": "number"} for name in ("x", "y", "z", "neto", "bruto")}
_META = {
    "type": "object",
    "additionalProperties": True,
    "description": "Free, except for the names that the analysis fills; values given for those are not stored. "
    "Lengths mm, areas m2; a point of the model is r @ (point of the panel) + t.",
    "properties": {
        "analysis": {"type": "string", "enum": Analysis.values, "readOnly": True},
        "analysis_nonce": {"type": "string", "format": "uuid", "nullable": True, "readOnly": True},
        "analysis_progress": {"type": "number", "readOnly": True},
        "analysis_error": {"type": "string", "readOnly": True},
        "analysis_warnings": {"type": "array", "items": _TEXTS, "readOnly": True},
        "analyzed_ifc_hash": {"type": "string", "readOnly": True},
        "has_ifc": {"type": "boolean", "readOnly": True},
        "dwg_count": {"type": "integer", "readOnly": True},
        "actual_count": {"type": "integer", "readOnly": True},
        "metrics": {"type": "object", "properties": _MEASURES, "readOnly": True},
        "bruto_area": {"type": "number", "minimum": 0},
        "r": {"type": "array", "items": _NUMBERS, "readOnly": True},
        "t": {**_NUMBERS, "readOnly": True},
        "counts": {"type": "object", "additionalProperties": {"type": "integer"}, "readOnly": True},
        "subassemblies": {"type": "array", "items": {}},
        "ifc_assembly_name": {"type": "string", "readOnly": True},
        "ifc_assembly_meta": {**_TEXTS, "readOnly": True},
    },
}


@extend_schema_field(_META)
class DesignMetaField(ObjectField):
    """A design's meta: the client's own values, and what the analysis says."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        meta = super().to_internal_value(data)
        area = meta.get("bruto_area", 0)
        if isinstance(area, bool) or not isinstance(area, int | float) or area < 0:
            raise serializers.ValidationError("bruto_area must be a number that is not negative.")
        if not isinstance(meta.get("subassemblies", []), list):
            raise serializers.ValidationError("subassemblies must be a list.")
        return meta


@extend_schema_serializer(component_name="DesignFile")
class FileSerializer(serializers.Serializer[Any]):
    """An uploaded file as a design shows it."""

    uuid = serializers.UUIDField()
    created = serializers.DateTimeField()
    name = serializers.CharField()
    category = serializers.ChoiceField(choices=Category.choices)
    revision = serializers.IntegerField()
    size = serializers.IntegerField()
    content_type = serializers.CharField()
    hash = serializers.CharField()


@extend_schema_serializer(component_name="SignedDesignFile")
class SignedFileSerializer(FileSerializer):
    """A file with a live signed address."""

    package = serializers.CharField()
    presigned_url = serializers.CharField()


class UploadSerializer(serializers.Serializer[Any]):
    """A file for a design."""

    file = serializers.FileField(max_length=255)
    category = serializers.ChoiceField(choices=Category.choices)
    package = serializers.CharField(max_length=255, required=False)


class DesignSerializer(Answered):
    """A design at its newest revision; `parent_designs` are designs of the company."""

    project: OfCompany[Project] = OfCompany(queryset=Project.objects.all())
    name = serializers.CharField(max_length=255)
    revision = serializers.IntegerField(read_only=True)
    is_latest = serializers.BooleanField(read_only=True)
    newest = serializers.UUIDField(read_only=True)
    parent_designs = serializers.ListField(
        child=OfCompany(queryset=Design.objects.all()), required=False, max_length=1000
    )
    from_stdlib = serializers.BooleanField(read_only=True)
    resources = serializers.DictField(child=serializers.ListField(child=FileSerializer()), read_only=True)
    tipo = serializers.CharField(max_length=255, required=False, allow_blank=True)
    meta = DesignMetaField(required=False)

    def validate_project(self, project: Project) -> Project:
        if isinstance(self.instance, Design) and project.pk != self.instance.project_id:
            raise serializers.ValidationError("A design stays in its project.")
        return project


class _OfKind(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=255, default="resources")


class AssemblyPackageRequest(_OfKind):
    """Which package of which design."""

    assembly_design: OfCompany[Design] = OfCompany(queryset=Design.objects.filter(kind=Kind.ASSEMBLY))


class ModulePackageRequest(_OfKind):
    """Which package of which design."""

    module_design: OfCompany[Design] = OfCompany(queryset=Design.objects.filter(kind=Kind.MODULE))


class _PackageSerializer(Answered):
    name = serializers.CharField(read_only=True)
    files = FileSerializer(many=True, read_only=True)


class AssemblyPackageSerializer(_PackageSerializer):
    """A package of an assembly design."""

    assembly_design = serializers.UUIDField(read_only=True)


class ModulePackageSerializer(_PackageSerializer):
    """A package of a module design."""

    module_design = serializers.UUIDField(read_only=True)


@extend_schema_field(OpenApiTypes.OBJECT)
class _Parameters(serializers.Field[Any, Any, Any, Any]):
    """The part's parameters: placement, outline, processings."""

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_serializer(component_name="DesignPart")
class PartSerializer(serializers.Serializer[Any]):
    """A part of a design. Sizes in mm; those of woods are length, width and height (also given as thickness)."""

    uuid = serializers.UUIDField(read_only=True)
    reference = serializers.CharField(read_only=True)
    branch = serializers.ChoiceField(choices=BRANCHES, read_only=True)
    category = serializers.ChoiceField(choices=[*CATEGORIES, ""], read_only=True)
    zone = serializers.IntegerField(read_only=True)
    material = serializers.CharField(read_only=True)
    length = serializers.FloatField(read_only=True, allow_null=True)
    width = serializers.FloatField(read_only=True, allow_null=True)
    thickness = serializers.FloatField(read_only=True, allow_null=True)
    height = serializers.FloatField(required=False)
    quantity = serializers.IntegerField(read_only=True)
    parameters = _Parameters(read_only=True)


class ImportUpload(serializers.Serializer[Any]):
    """A file to read into designs; the setup given goes before the project's own."""

    file = serializers.FileField(max_length=255)
    ifc_parsing_setup: OfCompany[IfcParsingSetup] = OfCompany(queryset=IfcParsingSetup.objects.all(), required=False)


class ImportWarningSerializer(serializers.Serializer[Any]):
    """Something doubtful about one element of a file (about the whole file when `element` is empty)."""

    element = serializers.CharField()
    name = serializers.CharField()
    cls = serializers.CharField()
    message = serializers.CharField()


class ImportSerializer(Answered):
    """An import: poll it until `status` is done or error."""

    project = serializers.UUIDField(read_only=True)
    name = serializers.CharField(read_only=True)
    size = serializers.IntegerField(read_only=True)
    hash = serializers.CharField(read_only=True)
    status = serializers.ChoiceField(choices=ImportStatus.choices, read_only=True)
    progress = serializers.FloatField(read_only=True)
    note = serializers.CharField(read_only=True)
    warnings = ImportWarningSerializer(many=True, read_only=True)
    skipped = serializers.DictField(child=serializers.IntegerField(), read_only=True)
    assembly_designs = serializers.ListField(child=serializers.UUIDField(), read_only=True)
    changed = serializers.IntegerField(read_only=True)
    error = serializers.CharField(read_only=True)
    finished_at = serializers.DateTimeField(read_only=True, allow_null=True)
