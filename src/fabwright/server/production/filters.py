"""Filters of the lists."""

import django_filters

from fabwright.server.designs.serializers import BRANCHES
from fabwright.server.production.machines import MODELS
from fabwright.server.projects.resources import FlagFilter, TimesFilter


class BatchFilter(TimesFilter):
    """Batches."""

    project = django_filters.UUIDFilter()
    phase = django_filters.CharFilter()
    name = django_filters.CharFilter()


class _ConstructibleFilter(TimesFilter):
    project = django_filters.UUIDFilter()
    batch = django_filters.UUIDFilter()
    phase = django_filters.CharFilter(field_name="batch__phase")
    name = django_filters.CharFilter()
    name__icontains = django_filters.CharFilter(field_name="name", lookup_expr="icontains")
    priority = django_filters.NumberFilter()
    production_line = django_filters.UUIDFilter()
    started = FlagFilter(field_name="started_at", lookup_expr="isnull", exclude=True)
    ready = FlagFilter(field_name="ready_at", lookup_expr="isnull", exclude=True)


class AssemblyFilter(_ConstructibleFilter):
    """Panels to build."""

    assembly_design = django_filters.UUIDFilter(field_name="design")


class ModuleFilter(_ConstructibleFilter):
    """Modules to build."""

    module_design = django_filters.UUIDFilter(field_name="design")


class PartBatchFilter(TimesFilter):
    """Part batches."""

    project = django_filters.UUIDFilter()
    name = django_filters.CharFilter()
    branch = django_filters.ChoiceFilter(choices=[(name, name) for name in BRANCHES])
    machine = django_filters.UUIDFilter()


class LineFilter(TimesFilter):
    """Production lines; `tipo` and `client_id` find lines that have it among theirs."""

    name = django_filters.CharFilter()
    tipo = django_filters.CharFilter(method="having")
    client_id = django_filters.CharFilter(field_name="client_ids", method="having")

    def having(self, queryset, name, value):  # type: ignore[no-untyped-def]
        """Lines whose list holds the value."""
        return queryset.filter(**{f"{name}__contains": [value]})


class MachineFilter(TimesFilter):
    """Machines."""

    name = django_filters.CharFilter()
    model = django_filters.ChoiceFilter(choices=[(model.key, model.title) for model in MODELS.values()])


class MultipanelGroupFilter(TimesFilter):
    """Multipanel groups; `assembly` finds the one that a panel is in."""

    project = django_filters.UUIDFilter(field_name="batch__project")
    batch = django_filters.UUIDFilter()
    name = django_filters.CharFilter()
    locked = FlagFilter(field_name="locked_at", lookup_expr="isnull", exclude=True)
    assembly = django_filters.UUIDFilter(field_name="items__assembly")
