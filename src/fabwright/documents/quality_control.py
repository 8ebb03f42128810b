"""`quality_control`: which station did which task on what, by whom, when, with remarks and photos."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fabwright.documents.layout import Col, Cover, Group, Section, Table
from fabwright.documents.record_pages import Block, Chapter, Picture, check_file, file_of, in_cell, is_long, numbers
from fabwright.documents.records import Sheet, StationRecord, Subject, TaskRecord, moment, tasks_of
from fabwright.errors import VerificationError
from fabwright.formats.files import File


@dataclass(frozen=True)
class QualityOptions:
    """Attributes:
    photos: print the photos; without them tables say how many there are.
    open_only: leave out tasks that are done.
    """

    cover_page: bool = True
    summary: bool = True
    photos: bool = True
    open_only: bool = False


def quality_control(sheet: Sheet, options: QualityOptions | None = None) -> File:
    """The PDF: a cover, a summary, and a page or more for each thing to build."""
    options = options or QualityOptions()
    return file_of("quality_control", sheet, _cover(sheet, options), _chapters(sheet, options))


def verify_quality_control(file: File, sheet: Sheet, options: QualityOptions | None = None) -> None:
    """Reads the PDF again: everything that was noted stands there, and the sums are those of the records.

    Raises:
        FormatError: no PDF that can be read.
        VerificationError: something is missing or different; names it.
    """
    options = options or QualityOptions()
    chapters = _chapters(sheet, options)
    check_file(file, sheet, _cover(sheet, options), chapters)
    if options.summary:
        _check_sums(chapters[0].section.tables[0].total, sheet)


def _check_sums(total: Sequence[str], sheet: Sheet) -> None:
    done = sum(task.state == "done" for subject in sheet.subjects for task in tasks_of(subject))
    ready = sum(station.ready_at is not None for subject in sheet.subjects for station in subject.record.stations)
    for cell, count in ((total[4], ready), (total[5], done)):
        if int(cell.partition(" of ")[0]) != count:
            raise VerificationError(f"the summary says {cell}, the records give {count}", where="Summary")


_SUMMARY = (
    Col("Assembly", "1fr", kind="strong"),
    Col("Line", "30mm"),
    Col("Started", "29mm"),
    Col("Ready", "29mm"),
    Col("Stations", "17mm", "right"),
    Col("Tasks", "17mm", "right"),
    Col("Issues", "13mm", "right"),
    Col("Photos", "13mm", "right"),
)
_TASKS = (
    Col("State", "17mm"),
    Col("Task", "1fr", kind="strong"),
    Col("By", "24mm"),
    Col("When", "29mm"),
    Col("Remark", "1fr", kind="soft"),
    Col("Photos", "14mm", "right"),
)


def _cover(sheet: Sheet, options: QualityOptions) -> Cover | None:
    if not options.cover_page:
        return None
    tasks = [task for subject in sheet.subjects for task in tasks_of(subject)]
    done = sum(task.state == "done" for task in tasks)
    photos = sum(len(task.photos) for task in tasks)
    count = len(sheet.subjects)
    return Cover(
        facts=(("Project", sheet.project), ("Part", sheet.name), ("As of", f"{sheet.as_of:%Y-%m-%d}")),
        figures=(
            (str(count), "", "Assembly" if count == 1 else "Assemblies"),
            (str(done), f"of {len(tasks)}", "Tasks done"),
            (str(len(tasks) - done), "", "Tasks open"),
            (str(photos), "", "Photos"),
        ),
    )


def _chapters(sheet: Sheet, options: QualityOptions) -> list[Chapter]:
    counter = itertools.count(1)
    chapters = [Chapter(_summary(sheet))] if options.summary else []
    return [*chapters, *(_chapter(subject, options, counter) for subject in sheet.subjects)]


def _summary(sheet: Sheet) -> Section:
    rows = [_row(subject) for subject in sheet.subjects]
    total = ("Total", "", "", "", *_sums(sheet.subjects))
    note = "Stations ready and tasks done, of those that the line has for it; issues that are open."
    return Section("Summary", note, tables=(Table(_SUMMARY, (Group("", rows),), total=total),))


def _row(subject: Subject) -> tuple[str, ...]:
    record = subject.record
    return (
        subject.name,
        record.line,
        moment(record.started_at) or "not started",
        moment(record.ready_at),
        *_sums([subject]),
    )


def _sums(subjects: Sequence[Subject]) -> tuple[str, str, str, str]:
    stations = [station for subject in subjects for station in subject.record.stations]
    tasks = [task for subject in subjects for task in tasks_of(subject)]
    ready = sum(station.ready_at is not None for station in stations)
    done = sum(task.state == "done" for task in tasks)
    issues = sum(issue.is_open for subject in subjects for issue in subject.record.issues)
    photos = sum(len(task.photos) for task in tasks)
    return (f"{ready} of {len(stations)}", f"{done} of {len(tasks)}", str(issues or ""), str(photos or ""))


def _chapter(subject: Subject, options: QualityOptions, counter: Iterator[int]) -> Chapter:
    groups, pictures, texts = [], [], []
    for station in subject.record.stations:
        rows = []
        for task in station.tasks:
            if options.open_only and task.state == "done":
                continue
            taken = [Picture(next(counter), photo, task.text) for photo in task.photos] if options.photos else []
            pictures += taken
            rows.append(_task_row(task, taken, options))
            texts += _whole_texts(task)
        groups.append(Group(station.name or "–", rows or [_nothing(options)], note=_station_note(station)))
    about = " · ".join(filter(None, (subject.design, subject.phase, subject.batch)))
    if not groups:
        about = " · ".join(filter(None, (about, "nothing has been noted yet")))
    tables = (Table(_TASKS, groups),) if groups else ()
    blocks = (Block(texts=texts, pictures=pictures),) if texts or pictures else ()
    return Chapter(Section(subject.name, about, tables=tables), blocks)


def _nothing(options: QualityOptions) -> tuple[str, ...]:
    return ("", "no open tasks" if options.open_only else "no tasks", "", "", "", "")


def _task_row(task: TaskRecord, pictures: Sequence[Picture], options: QualityOptions) -> tuple[str, ...]:
    photos = numbers(pictures) if options.photos else str(len(task.photos) or "")
    return (task.state, in_cell(task.text), task.by, moment(task.at), in_cell(task.remark), photos)


def _whole_texts(task: TaskRecord) -> list[tuple[str, str]]:
    """What the table had to shorten."""
    texts = [("Task", task.text)] if is_long(task.text) else []
    return [*texts, (task.text, task.remark)] if is_long(task.remark) else texts


def _station_note(station: StationRecord) -> str:
    if station.started_at is None:
        return "not started"
    started = f"started {moment(station.started_at)} {station.started_by}".rstrip()
    ready = f"ready {moment(station.ready_at)} {station.ready_by}".rstrip() if station.ready_at else "not ready"
    return f"{started} · {ready}"
