"""Bodies and answers: projects and parsing setups."""

from typing import Any, get_args

import msgspec
from rest_framework import serializers

from fabwright.formats.ifc.setup import Field, Match, ParsingSetup
from fabwright.server.projects.models import BtlParsingSetup, IfcParsingSetup
from fabwright.server.projects.resources import NamesField, ObjectField, OfCompany
from fabwright.timber import Category

CATEGORIES = [name for name in get_args(Category) if name]
BTL_FIELDS = ["panel", "reference", "zone", "category", "material", "grade", "name"]


class Answered(serializers.Serializer[Any]):
    """What every object has."""

    uuid = serializers.UUIDField(read_only=True)
    created = serializers.DateTimeField(read_only=True)
    modified = serializers.DateTimeField(read_only=True)


class ProjectSerializer(Answered):
    """A project; `stdlib` marks a standard library."""

    name = serializers.CharField(max_length=255)
    client_name = serializers.CharField(max_length=255, required=False, allow_blank=True)
    project_number = serializers.CharField(max_length=255, required=False, allow_blank=True)
    super_project = serializers.CharField(max_length=255, required=False, allow_blank=True)
    phases = NamesField(required=False)
    ifc_parsing_setup: OfCompany[IfcParsingSetup] = OfCompany(
        queryset=IfcParsingSetup.objects.all(), required=False, allow_null=True
    )
    btl_parsing_setup: OfCompany[BtlParsingSetup] = OfCompany(
        queryset=BtlParsingSetup.objects.all(), required=False, allow_null=True
    )
    meta = ObjectField(required=False)
    start_date = serializers.DateField(required=False, allow_null=True)
    delivery_date = serializers.DateField(required=False, allow_null=True)
    archived = serializers.BooleanField(required=False)
    stdlib = serializers.BooleanField(required=False, source="is_stdlib")


class CategoryEntrySerializer(serializers.Serializer[Any]):
    """A part whose property equals (ALL) or begins with (PREFIX) the value is of this category."""

    category = serializers.ChoiceField(choices=CATEGORIES)
    property = serializers.CharField(max_length=255)
    match = serializers.ChoiceField(choices=list(get_args(Match)), default="ALL")
    value = serializers.CharField(max_length=255)


class PropertyEntrySerializer(serializers.Serializer[Any]):
    """Where a value of a part stands in the file."""

    field = serializers.ChoiceField(choices=list(get_args(Field)))
    property = serializers.CharField(max_length=255)


class IfcParsingSetupSerializer(Answered):
    """How IFC files are understood."""

    name = serializers.CharField(max_length=255)
    categories = CategoryEntrySerializer(many=True, required=False)
    properties = PropertyEntrySerializer(many=True, required=False)
    by_position = serializers.BooleanField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        entries = {name: attrs[name] for name in ("categories", "properties") if name in attrs}
        for name, value in entries.items():
            if len(value) > 1000:
                raise serializers.ValidationError({name: ["At most 1000 entries."]})
        try:
            msgspec.convert(entries, ParsingSetup)
        except msgspec.ValidationError as error:
            raise serializers.ValidationError(str(error)) from error
        return attrs


class BtlAttributeSerializer(serializers.Serializer[Any]):
    """Which user attribute of a part carries a field."""

    field = serializers.ChoiceField(choices=BTL_FIELDS)
    attribute = serializers.CharField(max_length=255)


class BtlParsingSetupSerializer(Answered):
    """Which user attributes of BTL and BTLx parts carry what we need."""

    name = serializers.CharField(max_length=255)
    attributes = BtlAttributeSerializer(many=True, required=False)

    def validate_attributes(self, value: list[dict[str, str]]) -> list[dict[str, str]]:
        incomplete = [entry for entry in value if {"field", "attribute"} - set(entry)]
        if incomplete:  # a PATCH of the setup makes its entries partial too, but an entry is replaced as a whole
            raise serializers.ValidationError("Every entry needs a field and an attribute.")
        fields = [entry["field"] for entry in value]
        if len(set(fields)) != len(fields):
            raise serializers.ValidationError("Each field may be named once.")
        return value
