"""What clients write about sorting and what they are shown."""

from datetime import datetime
from typing import Any, Literal

from msgspec import UNSET, Struct

from fabwright.server.common.bulk.entries import Entry, Key, Line, Maybe, Text, Whole

Status = Literal["CREATED", "PROCESSING", "READY", "SCANNING", "SORTED", "CLOSED"]


class BatchEntry(Entry):
    id: Maybe[Key] = UNSET
    title: Maybe[Line] = UNSET
    query: Maybe[Text] = UNSET


class BatchCounts(Struct):
    """Parts and copies of the batch, copies assigned by now, scans that failed quality control."""

    parts: int = 0
    copies: int = 0
    assigned: int = 0
    failed: int = 0


class Batch(Struct):
    """`progress` in percent. `error` says why the query cannot be answered any more (an attribute is gone)."""

    id: str
    title: str
    query: str
    status: Status
    progress: float
    counts: BatchCounts
    error: str
    created: datetime
    modified: datetime


class QueryCategoryEntry(Entry):
    id: Maybe[Key] = UNSET
    title: Maybe[Line] = UNSET


class QueryCategory(Struct):
    id: str
    title: str
    created: datetime
    modified: datetime


class QueryEntry(Entry):
    id: Maybe[Key] = UNSET
    title: Maybe[Line] = UNSET
    query: Maybe[Text] = UNSET
    category: Maybe[Key | None] = UNSET
    dynamic_attribute: Maybe[Key | None] = UNSET
    data: Maybe[dict[str, Any]] = UNSET


class Query(Struct):
    id: str
    title: str
    query: str
    category: str | None
    dynamic_attribute: str | None
    data: dict[str, Any]
    created: datetime
    modified: datetime


class Target(Struct):
    """One sorting target of a query: what goes there, and the output it has by now."""

    value: str
    parts: int
    copies: int
    output: int | None


class OutputQuery(Struct):
    """A query whose pieces go to an output; of a dynamic query those with this value."""

    query: Key
    value: Line = ""


class OutputEntry(Entry):
    id: Maybe[int] = UNSET
    title: Maybe[Line] = UNSET
    order: Maybe[Whole] = UNSET
    queries: Maybe[list[OutputQuery]] = UNSET


class Output(Struct):
    id: int
    title: str
    order: int
    queries: list[OutputQuery]
    created: datetime
    modified: datetime
