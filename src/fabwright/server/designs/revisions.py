"""Storing what was read: panels and parts of designs, and what they were before as older revisions.

All of it is set-based: a fixed number of statements, however many designs and parts there are.
"""

import uuid
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from django.db.models import Case, UUIDField, Value, When
from django.utils import timezone

from fabwright.server.designs.models import Analysis, Design, Part
from fabwright.server.designs.reading import ReadPanel, Warnings

MAX_WARNINGS = 200  # kept with a design; an import keeps more of them
_ROWS = 2000  # per statement; bounds its memory
_PART_COLUMNS = [field.name for field in Part._meta.concrete_fields if field.name != "uuid"]
_FILLED = (
    "panel", "panel_hash", "panel_revision", "metrics", "analysis", "analysis_progress", "analysis_error",
    "analysis_warnings", "analyzed_ifc_hash", "analyzed_at", "modified",
)  # fmt: skip


type Listener = Callable[[Sequence[uuid.UUID]], None]

_listeners: list[Listener] = []


class Content(NamedTuple):
    """What a design holds from now on, the SHA-256 of the file that it was read from, and what was doubtful in it."""

    design: Design
    read: ReadPanel
    file_hash: str
    warnings: Warnings


def store_contents(contents: Sequence[Content]) -> None:
    """Gives designs their panels and parts; to be called in a transaction that has locked the designs.

    A piece that was there before (same uid, else same reference and number) keeps the uuid of its row, so that part
    batches stay valid. What a design was before goes to a row of its own.
    """
    different = [content for content in contents if content.read.digest != content.design.panel_hash]
    refilled = [content.design for content in different if content.design.panel_hash]
    old = {(part.design_id, part.source): part for part in Part.objects.filter(design__in=refilled)}
    parts: list[Part] = []
    for design, read, _, _ in different:
        for columns in read.parts:
            former_row = old.get((design.pk, columns["source"]))
            parts.append(Part(uuid=former_row.pk if former_row else uuid.uuid4(), design=design, **columns))
    kept = {row.pk for row in old.values()} & {part.pk for part in parts}
    _keep_former(refilled, list(old.values()), kept)
    Part.objects.bulk_create([part for part in parts if part.pk not in kept], batch_size=_ROWS)
    Part.objects.bulk_create(
        [part for part in parts if part.pk in kept],
        batch_size=_ROWS,
        update_conflicts=True,
        unique_fields=["uuid"],
        update_fields=_PART_COLUMNS,
    )
    _fill(contents)
    for listener in _listeners:
        listener([design.pk for design in refilled])


def on_change(listener: Listener) -> Listener:
    """Registers a function that is called, in the transaction of the change, with the designs that are not any more
    what they were. So rooms above hear of it without this one knowing them.
    """
    _listeners.append(listener)
    return listener


def _keep_former(designs: Sequence[Design], old: Sequence[Part], kept: Collection[uuid.UUID]) -> None:
    """Rows for what the designs were until now: their parts move there, those that live on are copied."""
    if not designs:
        return
    former: dict[uuid.UUID, Design] = {}
    for design in designs:
        values = {field.attname: getattr(design, field.attname) for field in Design._meta.concrete_fields}
        values |= {"uuid": uuid.uuid4(), "revision": design.panel_revision, "is_latest": False, "newest_id": design.pk}
        values |= {"analysis": Analysis.DONE, "analysis_error": "", "analysis_nonce": None}
        former[design.pk] = Design(**values)
    Design.objects.bulk_create(former.values(), batch_size=_ROWS)
    copies = []
    for part in old:
        if part.pk in kept:
            values = {field.attname: getattr(part, field.attname) for field in Part._meta.concrete_fields}
            copies.append(Part(**values | {"uuid": uuid.uuid4(), "design_id": former[part.design_id].pk}))
    Part.objects.bulk_create(copies, batch_size=_ROWS)
    moves = (When(design=pk, then=Value(row.pk)) for pk, row in former.items())
    gone = Part.objects.filter(design__in=designs).exclude(pk__in=kept)
    gone.update(design=Case(*moves, output_field=UUIDField()))


def _fill(contents: Sequence[Content]) -> None:
    now = timezone.now()
    for design, read, file_hash, warnings in contents:
        design.panel, design.panel_hash, design.panel_revision = read.panel, read.digest, design.revision
        design.metrics, design.analyzed_ifc_hash, design.analysis_warnings = (
            read.metrics,
            file_hash,
            warnings[:MAX_WARNINGS],
        )
        design.analysis, design.analysis_progress, design.analysis_error = Analysis.DONE, 100.0, ""
        design.analyzed_at = design.modified = now
    Design.objects.bulk_update([content.design for content in contents], _FILLED, batch_size=_ROWS)
