"""What clients write about quality and what they are shown."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct

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
    tolerance_mm: Maybe[Annotated[float, Meta(gt=0, le=1000)]] = UNSET
    minimum_coverage: Maybe[Annotated[float, Meta(gt=0, le=1)] | None] = UNSET
    materials: Maybe[list[Key]] = UNSET
    parts: Maybe[list[Key]] = UNSET


class InspectionProfile(Struct):
    """`review`: when a person must confirm the machine's verdict (NEVER still asks where the machine is in doubt).

    `tolerance_mm`: of `share_within_tolerance` and of pictures. `minimum_coverage`: nothing passes on a scan that shows
    less of the model; null = 0.85 of what is measured here. `version` counts changes. `parts`, `materials`: ids of what
    this is the usual profile of.
    """

    uuid: UUID
    title: str
    version: int
    review: Review
    criteria: list[Criterium]
    tolerance_mm: float
    minimum_coverage: float | None
    materials: list[str]
    parts: list[str]
    created: datetime
    modified: datetime


class MetrologyTemplateEntry(Entry):
    uuid: Maybe[UUID] = UNSET
    title: Maybe[Line] = UNSET


class MetrologyTemplate(Struct):
    """`id` is the same as `uuid`; `file` is the address of the plan as it was uploaded. `is_plan`: our JSON, which
    inspections measure; anything else (.xvgt) is kept as it is."""

    uuid: UUID
    id: UUID
    title: str
    is_plan: bool
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
    """`content` is a Typst document that reads the report by `json(bytes(sys.inputs.data))`; empty = built in."""

    uuid: UUID
    title: str
    content: str
    created: datetime
    modified: datetime


class PreviewEntry(Entry):
    """What to show a layout with: `content` instead of the stored one, the data of a report instead of a sample."""

    content: Maybe[Text] = UNSET
    inspection_report: Maybe[UUID | None] = UNSET


class InspectionReportEntry(Entry):
    """What a measuring machine found on the piece of a scan. `inspection_profile` absent = the default profile."""

    uuid: Maybe[UUID] = UNSET
    scan: Maybe[UUID] = UNSET
    metrics: Maybe[dict[str, float | None]] = UNSET
    metrology_data: Maybe[list[dict[str, Any]] | dict[str, Any] | None] = UNSET
    inspection_profile: Maybe[UUID | None] = UNSET


class Picture(Struct):
    """A deviation picture (PNG): from where the piece is seen, and a signed address."""

    name: str
    url: str


class InspectionReport(Struct):
    """`part` is the part's id (not a uuid). `findings`: the criteria of the profile, one by one; `reasons` in sentences
    why it did not pass or could not be judged. `profile_version`: of the profile when it judged. What was measured here
    has `pictures` and `glb` (the model coloured by deviation) at signed addresses, and more at `measurement/`.
    `source`: measured here on scanned geometry or on the photos alone, or by another machine.
    """

    uuid: UUID
    scan: UUID | None
    part: str | None
    metrics: dict[str, float | None]
    metrology_data: Any
    inspection_profile: UUID | None
    profile_version: str | None
    findings: list[Finding]
    reasons: list[str]
    pdf_url: str
    glb: str | None
    pictures: list[Picture]
    geometry_name: str | None
    source: Literal["geometry", "photos", "machine"]
    created: datetime
    modified: datetime


class Requested(Struct):
    """`inspection_report` is the uuid of the report that will appear; until then its address answers 404."""

    scan: UUID
    inspection_report: UUID
    status: Literal["waiting"] = "waiting"


class RunValue(Struct):
    """A piece in a run chart."""

    scan: UUID
    inspection_report: UUID
    at: datetime
    value: float


class Chart(Struct):
    """Individuals chart in the order of scanning: centre and control limits from the mean moving range; `outside` the
    pieces beyond them, `drifting` those that end a run of eight or more on one side (uuids of reports)."""

    centre: float
    lower: float
    upper: float
    outside: list[UUID]
    drifting: list[UUID]
    values: list[RunValue]


class MetricSummary(Struct):
    """Of one metric over pieces. `lower`, `upper`: limits of the newest profile among them. `cp`, `cpk` are null below
    five pieces, without spread or without limits; `chart` is given for metrics with limits."""

    metric: str
    description: str
    count: int
    mean: float
    sigma: float
    least: float
    greatest: float
    lower: float | None
    upper: float | None
    cp: float | None
    cpk: float | None
    chart: Chart | None


class WorstRegion(Struct):
    """A place of a model where pieces deviate one way on average. `mean_mm`, `peak_mm` of the mean map, positive is
    extra material; `share` of the surface; `place_mm` its middle and `size_mm` its box in the model's frame."""

    geometry: str
    pieces: int
    mean_mm: float
    peak_mm: float
    share: float
    place_mm: list[float]
    size_mm: list[float]


class GroupCount(Struct):
    """Verdicts of one part or batch."""

    id: str
    count: int
    passed: int
    failed: int
    needs_review: int
    not_judged: int


class Summary(Struct):
    """Of the newest pieces (at most `most`) that match the filters; `is_complete` says whether there are no more.
    `tolerance_mm` is that of the newest piece, and `share_within_tolerance` of all pieces is taken within it.
    Pieces that we could not judge are counted, but in no statistics."""

    count: int
    passed: int
    failed: int
    needs_review: int
    not_judged: int
    is_complete: bool
    profile: str | None
    tolerance_mm: float | None
    metrics: list[MetricSummary]
    worst_regions: list[WorstRegion]
    parts: list[GroupCount]
    batches: list[GroupCount]


class SettingsEntry(Entry):
    default_report_template: Maybe[UUID | None] = UNSET
    default_inspection_profile: Maybe[UUID | None] = UNSET
    recognition_target_error: Maybe[float] = UNSET


class Settings(Struct):
    """`recognition_target_error`: share of wrong automatic assignments that is accepted (0: a person confirms all)."""

    default_report_template: UUID | None
    default_inspection_profile: UUID | None
    recognition_target_error: float
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
