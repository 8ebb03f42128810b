"""constructibles/multipanel_groups/ and constructibles/multipanel_settings/."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from fabwright.server.common.filters import refuse_unknown
from fabwright.server.common.json import JSONParser
from fabwright.server.common.views import CompanyViewSet
from fabwright.server.production import filters, group_selectors, group_serializers, group_services
from fabwright.server.production.models import MultipanelGroup
from fabwright.server.projects.models import Project
from fabwright.server.projects.resources import Row, Rows


class GroupViewSet(Rows[MultipanelGroup]):
    """Panels of one batch that go through the machine as one, with the eight checks as they stand now."""

    queryset = MultipanelGroup.objects.all()
    serializer_class = group_serializers.MultipanelGroupSerializer
    filterset_class = filters.MultipanelGroupFilter
    ordering_fields = ("created", "modified", "name")

    def rows(self, queryset: QuerySet[MultipanelGroup]) -> Iterable[Row]:
        return group_selectors.group_rows(queryset)

    def make(self, fields: dict[str, Any]) -> MultipanelGroup:
        return group_services.group_create(company=self.company, **fields)

    def change(self, instance: MultipanelGroup, fields: dict[str, Any]) -> MultipanelGroup:
        fields.pop("batch", None)
        return group_services.group_update(group=instance, **fields)

    def remove(self, instance: MultipanelGroup) -> None:
        group_services.group_delete(group=instance)

    @extend_schema(request=None, filters=False)
    @action(detail=True, methods=["post"])
    def lock(self, request: Request, uuid: UUID) -> Response:
        """Settles the group; 409 names the checks that do not hold."""
        return Response(self.row(group_services.group_lock(group=self.get_object()).pk))

    @extend_schema(request=None, filters=False)
    @action(detail=True, methods=["post"])
    def unlock(self, request: Request, uuid: UUID) -> Response:
        """Opens the group for changes."""
        return Response(self.row(group_services.group_unlock(group=self.get_object()).pk))


class SettingsViewSet(CompanyViewSet[Project]):
    """What a project allows its multipanel groups; addressed by the uuid of the project."""

    queryset = Project.objects.all()
    serializer_class = group_serializers.MultipanelSettingsSerializer
    parser_classes = (JSONParser,)

    def retrieve(self, request: Request, uuid: UUID) -> Response:
        """The limits, the defaults where none were set."""
        refuse_unknown(request, set())
        return Response(group_selectors.settings_row(self.get_object()))

    def partial_update(self, request: Request, uuid: UUID) -> Response:
        """Changes the limits that are given."""
        project = self.get_object()
        serializer = self.get_serializer(data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        group_services.settings_update(project=project, **serializer.validated_data)
        return Response(group_selectors.settings_row(project))
