"""company/projects/, company/ifc_parsing_setups/, company/btl_parsing_setups/."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from fabwright.server.projects import filters, selectors, serializers, services
from fabwright.server.projects.models import BtlParsingSetup, IfcParsingSetup, Project
from fabwright.server.projects.resources import Row, Rows


class ProjectViewSet(Rows[Project]):
    """Projects. Standard libraries are projects whose `stdlib` is true."""

    queryset = Project.objects.all()
    serializer_class = serializers.ProjectSerializer
    filterset_class = filters.ProjectFilter
    ordering_fields = ("created", "modified", "name", "project_number", "delivery_date")

    def rows(self, queryset: QuerySet[Project]) -> Iterable[Row]:
        return selectors.project_rows(queryset)

    def make(self, fields: dict[str, Any]) -> Project:
        return services.project_create(company=self.company, **fields)

    def change(self, instance: Project, fields: dict[str, Any]) -> Project:
        return services.project_update(project=instance, **fields)

    def remove(self, instance: Project) -> None:
        services.project_delete(project=instance)


class IfcParsingSetupViewSet(Rows[IfcParsingSetup]):
    """How IFC files are understood: part categories, and where values stand."""

    queryset = IfcParsingSetup.objects.all()
    serializer_class = serializers.IfcParsingSetupSerializer
    filterset_class = filters.NamedFilter
    ordering_fields = ("created", "modified", "name")

    def rows(self, queryset: QuerySet[IfcParsingSetup]) -> Iterable[Row]:
        return selectors.ifc_parsing_setup_rows(queryset)

    def make(self, fields: dict[str, Any]) -> IfcParsingSetup:
        return services.ifc_parsing_setup_create(company=self.company, **fields)

    def change(self, instance: IfcParsingSetup, fields: dict[str, Any]) -> IfcParsingSetup:
        return services.ifc_parsing_setup_update(setup=instance, **fields)

    def remove(self, instance: IfcParsingSetup) -> None:
        instance.delete()


class BtlParsingSetupViewSet(Rows[BtlParsingSetup]):
    """Which user attributes of BTL files carry what we need."""

    queryset = BtlParsingSetup.objects.all()
    serializer_class = serializers.BtlParsingSetupSerializer
    filterset_class = filters.NamedFilter
    ordering_fields = ("created", "modified", "name")

    def rows(self, queryset: QuerySet[BtlParsingSetup]) -> Iterable[Row]:
        return selectors.btl_parsing_setup_rows(queryset)

    def make(self, fields: dict[str, Any]) -> BtlParsingSetup:
        return services.btl_parsing_setup_create(company=self.company, **fields)

    def change(self, instance: BtlParsingSetup, fields: dict[str, Any]) -> BtlParsingSetup:
        return services.btl_parsing_setup_update(setup=instance, **fields)

    def remove(self, instance: BtlParsingSetup) -> None:
        instance.delete()
