"""Writes: batches, things to build, part batches, lines, machines. Many at once are written set-based."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypedDict, Unpack
from uuid import UUID

from django.db import transaction
from django.db.models import Model
from rest_framework.exceptions import ValidationError

from fabwright.server.common.errors import Conflict
from fabwright.server.common.models import Company
from fabwright.server.designs.models import Design, Kind, Part
from fabwright.server.production.models import (
    Batch,
    Constructible,
    Machine,
    MultipanelGroup,
    PartBatch,
    PartBatchItem,
    ProductionLine,
)
from fabwright.server.projects.models import Project
from fabwright.server.projects.resources import updated
from fabwright.server.projects.services import phase_add

_ROWS = 2000
MAX_AT_ONCE = 10_000
_GONE = 'Invalid pk "{}" - object does not exist.'

type Errors = dict[str, list[str]]


class BatchFields(TypedDict, total=False):
    """What a client may say of a batch."""

    phase: str
    name: str


class MachineFields(TypedDict, total=False):
    """What a client may say of a machine."""

    name: str
    model: str
    setup: dict[str, Any]


class ConstructibleFields(TypedDict, total=False):
    """What a client may change of a thing to build."""

    batch: Batch | None
    design: Design
    name: str
    meta: dict[str, Any]
    priority: int | None
    production_line: ProductionLine | None


class PartBatchFields(TypedDict, total=False):
    """What a client may say of a part batch. `parts` are `{part, assembly}`."""

    name: str
    machine: Machine | None
    parts: list[dict[str, UUID]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Things to build: so many of a design."""

    project: UUID
    design: UUID
    batch: UUID | None = None
    name: str = ""
    quantity: int = 1
    meta: dict[str, Any] = field(default_factory=dict)
    priority: int | None = None


@transaction.atomic
def batch_create(*, company: Company, project: Project, **fields: Unpack[BatchFields]) -> Batch:
    """A new batch. A phase that the project does not have is added to the project."""
    phase_add(project=project, phase=fields.get("phase", ""))
    return Batch.objects.create(company=company, project=project, **fields)


@transaction.atomic
def batch_update(*, batch: Batch, **fields: Unpack[BatchFields]) -> Batch:
    """Changes the given fields; a phase that the project does not have is added to the project."""
    phase_add(project=batch.project, phase=fields.get("phase", ""))
    return updated(batch, fields)


def batch_delete(*, batch: Batch) -> None:
    """Deletes an empty batch.

    Raises:
        Conflict: things to build are in it.
    """
    held = batch.constructibles.count()
    if held:
        raise Conflict(f"{held} things to build are in this batch; delete or move them first.")
    batch.delete()


@transaction.atomic
def constructibles_create(
    *, company: Company, kind: Kind, wanted: Sequence[Wanted], many: bool = True
) -> list[Constructible]:
    """Things to build, in the order of the request: a fixed number of queries, whatever their number.

    Raises:
        ValidationError: an object does not exist in the company, or does not fit; nothing is made. The errors are a
            list parallel to `wanted` when `many`.
    """
    if sum(one.quantity for one in wanted) > MAX_AT_ONCE:
        raise ValidationError({"quantity": [f"At most {MAX_AT_ONCE} things to build are made at once."]})
    projects = _found(Project, company, {one.project for one in wanted})
    batches = _found(Batch, company, {one.batch for one in wanted if one.batch})
    designs = {
        row.pk: row
        for row in Design.objects.select_for_update(no_key=True, of=("self",))
        .filter(company=company, kind=kind, pk__in={one.design for one in wanted})
        .select_related("project")
        .defer("panel")
    }
    errors = [_unfit(one, kind, projects, batches, designs) for one in wanted]
    if any(errors):
        raise ValidationError(errors if many else errors[0])
    rows: list[Constructible] = []
    for one in wanted:
        name = one.name or designs[one.design].name
        for number in range(1, one.quantity + 1):
            rows.append(
                Constructible(
                    company=company,
                    kind=kind,
                    project_id=one.project,
                    batch_id=one.batch,
                    design_id=one.design,
                    name=name if one.quantity == 1 else f"{name[:240]}-{number}",
                    meta=one.meta,
                    position=len(rows),
                    priority=None if one.priority is None else one.priority + number - 1,
                )
            )
    return Constructible.objects.bulk_create(rows, batch_size=_ROWS)


def _found[M: Model](model: type[M], company: Company, keys: Iterable[UUID]) -> dict[UUID, M]:
    return {row.pk: row for row in model._default_manager.filter(company=company, pk__in=set(keys))}


def _unfit(
    one: Wanted,
    kind: Kind,
    projects: Mapping[UUID, Project],
    batches: Mapping[UUID, Batch],
    designs: Mapping[UUID, Design],
) -> Errors:
    """What is wrong with an entry, by field."""
    errors: Errors = {}
    if one.project not in projects:
        errors["project"] = [_GONE.format(one.project)]
    if one.batch and one.batch not in batches:
        errors["batch"] = [_GONE.format(one.batch)]
    elif one.batch and batches[one.batch].project_id != one.project:
        errors["batch"] = ["The batch belongs to another project."]
    design = designs.get(one.design)
    name = f"{kind.value}_design"
    if design is None:
        errors[name] = [_GONE.format(one.design)]
    elif problem := _design_problem(design, one.project):
        errors[name] = [problem]
    return errors


def _design_problem(design: Design, project: UUID) -> str:
    if not design.is_latest:
        return f"This is an older revision; the newest one is {design.newest_id}."
    if design.project_id != project and not design.project.is_stdlib:
        return "The design belongs to another project, which is no standard library."
    return ""


@transaction.atomic
def constructible_update(*, constructible: Constructible, **fields: Unpack[ConstructibleFields]) -> Constructible:
    """Changes the given fields.

    Raises:
        Conflict: it is in a locked multipanel group, which was checked with the design and priority that it has, or
            its making has started on another line.
        ValidationError: batch or design of another project.
    """
    errors: Errors = {}
    grouped = _group_of(constructible)
    if grouped and grouped.locked_at and any(_differs(constructible, fields, name) for name in ("design", "priority")):
        raise Conflict(f"It is in the locked multipanel group {grouped.name}; unlock that first.")
    if constructible.started_at and _differs(constructible, fields, "production_line"):
        raise Conflict("Its making has started; it stays on its line.")
    if grouped and _differs(constructible, fields, "batch"):
        errors["batch"] = [f"It is in the multipanel group {grouped.name} of its batch; take it out of that first."]
    batch, design = fields.get("batch"), fields.get("design")
    if batch is not None and batch.project_id != constructible.project_id:
        errors["batch"] = ["The batch belongs to another project."]
    if design is not None and design.pk != constructible.design_id:
        if problem := _design_problem(design, constructible.project_id):
            errors[f"{constructible.kind}_design"] = [problem]
        elif constructible.part_batch_items.exists():
            errors[f"{constructible.kind}_design"] = ["Pieces of it are in a part batch; delete that first."]
    if errors:
        raise ValidationError(errors)
    return updated(constructible, fields)


@transaction.atomic
def constructible_delete(*, constructible: Constructible) -> None:
    """Deletes a thing to build, with what was noted about its making.

    Raises:
        Conflict: it is in a locked multipanel group.
    """
    grouped = _group_of(constructible)
    if grouped and grouped.locked_at:
        raise Conflict(f"It is in the locked multipanel group {grouped.name}; unlock that first.")
    constructible.delete()


def _group_of(constructible: Constructible) -> MultipanelGroup | None:
    """The group it is in. From here to the end of the transaction no group takes it in or is locked with it."""
    now = Constructible.objects.select_for_update().filter(pk=constructible.pk).first()
    if now is not None:
        constructible.started_at, constructible.production_line_id = now.started_at, now.production_line_id
    return MultipanelGroup.objects.filter(items__assembly=constructible).first()


def _differs(constructible: Constructible, fields: Mapping[str, Any], name: str) -> bool:
    return name in fields and getattr(constructible, name) != fields[name]


@transaction.atomic
def part_batch_create(*, company: Company, project: Project, **fields: Unpack[PartBatchFields]) -> PartBatch:
    """A new part batch.

    Raises:
        ValidationError: see `part_batch_update`.
    """
    row = PartBatch(company=company, project=project, name=fields.get("name", ""), machine=fields.get("machine"))
    row.save(force_insert=True)
    _fill(row, fields.get("parts", []))
    return row


@transaction.atomic
def part_batch_update(*, part_batch: PartBatch, **fields: Unpack[PartBatchFields]) -> PartBatch:
    """Changes the given fields; `parts` replaces all pieces.

    Raises:
        ValidationError: a part or a thing to build does not exist in the project, a part belongs to another design
            than the thing to build, or a pair is there twice; said by place in the list.
    """
    parts = fields.pop("parts", None)
    updated(part_batch, fields)
    if parts is not None:
        part_batch.items.all().delete()
        _fill(part_batch, parts)
    return part_batch


def _fill(row: PartBatch, pairs: Sequence[Mapping[str, UUID]]) -> None:
    assemblies = dict(
        Constructible.objects.filter(project=row.project_id, pk__in={pair["assembly"] for pair in pairs})
        .select_for_update(no_key=True)
        .values_list("pk", "design")
    )
    found = Part.objects.filter(pk__in={pair["part"] for pair in pairs}, design__company=row.company_id)
    parts = {pk: (design, branch) for pk, design, branch in found.values_list("pk", "design", "branch")}
    seen: set[tuple[UUID, UUID]] = set()
    errors: list[Errors] = []
    for pair in pairs:
        errors.append(_misfit(pair["part"], pair["assembly"], parts, assemblies, seen))
        seen.add((pair["part"], pair["assembly"]))
    if any(errors):
        raise ValidationError({"parts": by_place(errors)})
    PartBatchItem.objects.bulk_create(
        [
            PartBatchItem(part_batch=row, part_id=pair["part"], assembly_id=pair["assembly"], position=position)
            for position, pair in enumerate(pairs)
        ],
        batch_size=_ROWS,
    )
    branches = {parts[pair["part"]][1] for pair in pairs}
    row.branch = branches.pop() if len(branches) == 1 else ""
    row.save(update_fields=["branch", "modified"])


def by_place(errors: Sequence[Errors]) -> dict[str, Errors]:
    """Errors of a list inside an object, as serializers say them: place in the list -> errors by field."""
    return {str(place): error for place, error in enumerate(errors) if error}


def _misfit(
    part: UUID,
    assembly: UUID,
    parts: Mapping[UUID, tuple[UUID, str]],
    assemblies: Mapping[UUID, UUID],
    seen: set[tuple[UUID, UUID]],
) -> Errors:
    if part not in parts:
        return {"part": [_GONE.format(part)]}
    if assembly not in assemblies:
        return {"assembly": [_GONE.format(assembly)]}
    if parts[part][0] != assemblies[assembly]:
        return {"part": ["The part belongs to another design than the assembly (or to an older revision of it)."]}
    if (part, assembly) in seen:
        return {"part": ["This piece is in the list twice."]}
    return {}


def machine_create(*, company: Company, **fields: Unpack[MachineFields]) -> Machine:
    """A new machine."""
    return Machine.objects.create(company=company, **fields)


def machine_update(*, machine: Machine, **fields: Unpack[MachineFields]) -> Machine:
    """Changes the given fields."""
    return updated(machine, fields)
