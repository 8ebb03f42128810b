"""Assignments: the decision which part a scan is, with copies counted and never above what is open unless forced.

Scans are locked first, then parts, each in the order of their keys: two operators who assign the last copy wait for
each other, and the second is told that nothing is open any more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from fabwright.server.catalog.models import Part
from fabwright.server.catalog.selectors import design_material
from fabwright.server.common.bulk.entries import Errors, given, read_entries, refuse
from fabwright.server.common.bulk.tables import Mode, Table, Written
from fabwright.server.common.errors import Conflict
from fabwright.server.common.models import Company
from fabwright.server.scanning.models import Scan, ScanAssignment
from fabwright.server.scanning.selectors import assigned_copies
from fabwright.server.scanning.serializers import ScanAssignmentEntry
from fabwright.server.scanning.services import tell
from fabwright.server.scanning.settling import Inspected, inspected, settle
from fabwright.server.sorting.models import Batch
from fabwright.server.sorting.outputs import Sorter

ASSIGNMENTS = Table(
    model=ScanAssignment, entry=ScanAssignmentEntry, outside="uuid", key="uuid", required=("scan", "part")
)


@dataclass(slots=True)
class _State:
    """Everything a request of assignments needs, read and locked at once."""

    existing: dict[UUID, ScanAssignment]
    scans: dict[UUID, Scan]
    parts: dict[str, Part]
    assigned: dict[tuple[int, int], int]
    members: set[tuple[int, int]]
    taken: dict[UUID, UUID]  # scan -> its assignment
    changed: list[tuple[str, Scan]] = field(default_factory=list)


@transaction.atomic
def assignments_write(
    *, company: Company, raw: list[Any], mode: Mode, many: bool, strict: bool
) -> Written[ScanAssignment]:
    """Assigns scans, reassigns them (another part) or adds copies.

    Raises:
        ValidationError: a scan or part is unknown, or the part is not in the batch of the scan.
        Conflict: the scan is assigned already or archived, or so many copies are not open. Nothing is stored.
    """
    entries, errors = read_entries(ScanAssignmentEntry, raw, strict=strict)
    values = [given(entry) if entry is not None else {} for entry in entries]
    state = _read(company, values)
    rows: list[ScanAssignment] = []
    for value, error in zip(values, errors, strict=True):
        _complete(value, state, error, mode=mode)
    refuse(errors, many=many)
    created = [value.get("uuid") not in state.existing for value in values]
    for value, error in zip(values, errors, strict=True):
        row = _decided(company, value, state, error)
        if row is not None:
            rows.append(row)
    refuse(errors, many=many)
    _store(company, rows, created, state)
    return Written(rows, created)


def _read(company: Company, values: Sequence[dict[str, Any]]) -> _State:
    """Six queries, however many entries."""
    wanted = [value["uuid"] for value in values if "uuid" in value]
    known = ScanAssignment.objects.filter(company=company, uuid__any_of=wanted)
    asked = {value["scan"] for value in values if "scan" in value} | set(known.values_list("scan_id", flat=True))
    locked = Scan.objects.select_for_update(of=("self",)).select_related("session__query__dynamic_attribute")
    scans = {scan.pk: scan for scan in locked.filter(company=company, uuid__any_of=sorted(asked)).order_by("pk")}
    # read only now that the scans are locked: another request may have changed them while this one waited
    existing = {row.uuid: row for row in ScanAssignment.objects.filter(company=company, uuid__any_of=wanted)}
    taken = dict(ScanAssignment.objects.filter(scan__in=list(scans)).values_list("scan_id", "uuid"))
    keys = {value["part"] for value in values if "part" in value} | {row.part_key for row in existing.values()}
    lines = Part.objects.select_for_update(of=("self",)).select_related("model__geometry", "material").defer("terms")
    parts = {part.key: part for part in lines.filter(company=company, key__any_of=sorted(keys)).order_by("pk")}
    batches = sorted({scan.session.batch_id for scan in scans.values() if scan.session.batch_id is not None})
    pks = sorted(part.pk for part in parts.values())
    through = Batch.members.through.objects.filter(batch__in=batches, part__in=pks)
    return _State(
        existing=existing,
        scans=scans,
        parts=parts,
        assigned=assigned_copies(batches, pks),
        members=set(through.values_list("batch_id", "part_id")),
        taken=taken,
    )


def _complete(value: dict[str, Any], state: _State, error: Errors, *, mode: Mode) -> None:
    """Fills in what an existing assignment says already, and checks that everything is there."""
    row = state.existing.get(value.get("uuid"))  # type: ignore[arg-type]
    if row is not None and mode is Mode.CREATE:
        error["uuid"] = [f"There is already an object with the uuid {row.uuid}."]
    elif row is not None:
        if value.setdefault("scan", row.scan_id) != row.scan_id:
            error["scan"] = ["The scan of an assignment cannot be changed."]
        value.setdefault("part", row.part_key)
    for name, known in (("scan", state.scans), ("part", state.parts)):
        if name in error:
            continue
        if name not in value:
            error[name] = ["This field is required."]
        elif value[name] not in known:
            error[name] = [f"There is no such object: {value[name]}."]
    if "scan" in error or "part" in error:
        return
    scan, part = state.scans[value["scan"]], state.parts[value["part"]]
    batch = scan.session.batch_id
    if batch is None:
        error["scan"] = ["The batch of this scan has been deleted."]
    elif (batch, part.pk) not in state.members and not value.get("force"):
        error["part"] = [f"{part.key} is not in the batch {scan.session.batch_key}."]


def _decided(company: Company, value: dict[str, Any], state: _State, error: Errors) -> ScanAssignment | None:
    """The assignment as it will be stored, counted into the state."""
    scan, part = state.scans[value["scan"]], state.parts[value["part"]]
    row = state.existing.get(value.get("uuid"))  # type: ignore[arg-type]
    if scan.archived:
        raise Conflict(f"The scan {scan.pk} is archived.")
    if row is None and scan.pk in state.taken:
        raise Conflict(f"The scan {scan.pk} is assigned already ({state.taken[scan.pk]}); PATCH that assignment.")
    copies = value.get("copies", row.copies if row is not None else 1)
    if copies < 1:
        error["copies"] = ["Expected 1 or more; DELETE the assignment to take it back."]
        return None
    place = (scan.session.batch_id or 0, part.pk)
    was_same = row is not None and row.part_id == part.pk
    if row is not None and row.part_id is not None:
        old = (scan.session.batch_id or 0, row.part_id)
        state.assigned[old] = state.assigned.get(old, 0) - row.copies
    before = row.copies if row is not None and was_same else 0
    if copies > before and not value.get("force"):
        _check_room(part, copies, state.assigned.get(place, 0), scan.session.batch_key)
    state.assigned[place] = state.assigned.get(place, 0) + copies
    if row is None:
        row = ScanAssignment(company=company, scan=scan, copies=0)
        row.uuid = value.get("uuid", row.uuid)
        state.changed.append(("scan.assign", scan))
    elif not was_same:
        state.changed.append(("scan.reassign", scan))
    elif copies != row.copies:
        state.changed.append(("scan.assign", scan))
    row.last_added_copies = copies - before
    row.copies, row.manual = copies, value.get("manual", True)
    row.part, row.part_key, row.part_title = part, part.key, part.title
    state.taken[scan.pk] = row.uuid
    return row


def _check_room(part: Part, copies: int, assigned: int, batch: str) -> None:
    if assigned + copies > part.copies:
        still = max(part.copies - assigned, 0)
        raise Conflict(
            f"Part {part.key} has {part.copies} copies, {assigned} of them assigned in batch {batch}: {still} open, "
            f"{copies} asked for. Send force to assign more than there are."
        )


def _store(company: Company, rows: Sequence[ScanAssignment], created: Sequence[bool], state: _State) -> None:
    from fabwright.server.quality.photographs import photos_follow
    from fabwright.server.recognition.services import confirm

    new = [row for row, is_new in zip(rows, created, strict=True) if is_new]
    old = [row for row, is_new in zip(rows, created, strict=True) if not is_new]
    ScanAssignment.objects.bulk_create(new)
    fields = ["part", "part_key", "part_title", "copies", "last_added_copies", "manual", "modified"]
    if old:
        ScanAssignment.objects.bulk_create(old, update_conflicts=True, unique_fields=["uuid"], update_fields=fields)
    confirm(assignments=[row for row in rows if row.manual])
    sorter = Sorter(company)
    marked = [state.scans[row.scan_id] for row in rows]
    reports = inspected(marked)
    judged = [scan for scan, row in zip(marked, rows, strict=True) if _mark(scan, row.part, sorter, reports)]
    save_scans(marked)
    for event in dict.fromkeys(name for name, _ in state.changed):
        scans = [scan for name, scan in state.changed if name == event]
        tell(company, event, scans)
    pieces = {scan.pk for name, scan in state.changed if name == "scan.reassign"} | {row.scan_id for row in new}
    photos_follow(company=company, assigned=[(state.scans[r.scan_id], r.part) for r in rows if r.scan_id in pieces])
    if judged:
        tell(company, "scan.quality_control", judged)


def _mark(scan: Scan, part: Part | None, sorter: Sorter, reports: Mapping[UUID, Inspected]) -> bool:
    """What follows for a scan from being this part: class, verdict, output, no longer rejected; whether the verdict
    is another one."""
    assert part is not None  # a part that is being assigned exists and is locked
    scan.design_material = design_material(part.model.geometry.sha1, part.material.key)
    scan.is_rejected, scan.reject_reason = False, ""
    is_judged_anew = settle(scan, reports)
    scan.output = sorter.choose(scan.session.query, part, quality_state(scan))
    return is_judged_anew


def quality_state(scan: Scan) -> str:
    """The state of a piece as queries speak of it."""
    if scan.qc_needs_review:
        return "review"
    return {True: "passed", False: "failed", None: ""}[scan.qc_pass]


def save_scans(scans: Sequence[Scan]) -> None:
    """Stores what assigning and judging change of scans, in one statement."""
    for scan in scans:
        scan.modified = timezone.now()
    whose = ["design_material", "output", "is_rejected", "reject_reason"]
    verdicts = ["inspection_report", "qc_machine", "qc_operator", "qc_comment", "qc_needs_review", "qc_pass"]
    Scan.objects.bulk_update(scans, [*whose, *verdicts, "modified"])


def choose_outputs(scans: Sequence[Scan]) -> None:
    """Chooses the outputs of locked scans of one company anew (their quality has changed); saves nothing."""
    if not scans:
        return
    rows = ScanAssignment.objects.filter(scan__in=scans).select_related("part")
    parts = {row.scan_id: row.part for row in rows}
    sorter = Sorter(scans[0].company)
    for scan in scans:
        part = parts.get(scan.pk)
        if part is not None:
            scan.output = sorter.choose(scan.session.query, part, quality_state(scan))


@transaction.atomic
def assignments_delete(*, company: Company, assignments: Any) -> None:
    """Takes assignments back: their copies are open again.

    Raises:
        Conflict: a scan is archived.
    """
    wanted = list(assignments.values_list("scan_id", flat=True))
    scans = list(
        Scan.objects.select_for_update(of=("self",))
        .select_related("company")
        .filter(company=company, uuid__any_of=wanted)
        .order_by("pk")
    )
    for scan in scans:
        if scan.archived:
            raise Conflict(f"The scan {scan.pk} is archived.")
    ScanAssignment.objects.filter(company=company, scan__in=scans).delete()
    reports = inspected(scans)
    judged = []
    for scan in scans:
        scan.design_material, scan.output = "", None
        if settle(scan, reports):
            judged.append(scan)
    save_scans(scans)
    tell(company, "scan.unassign", scans)
    if judged:
        tell(company, "scan.quality_control", judged)


def check_room(scan: Scan) -> None:
    """Whether the copies of an archived scan are still open, now that they are to count again; locks its part.

    Raises:
        Conflict: they are not.
    """
    row = ScanAssignment.objects.filter(scan=scan).first()
    if row is None or row.part_id is None or scan.session.batch_id is None:
        return
    part = Part.objects.select_for_update().defer("terms").get(pk=row.part_id)
    assigned = assigned_copies([scan.session.batch_id], [part.pk]).get((scan.session.batch_id, part.pk), 0)
    _check_room(part, row.copies, assigned, scan.session.batch_key)
