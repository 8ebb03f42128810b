"""What clients write about quality and what they are shown."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import UNSET, Struct

from fabwright.server.common.bulk.entries import Entry, Key, Line, Maybe, Text, Whole
from fabwright.server.quality.judging import Criterium, Finding

Review = Literal["NEVER", "ON_FAIL", "ALWAYS"]


class ReasonCategoryEntry(Entry):
    id: Maybe[Key] = UNSET
    title: Maybe[Line] = UNSET
    order: Maybe[Whole | None] = UNSET


class ReasonCategory(Struct):
    id: str
    title: str
    order: int | None
    created: datetime
    modified: datetime


class ReasonEntry(Entry):
    id: Maybe[Key] = UNSET
    title: Maybe[Line] = UNSET
    category: Maybe[Key | None] = UNSET
    order: Maybe[Whole | None] = UNSET


class Reason(Struct):
    id: str
    title: str
    category: str | None
    order: int | None
    created: datetime
    modified: datetime


class InspectionProfileEntry(Entry):
    uuid: Maybe[UUID] = UNSET
    title: Maybe[Line] = UNSET
    review: Maybe[Review] = UNSET
    criteria: Maybe[list[Criterium]] = UNSET


class InspectionProfile(Struct):
    """`review`: when a person must confirm the machine's verdict."""

    uuid: UUID
    title: str
    review: Review
    criteria: list[Criterium]
    created: datetime
    modified: datetime


class MetrologyTemplateEntry(Entry):
    uuid: Maybe[UUID] = UNSET
    title: Maybe[Line] = UNSET


class MetrologyTemplate(Struct):
    """`id` is the same as `uuid`; `file` is the address of the plan as it was uploaded."""

    uuid: UUID
    id: UUID
    title: str
    file_name: str
    bytes: int
    file: str
    created: datetime
    modified: datetime


class ReportTemplateEntry(Entry):
    uuid: Maybe[UUID] = UNSET
    title: Maybe[Line] = UNSET
    content: Maybe[Text] = UNSET


class ReportTemplate(Struct):
    """`content` is a Typst document that reads the report from `sys.inputs.report` (JSON); empty = built in."""

    uuid: UUID
    title: str
    content: str
    created: datetime
    modified: datetime


class InspectionReportEntry(Entry):
    """What a measuring machine found on the piece of a scan. `inspection_profile` absent = the default profile."""

    uuid: Maybe[UUID] = UNSET
    scan: Maybe[UUID] = UNSET
    metrics: Maybe[dict[str, float | None]] = UNSET
    metrology_data: Maybe[list[dict[str, Any]] | dict[str, Any] | None] = UNSET
    inspection_profile: Maybe[UUID | None] = UNSET


class InspectionReport(Struct):
    """`part` is the part's id (not a uuid). `findings`: the criteria of the profile, one by one."""

    uuid: UUID
    scan: UUID | None
    part: str | None
    metrics: dict[str, float | None]
    metrology_data: Any
    inspection_profile: UUID | None
    findings: list[Finding]
    pdf_url: str
    created: datetime
    modified: datetime


class SettingsEntry(Entry):
    default_report_template: Maybe[UUID | None] = UNSET
    default_inspection_profile: Maybe[UUID | None] = UNSET


class Settings(Struct):
    default_report_template: UUID | None
    default_inspection_profile: UUID | None
    created: datetime
    modified: datetime


class NotificationEntry(Entry):
    id: Maybe[int] = UNSET
    title: Maybe[Line] = UNSET
    body: Maybe[Text] = UNSET
    icon: Maybe[Line] = UNSET
    auto_close: Maybe[bool] = UNSET


class Notification(Struct):
    id: int
    title: str
    body: str
    icon: str
    auto_close: bool
    created: datetime
    modified: datetime
