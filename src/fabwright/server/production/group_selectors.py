"""Reads of multipanel groups: as the API shows them, and the locked ones that reports work from."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from fabwright.server.production.group_checks import Check, Limits, PanelFigures, offsets, run_checks, total_width
from fabwright.server.production.models import MultipanelGroup, MultipanelItem, MultipanelSettings
from fabwright.server.projects.models import Project

type Row = Mapping[str, Any]

SETTINGS = (*Limits.__dataclass_fields__, "default_gap")


class PlacedPanel(NamedTuple):
    """A panel of a group: where it starts and how far it reaches along the machine, mm."""

    assembly: UUID
    figures: PanelFigures
    offset: float


class GroupState(NamedTuple):
    """A group as it stands: its panels in order, and the checks."""

    panels: list[PlacedPanel]
    checks: list[Check]
    gap: float

    @property
    def width(self) -> float | None:
        """Sum of widths and gaps, mm; None while a size is not known."""
        widths = [panel.figures.width for panel in self.panels]
        known = [width for width in widths if width is not None]
        return total_width(known, self.gap) if len(known) == len(widths) else None

    @property
    def failed(self) -> list[Check]:
        """The checks that do not hold."""
        return [check for check in self.checks if not check.passed]


def settings_row(project: Project) -> Row:
    """What a project allows its groups, as the API shows it."""
    row = MultipanelSettings.objects.filter(project=project).first() or MultipanelSettings(project=project)
    return {"project": project.pk, **{name: getattr(row, name) for name in SETTINGS}}


def group_states(groups: Iterable[MultipanelGroup]) -> dict[UUID, GroupState]:
    """Panels and checks of every group, in two queries. The groups come with their batch."""
    groups = list(groups)
    panels: dict[UUID, list[tuple[UUID, PanelFigures]]] = {group.pk: [] for group in groups}
    items = MultipanelItem.objects.filter(group__in=panels).order_by("group", "position")
    for group, assembly, name, priority, metrics in items.values_list(
        "group", "assembly", "assembly__name", "assembly__priority", "assembly__design__metrics"
    ):
        sides = (metrics.get("x"), metrics.get("y"), metrics.get("z")) if metrics else (None, None, None)
        panels[group].append((assembly, PanelFigures(name, priority, *sides)))
    limits = _limits({group.batch.project_id for group in groups})
    return {
        group.pk: _state(panels[group.pk], group.gap, limits.get(group.batch.project_id, Limits())) for group in groups
    }


def group_rows(groups: QuerySet[MultipanelGroup]) -> list[Row]:
    """Groups as the API shows them: with panels, checks and status. Three queries."""
    found = list(groups.select_related("batch"))
    states = group_states(found)
    return [_row(group, states[group.pk]) for group in found]


def locked_groups(company: UUID, assemblies: Sequence[UUID]) -> list[tuple[MultipanelGroup, GroupState]]:
    """The locked groups that any of these assemblies is in, with the whole of their panels; in the order of the
    assemblies.
    """
    items = MultipanelItem.objects.filter(
        group__company=company, group__locked_at__isnull=False, assembly__in=assemblies
    )
    group_of = dict(items.values_list("assembly", "group"))
    wanted = list(dict.fromkeys(group_of[pk] for pk in assemblies if pk in group_of))
    if not wanted:
        return []
    found = {group.pk: group for group in MultipanelGroup.objects.filter(pk__in=wanted).select_related("batch")}
    states = group_states(found.values())
    return [(found[pk], states[pk]) for pk in wanted if pk in found]


def _limits(projects: Iterable[UUID]) -> dict[UUID, Limits]:
    names = tuple(Limits.__dataclass_fields__)
    rows = MultipanelSettings.objects.filter(project__in=set(projects)).values("project", *names)
    return {row["project"]: Limits(**{name: row[name] for name in names}) for row in rows}


def _state(panels: Sequence[tuple[UUID, PanelFigures]], gap: float, limits: Limits) -> GroupState:
    starts = offsets([figures.width or 0.0 for _, figures in panels], gap)
    placed = [PlacedPanel(uuid, figures, start) for (uuid, figures), start in zip(panels, starts, strict=True)]
    return GroupState(placed, run_checks([figures for _, figures in panels], gap, limits), gap)


def _row(group: MultipanelGroup, state: GroupState) -> Row:
    return {
        "uuid": group.pk,
        "created": group.created,
        "modified": group.modified,
        "project": group.batch.project_id,
        "batch": group.batch_id,
        "name": group.name,
        "gap": group.gap,
        "assemblies": [panel.assembly for panel in state.panels],
        "panels": [
            {"assembly": panel.assembly, "offset": panel.offset, **panel.figures._asdict()} for panel in state.panels
        ],
        "width": state.width,
        "status": "invalid" if state.failed else "valid",
        "checks": [check._asdict() for check in state.checks],
        "locked": group.locked_at is not None,
        "locked_at": group.locked_at,
    }
