"""What is noted in the workshop comes out as reports: quality control and issues."""

import io
from datetime import timedelta
from typing import Any

import pdfplumber
import pypdf
import pytest
from rest_framework.test import APIClient

from fabwright.formats.files import File
from fabwright.server.common.models import User
from fabwright.server.files.stores import store
from fabwright.server.production.models import Station
from fabwright.server.reports.jobs import make_version
from fabwright.server.reports.models import Version
from fabwright.server.reports.services import report_relaunch, reports_launch
from fabwright.server.workshop import record_selectors
from fabwright.server.workshop.models import Issue
from tests.factory_rows import Factory
from tests.making_helpers import patch, post
from tests.picture_files import picture
from tests.workshop_rows import line_of, post_photo


@pytest.fixture
def stations(factory: Factory) -> dict[str, Station]:
    return line_of(factory)


@pytest.fixture
def noted(api: APIClient, factory: Factory, stations: dict[str, Station]) -> dict[str, Any]:
    """One of two walls is framed with a photo and a remark, and has an open and a solved issue."""
    wall = str(factory.assemblies[0].pk)
    first, second = stations["Framing"].tasks.all()
    result = post(
        api, "workshop/task_results/", {"constructible": wall, "task": str(first.pk), "remark": "pressed by 2 mm"}
    )
    assert post_photo(api, picture(), task_result=result["uuid"]).status_code == 201
    post(api, "workshop/task_results/", {"constructible": wall, "task": str(second.pk)})
    torn = post(api, "workshop/issues/", {"constructible": wall, "title": "Sheet torn", "text": "lower left"})
    for label in "ab":
        assert post_photo(api, picture(label=label), issue=torn["uuid"]).status_code == 201
    jam = post(api, "workshop/issues/", {"constructible": wall, "title": "Gun jammed"})
    patch(api, f"workshop/issues/{jam['uuid']}/", {"status": "solved"})
    Issue.objects.filter(pk=torn["uuid"]).update(created=Issue.objects.get(pk=torn["uuid"]).created - timedelta(days=9))
    return torn


def made(factory: Factory, document_type: str, **meta: Any) -> Version:
    payload = factory.payload(document_type, meta=meta)
    (report,) = reports_launch(company=factory.company, user=User.objects.get(), data=[payload])
    version = Version.objects.get(report=report)
    make_version(version=str(version.pk))
    version.refresh_from_db()
    return version


def words_of(content: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).replace("\u200b", "").split())


def photos_on(file: File | bytes) -> int:
    with pdfplumber.open(io.BytesIO(file if isinstance(file, bytes) else file.content)) as pdf:
        return sum(len(page.images) for page in pdf.pages)


def test_quality_control_prints_what_was_noted_and_what_is_open(factory: Factory, noted: dict[str, Any]) -> None:
    version = made(factory, "quality_control")
    assert version.error is None
    assert version.name == "Larch house - test quality_control.pdf"
    content = store().read(version.key)
    words = words_of(content)
    for wanted in ("W01", "W02", "Check the diagonal", "pressed by 2 mm", "Nail the sheets", "1 of 3", "2 of 3"):
        assert wanted in words
    assert "nothing has been noted yet" in words, "the second wall is not on a line yet"
    assert photos_on(content) == 1


def test_issues_are_printed_with_their_age_and_photos(factory: Factory, noted: dict[str, Any]) -> None:
    version = made(factory, "issues")
    assert version.error is None
    content = store().read(version.key)
    words = words_of(content)
    assert "open for 9 d" in words
    assert "Gun jammed" in words
    assert photos_on(content) == 2
    only = made(factory, "issues", status="solved", photos=False)
    words = words_of(store().read(only.key))
    assert "Sheet torn" not in words
    assert "Gun jammed" in words


def test_the_same_launch_day_and_record_give_the_same_bytes(factory: Factory, noted: dict[str, Any]) -> None:
    version = made(factory, "issues")
    again = report_relaunch(report=version.report)
    Version.objects.filter(pk=again.pk).update(created=version.created)
    make_version(version=str(again.pk))
    again.refresh_from_db()
    assert again.sha256 == version.sha256
    later = report_relaunch(report=version.report)
    Version.objects.filter(pk=later.pk).update(created=version.created + timedelta(days=3))
    make_version(version=str(later.pk))
    later.refresh_from_db()
    assert "open for 12 d" in words_of(store().read(later.key))


def test_a_file_for_each_assembly(factory: Factory, noted: dict[str, Any]) -> None:
    version = made(factory, "quality_control", grouping="panels")
    assert version.error is None
    assert version.name.endswith(".zip")


def test_more_photos_than_a_report_can_hold_are_refused_by_name(
    factory: Factory, noted: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_selectors, "MOST_PHOTOS", 1)
    error = made(factory, "issues").error
    assert error["details"] == {"where": "meta.photos"}
    assert "2 photos" in error["message"]
    assert made(factory, "issues", photos=False).error is None


@pytest.mark.parametrize(
    ("meta", "named"),
    [
        ({"status": "lost"}, "meta.status"),
        ({"date_from": "soon"}, "meta.date_from"),
        ({"date_from": "2026-03-02", "date_to": "2026-03-01"}, "meta.date_to"),
    ],
)
def test_options_that_make_no_sense_are_refused_at_launch(
    api: APIClient, factory: Factory, meta: dict[str, Any], named: str
) -> None:
    (errors,) = post(api, "reports/bulk_launch/", [factory.payload("issues", meta=meta)], expect=400)
    assert list(errors) == [named]


def test_part_batches_have_no_quality(api: APIClient, factory: Factory) -> None:
    batch = str(factory.part_batch((factory.assemblies[0], 0)).pk)
    payload = factory.payload("quality_control", selected_assemblies=[], meta={"part_batches": [batch]})
    (errors,) = post(api, "reports/bulk_launch/", [payload], expect=400)
    assert list(errors) == ["meta.part_batches"]
