"""`issues`: what was wrong with things to build: status, age, text, photos."""

import itertools
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from fabwright.documents.layout import Col, Cover, Group, Section, Table
from fabwright.documents.record_pages import Block, Chapter, Picture, check_file, file_of, in_cell, numbers
from fabwright.documents.records import IssueRecord, Sheet, Subject, moment
from fabwright.errors import VerificationError
from fabwright.formats.files import File


@dataclass(frozen=True)
class IssuesOptions:
    """Attributes:
    status: which issues to list.
    date_from, date_to: first and last day on which a listed issue was raised; None = no limit.
    photos: print the photos; without them the table says how many there are.
    """

    status: Literal["all", "open", "solved"] = "all"
    date_from: date | None = None
    date_to: date | None = None
    cover_page: bool = True
    photos: bool = True

    def wants(self, issue: IssueRecord) -> bool:
        """Whether this issue is to be listed."""
        day = issue.raised_at.date()
        in_time = (self.date_from is None or day >= self.date_from) and (self.date_to is None or day <= self.date_to)
        return in_time and (self.status == "all" or issue.is_open == (self.status == "open"))


def issues(sheet: Sheet, options: IssuesOptions | None = None) -> File:
    """The PDF: a cover, a list of all issues, and one after the other with text and photos. Open ones come first, the
    oldest of them first. Where there are none, it says so.
    """
    options = options or IssuesOptions()
    return file_of("issues", sheet, _cover(sheet, options), _chapters(sheet, options))


def verify_issues(file: File, sheet: Sheet, options: IssuesOptions | None = None) -> None:
    """Reads the PDF again: every issue stands there with its text and photos, and the counts are those of the records.

    Raises:
        FormatError: no PDF that can be read.
        VerificationError: something is missing or different; names it.
    """
    options = options or IssuesOptions()
    chapters = _chapters(sheet, options)
    check_file(file, sheet, _cover(sheet, options), chapters)
    count = sum(options.wants(issue) for subject in sheet.subjects for issue in subject.record.issues)
    listed = sum(len(group.rows) for table in chapters[0].section.tables for group in table.groups)
    details = sum(len(chapter.blocks) for chapter in chapters[1:])
    if not listed == details == count:
        raise VerificationError(
            f"{count} issues were expected, {listed} are listed, {details} described", where="Issues"
        )


class _Numbered(NamedTuple):
    number: int
    subject: Subject
    issue: IssueRecord
    pictures: list[Picture]


_COLUMNS = (
    Col("No.", "9mm", "right"),
    Col("Issue", "1fr", kind="strong"),
    Col("Assembly", "24mm"),
    Col("Station", "24mm"),
    Col("Raised", "27mm"),
    Col("Solved", "27mm"),
    Col("Days", "10mm", "right"),
    Col("Photos", "12mm", "right"),
)


def _numbered(sheet: Sheet, options: IssuesOptions) -> list[_Numbered]:
    found = [(subject, issue) for subject in sheet.subjects for issue in subject.record.issues if options.wants(issue)]
    found.sort(key=lambda pair: (not pair[1].is_open, pair[1].raised_at, pair[0].name, pair[1].title))
    counter = itertools.count(1)
    return [
        _Numbered(
            number,
            subject,
            issue,
            [Picture(next(counter), photo, issue.title) for photo in issue.photos] if options.photos else [],
        )
        for number, (subject, issue) in enumerate(found, 1)
    ]


def _cover(sheet: Sheet, options: IssuesOptions) -> Cover | None:
    if not options.cover_page:
        return None
    found = [one.issue for one in _numbered(sheet, options)]
    ages = [issue.age_days(sheet.as_of) for issue in found if issue.is_open]
    return Cover(
        facts=(
            ("Project", sheet.project),
            ("Part", sheet.name),
            ("Raised", _period(options)),
            ("As of", f"{sheet.as_of:%Y-%m-%d}"),
        ),
        figures=(
            (str(len(found)), "", "Issue" if len(found) == 1 else "Issues"),
            (str(len(ages)), "", "Open"),
            (str(len(found) - len(ages)), "", "Solved"),
            (str(max(ages, default=0)), "d", "Oldest open"),
        ),
    )


def _period(options: IssuesOptions) -> str:
    first, last = (f"{day:%Y-%m-%d}" if day else "" for day in (options.date_from, options.date_to))
    return f"{first} to {last}" if first and last else f"from {first}" if first else f"to {last}" if last else ""


def _chapters(sheet: Sheet, options: IssuesOptions) -> list[Chapter]:
    found = _numbered(sheet, options)
    if not found:
        return [Chapter(Section("Issues", "There are no issues to list."))]
    groups = []
    for title, wanted in (("Open", True), ("Solved", False)):
        rows = [_row(one, sheet, options) for one in found if one.issue.is_open == wanted]
        if rows:
            groups.append(Group(title, rows, note=str(len(rows))))
    note = "Days from raising to solving; of open issues to the day of this report."
    overview = Chapter(Section("Issues", note, tables=(Table(_COLUMNS, groups),)))
    return [overview, Chapter(Section("Details"), [_block(one, sheet) for one in found])]


def _row(one: _Numbered, sheet: Sheet, options: IssuesOptions) -> tuple[str, ...]:
    issue = one.issue
    return (
        str(one.number),
        in_cell(issue.title),
        one.subject.name,
        issue.station,
        moment(issue.raised_at),
        moment(issue.solved_at),
        str(issue.age_days(sheet.as_of)),
        numbers(one.pictures) if options.photos else str(len(issue.photos) or ""),
    )


def _block(one: _Numbered, sheet: Sheet) -> Block:
    issue, subject = one.issue, one.subject
    days = issue.age_days(sheet.as_of)
    return Block(
        head=f"{one.number}. {issue.title}",
        side=f"open for {days} d" if issue.is_open else f"solved after {days} d",
        facts=(
            ("Assembly", subject.name),
            ("Station", issue.station),
            ("Raised", f"{moment(issue.raised_at)} {issue.raised_by}".rstrip()),
            ("Solved", f"{moment(issue.solved_at)} {issue.solved_by}".strip()),
        ),
        texts=(("", issue.text),) if issue.text.strip() else (),
        pictures=tuple(one.pictures),
    )
