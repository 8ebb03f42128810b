"""The shapes of requests and answers, for the OpenAPI document. Answers are built by the selectors."""

from rest_framework import serializers

from fabwright.server.reports.kinds import kinds
from fabwright.server.reports.models import Report, Status


class VersionMetaSerializer(serializers.Serializer[object]):
    status = serializers.ChoiceField(choices=Status.choices)
    version = serializers.IntegerField()
    progress = serializers.FloatField()
    note = serializers.CharField(required=False)
    error = serializers.JSONField(required=False)


class VersionSerializer(serializers.Serializer[object]):
    uuid = serializers.UUIDField()
    created = serializers.DateTimeField()
    name = serializers.CharField()
    short_name = serializers.CharField()
    meta = VersionMetaSerializer()
    cloud_folder = serializers.CharField()
    presigned_url = serializers.CharField(allow_null=True)
    hash = serializers.CharField(allow_blank=True)


class ReportSerializer(serializers.Serializer[Report]):
    uuid = serializers.UUIDField()
    created = serializers.DateTimeField()
    modified = serializers.DateTimeField()
    name = serializers.CharField()
    username = serializers.CharField()
    document_status = serializers.ChoiceField(choices=Status.choices)
    document_type = serializers.CharField()
    project = serializers.UUIDField()
    meta = serializers.DictField()
    selected_assemblies = serializers.ListField(child=serializers.UUIDField())
    selected_assembly_designs = serializers.ListField(child=serializers.UUIDField())
    selected_modules = serializers.ListField(child=serializers.UUIDField())
    selected_module_designs = serializers.ListField(child=serializers.UUIDField())
    files = VersionSerializer(many=True)
    last_file = VersionSerializer()


class LaunchedSerializer(serializers.Serializer[object]):
    status = serializers.ChoiceField(choices=["successfully_enqueued"])
    reports = ReportSerializer(many=True)


class PayloadSerializer(serializers.Serializer[object]):
    name = serializers.CharField(max_length=255)
    document_type = serializers.ChoiceField(choices=[(name, kind.title) for name, kind in kinds().items()])
    project = serializers.UUIDField(required=False, allow_null=True)
    project_name = serializers.CharField(required=False, allow_blank=True, max_length=255)
    super_project = serializers.CharField(required=False, allow_blank=True, max_length=255)
    selected_assemblies = serializers.ListField(child=serializers.CharField(), required=False)
    selected_assembly_designs = serializers.ListField(child=serializers.CharField(), required=False)
    selected_modules = serializers.ListField(child=serializers.CharField(), required=False)
    selected_module_designs = serializers.ListField(child=serializers.CharField(), required=False)
    meta = serializers.DictField(required=False)


class DocumentTypeSerializer(serializers.Serializer[object]):
    document_type = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()
    selection = serializers.ListField(child=serializers.CharField())
    needs_production_line = serializers.BooleanField()
    needs_machine = serializers.BooleanField()
    options = serializers.DictField(help_text="JSON Schema of the options in `meta`.")
