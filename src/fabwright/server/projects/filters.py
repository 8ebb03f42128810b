"""Filters of the lists."""

import django_filters

from fabwright.server.projects.resources import FlagFilter, TimesFilter


class ProjectFilter(TimesFilter):
    """Exact values of fields; `name__icontains` finds a part of the name."""

    name = django_filters.CharFilter()
    name__icontains = django_filters.CharFilter(field_name="name", lookup_expr="icontains")
    client_name = django_filters.CharFilter()
    project_number = django_filters.CharFilter()
    super_project = django_filters.CharFilter()
    archived = FlagFilter()
    stdlib = FlagFilter(field_name="is_stdlib")
    ifc_parsing_setup = django_filters.UUIDFilter()


class NamedFilter(TimesFilter):
    """By name."""

    name = django_filters.CharFilter()
