"""Filters of the lists."""

import django_filters

from fabwright.server.designs.models import Analysis, Category, ImportStatus
from fabwright.server.designs.serializers import BRANCHES
from fabwright.server.projects.resources import FlagFilter, TimesFilter
from fabwright.server.projects.serializers import CATEGORIES


class DesignFilter(TimesFilter):
    """Exact values of fields. With `revision` or `is_latest`, older revisions are shown as well."""

    name = django_filters.CharFilter()
    name__icontains = django_filters.CharFilter(field_name="name", lookup_expr="icontains")
    project = django_filters.UUIDFilter()
    project__name = django_filters.CharFilter()
    super_project = django_filters.CharFilter(field_name="project__super_project")
    tipo = django_filters.CharFilter()
    revision = django_filters.NumberFilter()
    is_latest = FlagFilter()
    newest = django_filters.UUIDFilter()
    from_stdlib = FlagFilter(field_name="project__is_stdlib")
    parent_designs = django_filters.UUIDFilter()
    analysis = django_filters.ChoiceFilter(choices=Analysis.choices)


class FileFilter(django_filters.FilterSet):
    """Files of a design."""

    category = django_filters.ChoiceFilter(choices=Category.choices)
    name = django_filters.CharFilter()
    revision = django_filters.NumberFilter()
    package = django_filters.CharFilter(field_name="package__name")


class PartFilter(django_filters.FilterSet):
    """Parts of a design."""

    reference = django_filters.CharFilter()
    reference__startswith = django_filters.CharFilter(field_name="reference", lookup_expr="startswith")
    branch = django_filters.ChoiceFilter(choices=[(name, name) for name in BRANCHES])
    category = django_filters.ChoiceFilter(choices=[(name, name) for name in CATEGORIES])
    zone = django_filters.NumberFilter()
    material = django_filters.CharFilter()


class ImportFilter(TimesFilter):
    """Imports of a project."""

    status = django_filters.ChoiceFilter(choices=ImportStatus.choices)
    name = django_filters.CharFilter()
