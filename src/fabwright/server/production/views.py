"""Addresses of what is built (batches, assemblies, modules, part batches) and where (lines, machines)."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.viewsets import ViewSet

from fabwright.server.common.filters import refuse_unknown
from fabwright.server.designs.models import Kind
from fabwright.server.production import filters, line_services, selectors, serializers, services
from fabwright.server.production.models import Batch, Constructible, Machine, PartBatch, ProductionLine
from fabwright.server.projects.resources import Row, Rows

MAX_ENTRIES = 5000


class BatchViewSet(Rows[Batch]):
    """Groups of things to build within a phase of a project."""

    queryset = Batch.objects.select_related("project")
    serializer_class = serializers.BatchSerializer
    filterset_class = filters.BatchFilter
    ordering_fields = ("created", "modified", "name", "phase")

    def rows(self, queryset: QuerySet[Batch]) -> Iterable[Row]:
        return selectors.batch_rows(queryset)

    def make(self, fields: dict[str, Any]) -> Batch:
        return services.batch_create(company=self.company, **fields)

    def change(self, instance: Batch, fields: dict[str, Any]) -> Batch:
        fields.pop("project", None)
        return services.batch_update(batch=instance, **fields)

    def remove(self, instance: Batch) -> None:
        services.batch_delete(batch=instance)


class _ConstructibleViewSet(Rows[Constructible]):
    kind: ClassVar[Kind]
    request_class: ClassVar[type[Serializer[Any]]]
    queryset = Constructible.objects.all()
    ordering_fields = ("created", "modified", "name", "priority")

    def get_queryset(self) -> QuerySet[Constructible]:
        return super().get_queryset().filter(kind=self.kind)

    def rows(self, queryset: QuerySet[Constructible]) -> Iterable[Row]:
        return selectors.constructible_rows(queryset, self.kind)

    def add(self, request: Request) -> Response:
        """Makes things to build of one entry or a list of entries."""
        many = isinstance(request.data, list)
        if many and len(request.data) > MAX_ENTRIES:
            raise ValidationError({"detail": f"At most {MAX_ENTRIES} entries are accepted at once."})
        serializer = self.request_class(data=request.data, many=many)
        if not serializer.is_valid():
            raise ValidationError(_parallel(serializer.errors, len(request.data)) if many else serializer.errors)
        entries: list[dict[str, Any]] = serializer.validated_data if many else [serializer.validated_data]
        wanted = [
            services.Wanted(
                **{name.replace(f"{self.kind.value}_design", "design"): value for name, value in one.items()}
            )
            for one in entries
        ]
        made = services.constructibles_create(company=self.company, kind=self.kind, wanted=wanted, many=many)
        rows = list(self.rows(self.get_queryset().filter(pk__in=[row.pk for row in made])))
        is_one = not many and wanted[0].quantity == 1
        return Response(rows[0] if is_one else rows, status=status.HTTP_201_CREATED)

    def change(self, instance: Constructible, fields: dict[str, Any]) -> Constructible:
        return services.constructible_update(constructible=instance, **fields)

    def remove(self, instance: Constructible) -> None:
        services.constructible_delete(constructible=instance)


def _parallel(errors: Any, length: int) -> Any:
    """Errors by place in the list as a list parallel to the request, {} for what is right."""
    if isinstance(errors, dict) and all(isinstance(place, int) for place in errors):
        return [errors.get(place, {}) for place in range(length)]
    return errors


def _one_or_many(name: str, one: type[Serializer[Any]]) -> Any:
    """The schema of one object or a list of them."""
    return PolymorphicProxySerializer(
        component_name=name, serializers=[one, one(many=True)], resource_type_field_name=None, many=False
    )


class AssemblyViewSet(_ConstructibleViewSet):
    """Panels to build."""

    kind = Kind.ASSEMBLY
    serializer_class = serializers.AssemblySerializer
    request_class = serializers.AssemblyRequest
    filterset_class = filters.AssemblyFilter

    @extend_schema(
        request=_one_or_many("AssemblyOrAssemblies", serializers.AssemblyRequest),
        responses={201: _one_or_many("Assemblies", serializers.AssemblySerializer)},
    )
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One object or a list of them. The answer is a list when a list was sent or `quantity` is more than 1."""
        return self.add(request)


class ModuleViewSet(_ConstructibleViewSet):
    """Modules to build."""

    kind = Kind.MODULE
    serializer_class = serializers.ModuleSerializer
    request_class = serializers.ModuleRequest
    filterset_class = filters.ModuleFilter

    @extend_schema(
        request=_one_or_many("ModuleOrModules", serializers.ModuleRequest),
        responses={201: _one_or_many("Modules", serializers.ModuleSerializer)},
    )
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One object or a list of them. The answer is a list when a list was sent or `quantity` is more than 1."""
        return self.add(request)


class PartBatchViewSet(Rows[PartBatch]):
    """Selections of pieces to make together."""

    queryset = PartBatch.objects.select_related("project")
    serializer_class = serializers.PartBatchSerializer
    filterset_class = filters.PartBatchFilter
    ordering_fields = ("created", "modified", "name")

    def rows(self, queryset: QuerySet[PartBatch]) -> Iterable[Row]:
        return selectors.part_batch_rows(queryset)

    def make(self, fields: dict[str, Any]) -> PartBatch:
        return services.part_batch_create(company=self.company, **fields)

    def change(self, instance: PartBatch, fields: dict[str, Any]) -> PartBatch:
        fields.pop("project", None)
        return services.part_batch_update(part_batch=instance, **fields)

    def remove(self, instance: PartBatch) -> None:
        instance.delete()


class ProductionLineViewSet(Rows[ProductionLine]):
    """Production lines with their stations and checklists."""

    queryset = ProductionLine.objects.all()
    serializer_class = serializers.ProductionLineSerializer
    filterset_class = filters.LineFilter
    ordering_fields = ("created", "modified", "name")

    def rows(self, queryset: QuerySet[ProductionLine]) -> Iterable[Row]:
        return selectors.line_rows(queryset)

    def make(self, fields: dict[str, Any]) -> ProductionLine:
        return line_services.line_create(company=self.company, **fields)

    def change(self, instance: ProductionLine, fields: dict[str, Any]) -> ProductionLine:
        return line_services.line_update(line=instance, **fields)

    def remove(self, instance: ProductionLine) -> None:
        instance.delete()


class MachineViewSet(Rows[Machine]):
    """Machines and their setups."""

    queryset = Machine.objects.all()
    serializer_class = serializers.MachineSerializer
    filterset_class = filters.MachineFilter
    ordering_fields = ("created", "modified", "name", "model")

    def rows(self, queryset: QuerySet[Machine]) -> Iterable[Row]:
        return selectors.machine_rows(queryset)

    def make(self, fields: dict[str, Any]) -> Machine:
        return services.machine_create(company=self.company, **fields)

    def change(self, instance: Machine, fields: dict[str, Any]) -> Machine:
        return services.machine_update(machine=instance, **fields)

    def remove(self, instance: Machine) -> None:
        instance.delete()


class MachineModelViewSet(ViewSet):
    """The machine models to choose from."""

    @extend_schema(responses=serializers.MachineModelSerializer(many=True))
    def list(self, request: Request) -> Response:
        """All models, and the document types that each of them reads."""
        refuse_unknown(request, set())
        return Response(selectors.machine_models())
