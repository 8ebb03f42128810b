"""Reports over HTTP."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from fabwright.server.common.views import CompanyViewSet
from fabwright.server.reports import selectors, services
from fabwright.server.reports.filters import ReportFilter
from fabwright.server.reports.models import Report
from fabwright.server.reports.serializers import (
    DocumentTypeSerializer,
    LaunchedSerializer,
    PayloadSerializer,
    ReportSerializer,
)


@extend_schema_view(
    list=extend_schema(summary="Reports, newest first", responses=ReportSerializer(many=True)),
    retrieve=extend_schema(summary="One report; reading it gives live addresses", responses=ReportSerializer),
    destroy=extend_schema(summary="Delete a report and its files", responses={204: None}),
)
class ReportViewSet(CompanyViewSet[Report]):
    """Requests for documents and machine files."""

    queryset = Report.objects.all()
    serializer_class = ReportSerializer
    filterset_class = ReportFilter
    ordering_fields = ("created", "modified", "name", "document_type", "document_status")

    def get_queryset(self) -> QuerySet[Report]:
        return super().get_queryset().prefetch_related("versions").order_by("-created", "pk")

    def answers(self, reports: Sequence[Report]) -> Any:
        """The reports as the protocol shows them, with addresses of the host that was called."""
        return selectors.answers(reports, self.request.build_absolute_uri)

    def list(self, request: Request) -> Response:
        rows = self.filter_queryset(self.get_queryset())
        page = self.paginate_queryset(rows)
        answers = self.answers(list(rows if page is None else page))
        return Response(answers) if page is None else self.get_paginated_response(answers)

    def retrieve(self, request: Request, uuid: Any) -> Response:
        return Response(self.answers([self.get_object()])[0])

    def destroy(self, request: Request, uuid: Any) -> Response:
        services.report_delete(report=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        summary="Launch reports",
        description="The whole list is checked before anything is made. A refusal answers a list as long as the "
        "request: null for a payload that was right, field -> messages for one that was not.",
        request=PayloadSerializer(many=True),
        responses={201: LaunchedSerializer, 400: OpenApiResponse(description="What is wrong with which payload.")},
        filters=False,
    )
    @action(detail=False, methods=["post"])
    def bulk_launch(self, request: Request) -> Response:
        reports = services.reports_launch(company=self.company, user=self.user, data=request.data)
        fresh = {report.pk: report for report in self.get_queryset().filter(pk__in=[one.pk for one in reports])}
        rows = self.answers([fresh[report.pk] for report in reports])
        return Response({"status": "successfully_enqueued", "reports": rows}, status=status.HTTP_201_CREATED)

    @extend_schema(
        summary="Make a report again: version N+1", request=None, responses={201: ReportSerializer}, filters=False
    )
    @action(detail=True, methods=["post"])
    def relaunch(self, request: Request, uuid: Any) -> Response:
        services.report_relaunch(report=self.get_object())
        return Response(self.answers([self.get_object()])[0], status=status.HTTP_201_CREATED)

    @extend_schema(
        summary="The document types, with what they need and their options",
        responses=DocumentTypeSerializer(many=True),
        filters=False,
    )
    @action(detail=False, methods=["get"], pagination_class=None, filterset_class=None)
    def document_types(self, request: Request) -> Response:
        self.filter_queryset(self.get_queryset().none())
        return Response(selectors.document_types())
