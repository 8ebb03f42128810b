"""What was noted in the workshop, as the documents about it want it. Plain data, no database. Times are UTC."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PhotoRecord:
    """A photo. `preview` is the small JPEG that is printed (empty: only counted); `sha256` that of the photo itself."""

    name: str
    taken_by: str
    taken_at: datetime
    sha256: str
    preview: bytes


@dataclass(frozen=True, slots=True)
class TaskRecord:
    """A task of a checklist. `state`: done, not done (somebody said so) or open (nobody said anything)."""

    text: str
    state: str
    by: str = ""
    at: datetime | None = None
    remark: str = ""
    photos: tuple[PhotoRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class StationRecord:
    """A station of the line and its tasks; `started_at` and `ready_at` None: not yet."""

    name: str
    started_at: datetime | None = None
    started_by: str = ""
    ready_at: datetime | None = None
    ready_by: str = ""
    tasks: tuple[TaskRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class IssueRecord:
    """Something that was wrong; open until `solved_at`."""

    title: str
    text: str
    station: str
    raised_by: str
    raised_at: datetime
    solved_by: str = ""
    solved_at: datetime | None = None
    photos: tuple[PhotoRecord, ...] = ()

    @property
    def is_open(self) -> bool:
        return self.solved_at is None

    def age_days(self, as_of: datetime) -> int:
        """Days from the day it was raised to the day it was solved, else to `as_of`; never below 0."""
        return max(0, ((self.solved_at or as_of).date() - self.raised_at.date()).days)


@dataclass(frozen=True, slots=True)
class Record:
    """Everything that was noted about one thing to build."""

    line: str = ""
    started_at: datetime | None = None
    ready_at: datetime | None = None
    stations: tuple[StationRecord, ...] = ()
    issues: tuple[IssueRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """A thing to build with its record."""

    name: str
    record: Record
    design: str = ""
    batch: str = ""
    phase: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one file is about. `as_of` is printed, and ages are counted to it: documents know no clock."""

    title: str
    as_of: datetime
    subjects: tuple[Subject, ...]
    company: str = ""
    project: str = ""
    name: str = ""


def tasks_of(subject: Subject) -> list[TaskRecord]:
    """All tasks of all its stations."""
    return [task for station in subject.record.stations for task in station.tasks]


def moment(at: datetime | None) -> str:
    """A time as it is printed."""
    return f"{at:%Y-%m-%d %H:%M}" if at else ""
