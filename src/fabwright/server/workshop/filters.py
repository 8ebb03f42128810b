"""Filters of the lists."""

import django_filters

from fabwright.server.projects.resources import FlagFilter, TimesFilter
from fabwright.server.workshop.models import IssueStatus


class _NotedFilter(TimesFilter):
    constructible = django_filters.UUIDFilter()
    project = django_filters.UUIDFilter(field_name="constructible__project")
    batch = django_filters.UUIDFilter(field_name="constructible__batch")
    station = django_filters.UUIDFilter()
    production_line = django_filters.UUIDFilter(field_name="station__line")
    username = django_filters.CharFilter()


class StationRunFilter(_NotedFilter):
    """Runs of stations."""

    ready = FlagFilter(field_name="ready_at", lookup_expr="isnull", exclude=True)


class TaskResultFilter(_NotedFilter):
    """Task results."""

    task = django_filters.UUIDFilter()
    done = FlagFilter()


class IssueFilter(_NotedFilter):
    """Issues."""

    status = django_filters.ChoiceFilter(choices=IssueStatus.choices)
    title__icontains = django_filters.CharFilter(field_name="title", lookup_expr="icontains")


class PhotoFilter(TimesFilter):
    """Photos."""

    task_result = django_filters.UUIDFilter()
    issue = django_filters.UUIDFilter()
