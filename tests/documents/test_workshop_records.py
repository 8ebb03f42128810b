"""Quality control and issues on paper: everything that was noted, read back, with every photo."""

import io
from dataclasses import replace
from datetime import date, timedelta

import pdfplumber
import pypdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from record_examples import LONG, NOON, sheet, subject

from fabwright.documents.issues import IssuesOptions, issues, verify_issues
from fabwright.documents.quality_control import QualityOptions, quality_control, verify_quality_control
from fabwright.documents.records import IssueRecord, Record, Sheet, StationRecord, Subject, TaskRecord
from fabwright.errors import FormatError, VerificationError
from fabwright.formats.files import File


def words_of(file: File) -> str:
    pages = pypdf.PdfReader(io.BytesIO(file.content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).replace("\u200b", "").split())


def photos_on(file: File) -> int:
    with pdfplumber.open(io.BytesIO(file.content)) as pdf:
        return sum(len(page.images) for page in pdf.pages)


def test_quality_says_what_was_done_by_whom_and_when() -> None:
    file = quality_control(sheet())
    verify_quality_control(file, sheet())
    words = words_of(file)
    assert file.name == "quality_control_Larch house.pdf"
    for wanted in ("2 of 6", "4 of 8", "2026-03-02 12:00", "tape is missing", "not started", "As of 2026-03-03"):
        assert wanted in words
    assert photos_on(file) == 2


def test_the_same_record_gives_the_same_bytes() -> None:
    assert quality_control(sheet()).content == quality_control(sheet()).content
    assert issues(sheet()).content == issues(sheet()).content


def test_a_text_too_long_for_a_table_stands_whole_below_it() -> None:
    words = words_of(quality_control(sheet(1)))
    assert words.count("Second paragraph.") >= LONG.count("Second paragraph.")


def test_tasks_that_are_done_can_be_left_out() -> None:
    options = QualityOptions(open_only=True, cover_page=False, photos=False)
    file = quality_control(sheet(1), options)
    verify_quality_control(file, sheet(1), options)
    words = words_of(file)
    assert "Nail the sheets" in words
    assert "Check the diagonal" not in words
    assert "no open tasks" in words
    assert photos_on(file) == 0


def test_issues_are_listed_by_status_and_age() -> None:
    file = issues(sheet())
    verify_issues(file, sheet())
    words = words_of(file)
    assert "open for 4 d" in words
    assert "solved after 7 d" in words
    assert words.index("Open") < words.index("Solved")
    assert photos_on(file) == 4


@pytest.mark.parametrize(
    ("options", "count"),
    [
        (IssuesOptions(), 4),
        (IssuesOptions(status="open"), 2),
        (IssuesOptions(status="solved", photos=False), 2),
        (IssuesOptions(date_from=date(2026, 2, 27)), 2),
        (IssuesOptions(date_to=date(2026, 2, 26)), 2),
        (IssuesOptions(date_from=date(2026, 2, 21), date_to=date(2026, 2, 21)), 2 * 1),
    ],
)
def test_issues_are_chosen_by_status_and_day(options: IssuesOptions, count: int) -> None:
    two = sheet()
    if options.date_from == date(2026, 2, 21):
        assert (NOON - timedelta(days=9)).date() == options.date_from
    file = issues(two, options)
    verify_issues(file, two, options)
    words = words_of(file)
    assert words.count("open for") + words.count("solved after") == count


def test_without_issues_the_paper_says_so() -> None:
    none = Sheet(title="t", as_of=NOON, subjects=(Subject("W01", Record()),))
    file = issues(none)
    verify_issues(file, none)
    assert "There are no issues to list." in words_of(file)


def test_a_thing_of_which_nothing_was_noted_is_there() -> None:
    none = Sheet(title="t", as_of=NOON, subjects=(Subject("W01", Record()),))
    file = quality_control(none)
    verify_quality_control(file, none)
    assert "nothing has been noted yet" in words_of(file)


def test_ages_do_not_look_at_a_clock() -> None:
    issue = IssueRecord("t", "", "", "anna", NOON)
    assert [issue.age_days(NOON + timedelta(days=days, hours=13)) for days in (0, 1, 30)] == [1, 2, 31]
    assert issue.age_days(NOON - timedelta(days=5)) == 0
    assert replace(issue, solved_at=NOON + timedelta(days=2)).age_days(NOON + timedelta(days=90)) == 2


def without_first_task(one: Sheet) -> Sheet:
    first = one.subjects[0]
    framing = replace(first.record.stations[0], tasks=first.record.stations[0].tasks[1:])
    record = replace(first.record, stations=(framing, *first.record.stations[1:]))
    return replace(one, subjects=(replace(first, record=record), *one.subjects[1:]))


def test_a_difference_between_record_and_paper_is_found() -> None:
    whole = sheet()
    with pytest.raises(VerificationError):
        verify_quality_control(quality_control(without_first_task(whole)), whole)
    with pytest.raises(VerificationError):
        verify_issues(issues(whole, IssuesOptions(status="open")), whole)
    with pytest.raises(VerificationError, match="2 photos were expected on its pages, got 0|is not in the PDF"):
        verify_quality_control(quality_control(whole, QualityOptions(photos=False)), whole)
    with pytest.raises(FormatError):
        verify_issues(File("x.pdf", b"%PDF-1.7"), whole)


def test_another_photo_in_the_place_of_one_is_found() -> None:
    right = sheet(1)
    first = right.subjects[0]
    torn = first.record.issues[0]
    other = replace(torn.photos[0], preview=torn.photos[1].preview)
    record = replace(first.record, issues=(replace(torn, photos=(other, torn.photos[1])), first.record.issues[1]))
    wrong = replace(right, subjects=(replace(first, record=record),))
    with pytest.raises(VerificationError, match="photo is not in the PDF"):
        verify_issues(issues(wrong), right)


signs = st.characters(exclude_categories=("Cs", "Cc"))
texts = st.text(signs, max_size=300) | st.sampled_from(
    ["", LONG, "#let x = 1", "*bold* $x^2$ [a] \\ @b <c>", "x" * 400]
)
names = st.text(signs, max_size=40)


@given(task=texts, remark=texts, name=names, station=names, title=names, text=texts)
@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_people_write_is_printed_and_found_again(
    task: str, remark: str, name: str, station: str, title: str, text: str
) -> None:
    done = TaskRecord(task, "done", name, NOON, remark)
    record = Record(
        started_at=NOON,
        stations=(StationRecord(station, NOON, name, None, "", (done, done)),),
        issues=(IssueRecord(title, text, station, name, NOON),),
    )
    one = Sheet(title=title, as_of=NOON, subjects=(Subject(name, record), subject()), project=station)
    verify_quality_control(quality_control(one), one)
    verify_issues(issues(one), one)
