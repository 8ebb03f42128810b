"""What clients write about scans and what they are shown. `ScanPayload` is the vendor's, key for key (page of 3.7)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import UNSET, Struct

from fabwright.server.common.bulk.entries import Copies, Entry, Key, Line, Maybe, Text


class Assigned(Struct):
    """The assignment inside a scan."""

    assignment: UUID
    part_id: str
    part_title: str
    copies: int
    last_added_copies: int
    manual: bool


class OutputId(Struct):
    id: int


class BatchName(Struct):
    id: str
    title: str


class ScanPayload(Struct):
    """What the events of scans carry."""

    url: str
    created: datetime
    modified: datetime
    uuid: UUID
    scan_session: UUID
    design_material: str | None
    scan_urls: list[str]
    scan_urls_full: list[str]
    assignment: Assigned | None
    output: OutputId | None
    batch: BatchName
    archived: bool
    inspectionreport: UUID | None
    qc_machine: bool | None
    qc_needs_review: bool
    qc_operator: bool | None
    qc_pass: bool | None
    qc_comment: str | None
    qc_reasons: list[str]


class Scan(ScanPayload):
    """A scan as its address shows it."""

    is_backed_up: bool
    rejected: bool
    reject_reason: str


class ScanEntry(Entry):
    """What an operator may say about a scan. Images come as files `cam01` ... of a multipart form."""

    uuid: Maybe[UUID] = UNSET
    scan_session: Maybe[UUID] = UNSET
    qc_operator: Maybe[bool | None] = UNSET
    qc_comment: Maybe[Text | None] = UNSET
    qc_reasons: Maybe[list[Key]] = UNSET


class RejectEntry(Entry):
    reason: Maybe[Line | None] = UNSET


class EvaluateEntry(Entry):
    inspection_profile: UUID


class ScanSessionEntry(Entry):
    uuid: Maybe[UUID] = UNSET
    batch: Maybe[Key] = UNSET
    query: Maybe[Key | None] = UNSET


class ScanSession(Struct):
    """`batch` is the id of the batch, `query` the id of the query that its pieces are sorted by."""

    uuid: UUID
    batch: str
    batch_title: str
    query: str | None
    is_open: bool
    ended_at: datetime | None
    created: datetime
    modified: datetime


class ScanAssignmentEntry(Entry):
    uuid: Maybe[UUID] = UNSET
    scan: Maybe[UUID] = UNSET
    part: Maybe[Key] = UNSET
    copies: Maybe[Copies] = UNSET
    manual: Maybe[bool] = UNSET
    force: Maybe[bool] = UNSET


class ScanAssignment(Struct):
    uuid: UUID
    scan: UUID
    part: str
    part_title: str
    copies: int
    last_added_copies: int
    manual: bool
    created: datetime
    modified: datetime


class Rig(Struct):
    """`rig` is rig.json; `backgrounds` the addresses of the pictures of the empty belt, by camera."""

    uuid: UUID
    revision: str
    rig: dict[str, Any]
    backgrounds: dict[str, str]
    created: datetime
    modified: datetime
