"""Writes: multipanel groups and what a project allows them."""

from collections.abc import Sequence
from typing import TypedDict, Unpack
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from rest_framework.exceptions import ValidationError

from fabwright.server.common.errors import Conflict
from fabwright.server.common.models import Company
from fabwright.server.designs.models import Kind
from fabwright.server.production.group_selectors import group_states
from fabwright.server.production.models import (
    Batch,
    Constructible,
    MultipanelGroup,
    MultipanelItem,
    MultipanelSettings,
)
from fabwright.server.projects.models import Project
from fabwright.server.projects.resources import updated

_LOCKED = "The group is locked; unlock it first."


class GroupFields(TypedDict, total=False):
    """What a client may say of a group; `assemblies` are uuids in order. Without a gap: the project's."""

    name: str
    gap: float
    assemblies: list[UUID]


class SettingsFields(TypedDict, total=False):
    """What a client may say of a project's limits; lengths in mm, None: no limit."""

    minimum_height: float | None
    minimum_width: float | None
    maximum_width: float | None
    maximum_transport_width: float | None
    minimum_count: int
    maximum_count: int | None
    default_gap: float


@transaction.atomic
def settings_update(*, project: Project, **fields: Unpack[SettingsFields]) -> MultipanelSettings:
    """Changes the given limits of a project. Groups that are locked stay so; their status tells what holds no more.

    Raises:
        ValidationError: a least value above its greatest.
    """
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)  # two first changes at once make one row
    row = MultipanelSettings.objects.filter(project=project).first()
    row = row or MultipanelSettings(company_id=project.company_id, project=project)
    for name, value in fields.items():
        setattr(row, name, value)
    for least, most in (("minimum_width", "maximum_width"), ("minimum_count", "maximum_count")):
        low, high = getattr(row, least), getattr(row, most)
        if low is not None and high is not None and low > high:
            raise ValidationError({most: [f"It is below {least} ({low:g})."]})
    row.save()
    return row


@transaction.atomic
def group_create(*, company: Company, batch: Batch, **fields: Unpack[GroupFields]) -> MultipanelGroup:
    """A new group of panels of a batch.

    Raises:
        ValidationError: a panel that is not of the batch, is in another group, or is there twice.
    """
    gap = fields.get("gap")
    if gap is None:
        stored = MultipanelSettings.objects.filter(project=batch.project_id).first()
        gap = stored.default_gap if stored else 0.0
    group = MultipanelGroup.objects.create(company=company, batch=batch, name=fields.get("name", ""), gap=gap)
    _place(group, fields.get("assemblies", []))
    return group


@transaction.atomic
def group_update(*, group: MultipanelGroup, **fields: Unpack[GroupFields]) -> MultipanelGroup:
    """Changes the given fields; `assemblies` replaces all panels.

    Raises:
        Conflict: the group is locked.
        ValidationError: see `group_create`.
    """
    row = _held(group)
    if row.locked_at is not None:
        raise Conflict(_LOCKED)
    assemblies = fields.pop("assemblies", None)
    updated(row, fields)
    if assemblies is not None:
        row.items.all().delete()
        _place(row, assemblies)
    return row


@transaction.atomic
def group_delete(*, group: MultipanelGroup) -> None:
    """Deletes a group; its panels stay.

    Raises:
        Conflict: the group is locked.
    """
    if _held(group).locked_at is not None:
        raise Conflict(_LOCKED)
    group.delete()


@transaction.atomic
def group_lock(*, group: MultipanelGroup) -> MultipanelGroup:
    """Settles a group: from now on machine files and lists treat its panels as one. Locking twice changes nothing.

    Raises:
        Conflict: a check does not hold; says which and why.
    """
    row = _held(group)
    if row.locked_at is None:
        # The panels are held too, so that none of them gets another design or priority while the checks run.
        list(Constructible.objects.select_for_update(no_key=True).filter(multipanel_item__group=row).order_by("uuid"))
        failed = group_states([row])[row.pk].failed
        if failed:
            raise Conflict("The group cannot be locked. " + " ".join(check.message for check in failed))
        updated(row, {"locked_at": timezone.now()})
    return row


@transaction.atomic
def group_unlock(*, group: MultipanelGroup) -> MultipanelGroup:
    """Opens a group for changes. Unlocking twice changes nothing."""
    row = _held(group)
    return updated(row, {"locked_at": None}) if row.locked_at is not None else row


def _held(group: MultipanelGroup) -> MultipanelGroup:
    return MultipanelGroup.objects.select_for_update(of=("self",)).select_related("batch").get(pk=group.pk)


def _place(group: MultipanelGroup, assemblies: Sequence[UUID]) -> None:
    batch = dict(
        Constructible.objects.select_for_update(no_key=True)
        .filter(company=group.company_id, kind=Kind.ASSEMBLY, pk__in=assemblies)
        .order_by("uuid")
        .values_list("pk", "batch")
    )
    taken = dict(MultipanelItem.objects.filter(assembly__in=assemblies).values_list("assembly", "group__name"))
    errors: dict[str, list[str]] = {}
    for place, pk in enumerate(assemblies):
        problem = ""
        if pk not in batch:
            problem = f'Invalid pk "{pk}" - object does not exist.'
        elif pk in assemblies[:place]:
            problem = "This panel is in the list twice."
        elif batch[pk] != group.batch_id:
            problem = "The panel is in another batch."
        elif pk in taken:
            problem = f"The panel is in the group {taken[pk]} already."
        if problem:
            errors[str(place)] = [problem]
    if errors:
        raise ValidationError({"assemblies": errors})
    MultipanelItem.objects.bulk_create(
        [MultipanelItem(group=group, assembly_id=pk, position=position) for position, pk in enumerate(assemblies)]
    )
