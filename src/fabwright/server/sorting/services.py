"""Writes of sorting: batches and their states, queries, outputs."""

import contextlib
from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from fabwright.queries import QueryError, parse
from fabwright.server.catalog.models import PartAttribute
from fabwright.server.catalog.selectors import attributes_of
from fabwright.server.common.bulk.entries import Errors
from fabwright.server.common.bulk.tables import Mode, Reference, Table, Written, write
from fabwright.server.common.errors import Conflict
from fabwright.server.common.models import Company
from fabwright.server.sorting import events, selectors
from fabwright.server.sorting.models import Batch, Query, QueryCategory
from fabwright.server.sorting.serializers import BatchEntry, QueryCategoryEntry, QueryEntry

Status = Batch.Status
PROCESS_BATCH = "sorting.process_batch"
_LOOKED_AT = 500  # batches without parts, the newest, in one round
QUALITY_STATES = ("ANY", "QC Review needed", "QC Passed", "QC Failed")
"""Values of a query's `data.quality_control_status`."""


def _check_queries(company: Company, rows: Sequence[Batch | Query], errors: list[Errors]) -> None:
    attributes = attributes_of(company)
    for row, error in zip(rows, errors, strict=True):
        try:
            parse(row.query, attributes)
        except QueryError as wrong:
            error["query"] = [f"{wrong}\n{wrong.excerpt}"]
        if isinstance(row, Query):
            state = row.data.get("quality_control_status", "ANY")
            if state not in QUALITY_STATES:
                error["data"] = [f"quality_control_status: expected one of {', '.join(QUALITY_STATES)}."]


BATCHES = Table(model=Batch, entry=BatchEntry, check=_check_queries)
CATEGORIES = Table(model=QueryCategory, entry=QueryCategoryEntry)
QUERIES = Table(
    model=Query,
    entry=QueryEntry,
    references={"category": Reference(QueryCategory), "dynamic_attribute": Reference(PartAttribute)},
    check=_check_queries,
)


@transaction.atomic
def batches_write(*, company: Company, raw: list[Any], mode: Mode, many: bool, strict: bool) -> Written[Batch]:
    """Stores batches; those that are not being scanned are processed by a job."""
    written = write(BATCHES, company, raw, mode=mode, many=many, strict=strict)
    _enqueue([batch for batch in written.rows if not batch.is_frozen])
    return written


def _enqueue(batches: Sequence[Batch]) -> None:
    from fabwright.server.sorting.jobs import process_batch

    if batches:
        process_batch.batch_defer(*({"batch": batch.pk} for batch in batches))


@transaction.atomic
def batch_process(*, batch: Batch) -> Batch:
    """Has the geometries of a batch made ready by a job; does nothing for a batch that is past that."""
    batch = _locked(batch)
    if batch.status in (Status.CREATED, Status.PROCESSING, Status.READY):
        _enqueue([batch])
    return batch


def batches_with_new_parts_process() -> None:
    """Has batches processed that had no parts when they were made, and have some now."""
    waiting = Batch.objects.filter(status=Status.CREATED, is_frozen=False).select_related("company")
    jobs = ProcrastinateJob.objects.filter(task_name=PROCESS_BATCH, status__in=("todo", "doing"))
    known = {job.args["batch"] for job in jobs}
    for batch in waiting.exclude(pk__in=known).order_by("-pk")[:_LOOKED_AT]:
        with contextlib.suppress(QueryError):  # the batch itself says so, see `selectors.batches_shown`
            if selectors.parts_of(batch).exists():
                batch_process(batch=batch)


@transaction.atomic
def batch_populate(*, batch: Batch) -> Batch:
    """Asks the query anew: the members of a frozen batch become what it finds now; new geometries are processed.

    Raises:
        QueryError: the query speaks of something that is gone.
    """
    batch = _locked(batch)
    if batch.status == Status.CLOSED:
        raise Conflict(f"Batch {batch.key} is closed.")
    if batch.is_frozen:
        _fill_members(batch)
        batch.save(update_fields=["modified"])
    else:
        _enqueue([batch])
    return batch


def batches_populate(*, company: Company) -> list[Batch]:
    """Populates every batch of the company that is not closed."""
    batches = Batch.objects.filter(company=company).exclude(status=Status.CLOSED)
    return [batch_populate(batch=batch) for batch in batches]


@transaction.atomic
def batch_advance(*, batch: Batch) -> Batch:
    """Moves a batch to its next state: CREATED, PROCESSING, READY, SCANNING, SORTED, CLOSED.

    Raises:
        Conflict: it is being processed (a worker will move it), has no parts to process, or is closed.
        QueryError: its query speaks of something that is gone.
    """
    batch = _locked(batch)
    match batch.status:
        case Status.CREATED:
            if not selectors.parts_of(batch).exists():
                raise Conflict(f"Batch {batch.key} has no parts: its query finds none.")
            _enqueue([batch])
            _move(batch, Status.PROCESSING)
        case Status.PROCESSING:
            raise Conflict(f"Batch {batch.key} is being processed; it moves to READY by itself.")
        case Status.READY:
            start_scanning(batch)
        case Status.SCANNING:
            from fabwright.server.scanning.services import sessions_end

            sessions_end(batch=batch)
            _move(batch, Status.SORTED)
            _tell(batch, "batch.end")
        case Status.SORTED:
            _move(batch, Status.CLOSED)
        case _:
            raise Conflict(f"Batch {batch.key} is closed.")
    return batch


def start_scanning(batch: Batch) -> None:
    """Freezes the members of a locked batch and moves it to SCANNING, unless it is there already.

    Raises:
        Conflict: the batch has been sorted.
        QueryError: its query speaks of something that is gone.
    """
    if batch.status in (Status.SORTED, Status.CLOSED):
        raise Conflict(f"Batch {batch.key} is {batch.status}; reset it to scan again.")
    if not batch.is_frozen:
        _fill_members(batch)
        batch.is_frozen = True
    if batch.status != Status.SCANNING:
        _move(batch, Status.SCANNING)
        _tell(batch, "batch.start")


@transaction.atomic
def batch_reset(*, batch: Batch) -> Batch:
    """Takes a batch back to before scanning: its sessions end, its scans are archived and count no more, and its
    members follow the query again."""
    from fabwright.server.scanning.services import batch_scans_archive, sessions_end

    batch = _locked(batch)
    sessions_end(batch=batch)
    batch_scans_archive(batch=batch)
    batch.is_frozen = False
    batch.members.clear()
    is_processed = batch.progress >= 100
    _move(batch, Status.READY if is_processed else Status.CREATED)
    _tell(batch, "batch.reset")
    if not is_processed:
        _enqueue([batch])
    return batch


@transaction.atomic
def batch_progress(*, pk: int, progress: float) -> bool:
    """Records how far the processing of a batch is; at 100 it becomes READY.

    Returns:
        Whether the batch still waits for it.
    """
    batch = Batch.objects.select_for_update().select_related("company").filter(pk=pk).first()
    if batch is None:
        return False
    batch.progress = progress
    is_waiting = batch.status in (Status.CREATED, Status.PROCESSING)
    if is_waiting and batch.status == Status.CREATED:
        _move(batch, Status.PROCESSING)
    if is_waiting and progress >= 100:
        _move(batch, Status.READY)
    batch.save(update_fields=["progress", "modified"])
    return is_waiting


def _locked(batch: Batch) -> Batch:
    return Batch.objects.select_for_update(of=("self",)).select_related("company").get(pk=batch.pk)


def _move(batch: Batch, status: str) -> None:
    batch.status = status
    batch.save(update_fields=["status", "progress", "is_frozen", "modified"])
    _tell(batch, "batch.advance")


def _tell(batch: Batch, event: str) -> None:
    events.emit(company=batch.company, event=event, data=selectors.batches_shown(batch.company, [batch])[0])


def _fill_members(batch: Batch) -> None:
    """Makes the members exactly what the query finds now."""
    thawed = Batch(pk=batch.pk, company=batch.company, query=batch.query, is_frozen=False)
    found = selectors.members_sql(thawed, attributes_of(batch.company))
    with connection.cursor() as cursor:
        cursor.execute(
            f"""DELETE FROM sorting_batch_members WHERE batch_id = %s
                AND part_id NOT IN (SELECT id FROM catalog_part WHERE {found.text})""",
            [batch.pk, *found.values],
        )
        cursor.execute(
            f"""INSERT INTO sorting_batch_members (batch_id, part_id)
                SELECT %s, id FROM catalog_part WHERE {found.text} ON CONFLICT DO NOTHING""",
            [batch.pk, *found.values],
        )
