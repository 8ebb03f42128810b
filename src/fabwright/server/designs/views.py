"""constructibles/assembly_designs/, constructibles/module_designs/, and what lies below them; a project's imports/."""

from collections.abc import Iterable
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from fabwright.server.designs import filters, imports, selectors, serializers, services
from fabwright.server.designs.models import Category, Design, File, Import, Kind, Part
from fabwright.server.designs.reading import ENDINGS
from fabwright.server.designs.uploads import check_design_file, check_import_file
from fabwright.server.projects.models import Project
from fabwright.server.projects.resources import ReadRows, Row, Rows
from fabwright.server.projects.selectors import parsing_setup, parsing_setup_of


class _DesignViewSet(Rows[Design]):
    kind: ClassVar[Kind]
    queryset = Design.objects.all()
    serializer_class = serializers.DesignSerializer
    filterset_class = filters.DesignFilter
    ordering_fields = ("created", "modified", "name", "revision")

    def get_queryset(self) -> QuerySet[Design]:
        return super().get_queryset().filter(kind=self.kind)

    def shown(self, queryset: QuerySet[Design]) -> QuerySet[Design]:
        if self.request.query_params.keys() & {"revision", "is_latest", "newest"}:
            return queryset
        return queryset.filter(is_latest=True)

    def rows(self, queryset: QuerySet[Design]) -> Iterable[Row]:
        return selectors.design_rows(queryset)

    def make(self, fields: dict[str, Any]) -> Design:
        return services.design_create(company=self.company, kind=self.kind, **fields)

    def change(self, instance: Design, fields: dict[str, Any]) -> Design:
        fields.pop("project", None)
        return services.design_update(design=instance, **fields)

    def remove(self, instance: Design) -> None:
        services.design_delete(design=instance)

    def package(self, request: Request) -> Response:
        """The package of this name, made when there is none."""
        serializer: BaseSerializer[Any] = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        design = serializer.validated_data[f"{self.kind.value}_design"]
        package, is_new = services.package_get_or_create(design=design, name=serializer.validated_data["name"])
        code = status.HTTP_201_CREATED if is_new else status.HTTP_200_OK
        return Response(selectors.package_row(package), status=code)

    @extend_schema(request=None, responses={202: serializers.DesignSerializer})
    @action(detail=True, methods=["post"], filterset_class=None)
    def analyse(self, request: Request, uuid: UUID) -> Response:
        """Reads the newest IFC again, for instance after the parsing setup was changed."""
        services.analysis_start(design=self.get_object())
        return Response(self.row(uuid), status=status.HTTP_202_ACCEPTED)


class AssemblyDesignViewSet(_DesignViewSet):
    """What panels are. Lists show the newest revisions, unless `revision` or `is_latest` is asked for."""

    kind = Kind.ASSEMBLY

    @extend_schema(
        request=serializers.AssemblyPackageRequest,
        responses=dict.fromkeys((200, 201), serializers.AssemblyPackageSerializer),
    )
    @action(detail=False, methods=["post"], serializer_class=serializers.AssemblyPackageRequest)
    def get_or_create(self, request: Request) -> Response:
        """The package ("resources") of a design that files are attached to, made when there is none."""
        return self.package(request)


class ModuleDesignViewSet(_DesignViewSet):
    """What modules are. Lists show the newest revisions, unless `revision` or `is_latest` is asked for."""

    kind = Kind.MODULE

    @extend_schema(
        request=serializers.ModulePackageRequest,
        responses=dict.fromkeys((200, 201), serializers.ModulePackageSerializer),
    )
    @action(detail=False, methods=["post"], serializer_class=serializers.ModulePackageRequest)
    def get_or_create(self, request: Request) -> Response:
        """The package ("resources") of a design that files are attached to, made when there is none."""
        return self.package(request)


class FileViewSet(ReadRows[File]):
    """Files of a design, with live signed addresses."""

    kind: Kind = Kind.ASSEMBLY
    queryset = File.objects.all()
    serializer_class = serializers.SignedFileSerializer
    filterset_class = filters.FileFilter
    ordering_fields = ("created", "name", "revision")
    parser_classes = (MultiPartParser,)

    def get_queryset(self) -> QuerySet[File]:
        queryset = super().get_queryset()
        return queryset.filter(package__design=self.design.pk) if "design" in self.kwargs else queryset

    @property
    def design(self) -> Design:
        """The design in the address.

        Raises:
            Http404: the company has none of this uuid and kind.
        """
        return get_object_or_404(Design, pk=self.kwargs["design"], company=self.company, kind=self.kind)

    def rows(self, queryset: QuerySet[File]) -> Iterable[Row]:
        return selectors.file_rows(queryset, self.request.build_absolute_uri)

    @extend_schema(
        request={"multipart/form-data": serializers.UploadSerializer},
        responses=dict.fromkeys((200, 201), serializers.SignedFileSerializer),
    )
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Uploads a file. An IFC makes a new revision (the first one does not) and starts the analysis; the same IFC
        once more changes nothing and is answered with 200.
        """
        design = self.design
        serializer = serializers.UploadSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        fields = serializer.validated_data
        category = Category(fields["category"])
        checked = check_design_file(fields["file"], category)
        file, is_new = services.file_add(
            design=design, category=category, file=checked, package=fields.get("package", services.RESOURCES)
        )
        return Response(self.row(file.pk), status=status.HTTP_201_CREATED if is_new else status.HTTP_200_OK)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        services.file_delete(file=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)


class PartViewSet(ReadRows[Part]):
    """The parts of a design, in the order of the panel: members, boards, fasteners."""

    kind: Kind = Kind.ASSEMBLY
    queryset = Part.objects.all()
    serializer_class = serializers.PartSerializer
    filterset_class = filters.PartFilter
    ordering_fields = ("position", "reference", "length", "zone", "material")

    def get_queryset(self) -> QuerySet[Part]:
        if getattr(self, "swagger_fake_view", False):
            return Part.objects.none()
        design = get_object_or_404(Design, pk=self.kwargs["design"], company=self.company, kind=self.kind)
        return Part.objects.filter(design=design).order_by("position")

    def rows(self, queryset: QuerySet[Part]) -> Iterable[Row]:
        return selectors.part_rows(queryset)


class ImportViewSet(ReadRows[Import]):
    """Imports of a project: files that are read into designs."""

    queryset = Import.objects.all()
    serializer_class = serializers.ImportSerializer
    filterset_class = filters.ImportFilter
    ordering_fields = ("created", "modified", "name")
    parser_classes = (MultiPartParser,)

    def get_queryset(self) -> QuerySet[Import]:
        queryset = super().get_queryset()
        return queryset.filter(project=self.project.pk) if "project" in self.kwargs else queryset

    @property
    def project(self) -> Project:
        """The project in the address.

        Raises:
            Http404: the company has none of this uuid.
        """
        return get_object_or_404(
            Project.objects.select_related("ifc_parsing_setup"), pk=self.kwargs["project"], company=self.company
        )

    def rows(self, queryset: QuerySet[Import]) -> Iterable[Row]:
        return selectors.import_rows(queryset)

    @extend_schema(
        request={"multipart/form-data": serializers.ImportUpload}, responses={202: serializers.ImportSerializer}
    )
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Stores a file and reads it in the background; poll the answer's uuid until `status` is done or error."""
        project = self.project
        serializer = serializers.ImportUpload(data=request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        asked = serializer.validated_data.get("ifc_parsing_setup")
        row = imports.import_create(
            project=project,
            file=check_import_file(serializer.validated_data["file"], ENDINGS),
            setup=parsing_setup(asked) if asked else parsing_setup_of(project),
        )
        return Response(self.row(row.pk), status=status.HTTP_202_ACCEPTED)
