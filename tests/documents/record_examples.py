"""A small record of a workshop, with long texts, foreign signs and photos."""

from datetime import UTC, datetime, timedelta

from fabwright.documents.records import (
    IssueRecord,
    PhotoRecord,
    Record,
    Sheet,
    StationRecord,
    Subject,
    TaskRecord,
)
from tests.picture_files import picture

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LONG = "The lower edge was 4 mm too long; planed, checked again with the gauge, and oiled.\nSecond paragraph. " * 9


def photo(label: str, width: int = 320, height: int = 240) -> PhotoRecord:
    return PhotoRecord(
        name=f"{label}.jpg",
        taken_by="anna",
        taken_at=NOON + timedelta(minutes=5),
        sha256="0" * 64,
        preview=picture(width, height, label=label),
    )


def subject(name: str = "W01") -> Subject:
    framing = StationRecord(
        name="Framing",
        started_at=NOON,
        started_by="anna",
        ready_at=NOON + timedelta(hours=2),
        ready_by="joão",
        tasks=(
            TaskRecord("Check the diagonal", "done", "anna", NOON, "2 mm off, pressed", (photo(f"{name} a"),)),
            TaskRecord("Nail the studs ✓ 検査", "done", "joão", NOON + timedelta(hours=2), LONG),
        ),
    )
    sheathing = StationRecord(
        name="Sheathing",
        started_at=NOON + timedelta(hours=3),
        started_by="anna",
        tasks=(
            TaskRecord("Nail the sheets", "open"),
            TaskRecord("Tape the joints", "not done", "anna", None, "tape is missing"),
        ),
    )
    issues = (
        IssueRecord(
            "Sheet torn",
            LONG,
            "Sheathing",
            "anna",
            NOON - timedelta(days=3),
            photos=(photo(f"{name} b"), photo(f"{name} c", 200, 300)),
        ),
        IssueRecord("Nail gun jammed 🙁", "", "", "joão", NOON - timedelta(days=9), "anna", NOON - timedelta(days=2)),
    )
    stations = (framing, sheathing, StationRecord("Loading"))
    record = Record(line="Wall line", started_at=NOON, stations=stations, issues=issues)
    return Subject(name=name, record=record, design="D1", batch="Walls 1", phase="Ground floor")


def sheet(count: int = 2) -> Sheet:
    return Sheet(
        title="Quality of the walls",
        as_of=NOON + timedelta(days=1),
        subjects=tuple(subject(f"W{number:02}") for number in range(1, count + 1)),
        company="House Works",
        project="Larch house",
    )
