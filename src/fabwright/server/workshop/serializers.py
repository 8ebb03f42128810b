"""Bodies and answers: station runs, task results, issues, photos."""

from typing import Any

from rest_framework import serializers

from fabwright.server.production.models import Constructible, Station, Task
from fabwright.server.projects.resources import OfCompany
from fabwright.server.projects.serializers import Answered
from fabwright.server.workshop.models import Issue, IssueStatus, TaskResult


class PhotoSerializer(Answered):
    """A photo, with live signed addresses of it and of a small copy."""

    task_result = serializers.UUIDField(allow_null=True)
    issue = serializers.UUIDField(allow_null=True)
    name = serializers.CharField()
    content_type = serializers.CharField()
    size = serializers.IntegerField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    hash = serializers.CharField()
    username = serializers.CharField()
    presigned_url = serializers.CharField()
    preview_url = serializers.CharField()


class PhotoUpload(serializers.Serializer[Any]):
    """A PNG or JPEG file, of either a task result or an issue."""

    file = serializers.FileField(max_length=255)
    task_result: OfCompany[TaskResult] = OfCompany(queryset=TaskResult.objects.all(), required=False)
    issue: OfCompany[Issue] = OfCompany(queryset=Issue.objects.all(), required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("task_result" in attrs) == ("issue" in attrs):
            raise serializers.ValidationError("Give either a task_result or an issue.")
        return attrs


class _Noted(Answered):
    constructible: OfCompany[Constructible] = OfCompany(queryset=Constructible.objects.all())
    station: OfCompany[Station] = OfCompany(queryset=Station.objects.select_related("line"))
    station_name = serializers.CharField(read_only=True)
    username = serializers.CharField(read_only=True)

    def validate_constructible(self, value: Constructible) -> Constructible:
        if isinstance(self.instance, TaskResult | Issue) and value.pk != self.instance.constructible_id:
            raise serializers.ValidationError("It stays with what it was noted of.")
        return value


class StationRunSerializer(_Noted):
    """The work of a station on a thing to build. Posting it starts the station."""

    production_line = serializers.UUIDField(read_only=True, allow_null=True)
    started_at = serializers.DateTimeField(read_only=True)
    ready_at = serializers.DateTimeField(read_only=True, allow_null=True)
    ready_by = serializers.CharField(read_only=True)


class TaskResultSerializer(_Noted):
    """Whether a task of a station's checklist is done on a thing to build; a new one is done unless it says no."""

    station = serializers.UUIDField(read_only=True, allow_null=True)  # type: ignore[assignment]
    task: OfCompany[Task] = OfCompany(queryset=Task.objects.all())
    task_text = serializers.CharField(read_only=True)
    done = serializers.BooleanField(required=False)
    done_at = serializers.DateTimeField(read_only=True, allow_null=True)
    remark = serializers.CharField(max_length=10_000, required=False, allow_blank=True)
    photos = PhotoSerializer(many=True, read_only=True)

    def validate_task(self, value: Task) -> Task:
        if isinstance(self.instance, TaskResult) and value.pk != self.instance.task_id:
            raise serializers.ValidationError("It stays with its task.")
        return value


class IssueSerializer(_Noted):
    """Something that is wrong with a thing to build."""

    station: OfCompany[Station] = OfCompany(queryset=Station.objects.all(), required=False, allow_null=True)
    title = serializers.CharField(max_length=255)
    text = serializers.CharField(max_length=10_000, required=False, allow_blank=True)
    status = serializers.ChoiceField(choices=IssueStatus.choices, required=False)
    solved_at = serializers.DateTimeField(read_only=True, allow_null=True)
    solved_by = serializers.CharField(read_only=True)
    photos = PhotoSerializer(many=True, read_only=True)
