"""workshop/station_runs/, workshop/task_results/, workshop/issues/, workshop/photos/."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from fabwright.server.projects.resources import ReadRows, Row, Rows
from fabwright.server.workshop import filters, photos, selectors, serializers, services
from fabwright.server.workshop.models import Issue, Photo, StationRun, TaskResult


def _answer(view: ReadRows[Any], pk: UUID, is_new: bool) -> Response:
    return Response(view.row(pk), status=status.HTTP_201_CREATED if is_new else status.HTTP_200_OK)


class StationRunViewSet(Rows[StationRun]):
    """Stations that work, or have worked, on things to build."""

    queryset = StationRun.objects.all()
    serializer_class = serializers.StationRunSerializer
    filterset_class = filters.StationRunFilter
    ordering_fields = ("created", "modified", "started_at", "ready_at")
    http_method_names = ["get", "post", "head", "options"]

    def rows(self, queryset: QuerySet[StationRun]) -> Iterable[Row]:
        return selectors.run_rows(queryset)

    @extend_schema(responses=dict.fromkeys((200, 201), serializers.StationRunSerializer))
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Starts a station; the first one starts the thing to build. 200 when it had been started before."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        run, is_new = services.station_start(user=self.user, **serializer.validated_data)
        return _answer(self, run.pk, is_new)

    @extend_schema(request=None, filters=False)
    @action(detail=True, methods=["post"])
    def complete(self, request: Request, uuid: UUID) -> Response:
        """Notes that the station is ready; 409 names the tasks that are open."""
        return Response(self.row(services.station_complete(run=self.get_object(), user=self.user).pk))


class TaskResultViewSet(Rows[TaskResult]):
    """Tasks of checklists, done on things to build."""

    queryset = TaskResult.objects.select_related("constructible", "task")
    serializer_class = serializers.TaskResultSerializer
    filterset_class = filters.TaskResultFilter
    ordering_fields = ("created", "modified", "done_at")
    http_method_names = ["get", "post", "patch", "head", "options"]

    def rows(self, queryset: QuerySet[TaskResult]) -> Iterable[Row]:
        return selectors.result_rows(queryset, self.request.build_absolute_uri)

    @extend_schema(responses=dict.fromkeys((200, 201), serializers.TaskResultSerializer))
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Notes a task as done, or not; starts its station, and completes it with its last task. 200 when the task had
        a result before, which is changed as PATCH does it.
        """
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        result, is_new = services.task_result_put(user=self.user, **serializer.validated_data)
        return _answer(self, result.pk, is_new)

    def change(self, instance: TaskResult, fields: dict[str, Any]) -> TaskResult:
        given = {name: value for name, value in fields.items() if name in ("done", "remark")}
        return services.task_result_update(result=instance, user=self.user, **given)


class IssueViewSet(Rows[Issue]):
    """What is wrong with things to build."""

    queryset = Issue.objects.all()
    serializer_class = serializers.IssueSerializer
    filterset_class = filters.IssueFilter
    ordering_fields = ("created", "modified", "solved_at", "title", "status")

    def rows(self, queryset: QuerySet[Issue]) -> Iterable[Row]:
        return selectors.issue_rows(queryset, self.request.build_absolute_uri)

    def make(self, fields: dict[str, Any]) -> Issue:
        return services.issue_create(company=self.company, user=self.user, **fields)

    def change(self, instance: Issue, fields: dict[str, Any]) -> Issue:
        fields.pop("constructible", None)
        return services.issue_update(issue=instance, user=self.user, **fields)

    def remove(self, instance: Issue) -> None:
        instance.delete()


class PhotoViewSet(ReadRows[Photo]):
    """Photos of task results and issues, with live signed addresses."""

    queryset = Photo.objects.all()
    serializer_class = serializers.PhotoSerializer
    filterset_class = filters.PhotoFilter
    ordering_fields = ("created", "modified", "name")
    parser_classes = (MultiPartParser,)

    def rows(self, queryset: QuerySet[Photo]) -> Iterable[Row]:
        return selectors.photo_rows(queryset, self.request.build_absolute_uri)

    @extend_schema(
        request={"multipart/form-data": serializers.PhotoUpload}, responses={201: serializers.PhotoSerializer}
    )
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Uploads a photo of a task result or of an issue."""
        serializer = serializers.PhotoUpload(data=request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        given = serializer.validated_data
        of = given.get("task_result") or given["issue"]
        photo = photos.photo_add(of=of, upload=given["file"], user=self.user)
        return _answer(self, photo.pk, is_new=True)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Deletes a photo with its bytes."""
        self.get_object().delete()
        return Response(status=status.HTTP_204_NO_CONTENT)
