"""Issues and photos."""

import io
import struct
import zlib
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from PIL import Image
from rest_framework.test import APIClient

from fabwright.errors import FormatError, LimitError
from fabwright.server.common.models import Company
from fabwright.server.files.stores import store
from fabwright.server.production.models import Station
from fabwright.server.workshop import photos
from fabwright.server.workshop.pictures import MAX_PIXELS, PREVIEW_PX, read_picture
from tests.factory_rows import Factory, factory_of
from tests.making_helpers import API, get, patch, post
from tests.picture_files import picture
from tests.workshop_rows import line_of, post_photo

ISSUES = "workshop/issues"
PHOTOS = "workshop/photos"


@pytest.fixture
def factory(company: Company) -> Factory:
    return factory_of(company)


@pytest.fixture
def stations(factory: Factory) -> dict[str, Station]:
    return line_of(factory)


@pytest.fixture
def issue(api: APIClient, factory: Factory, stations: dict[str, Station]) -> dict[str, Any]:
    body = {"constructible": str(factory.assemblies[0].pk), "title": "Sheet torn", "text": "lower left corner"}
    answer: dict[str, Any] = post(api, f"{ISSUES}/", {**body, "station": str(stations["Sheathing"].pk)})
    return answer


def test_an_issue_is_raised_changed_and_solved_once(
    api: APIClient, issue: dict[str, Any], stations: dict[str, Station]
) -> None:
    address = f"{ISSUES}/{issue['uuid']}/"
    assert (issue["status"], issue["station_name"], issue["photos"]) == ("open", "Sheathing", [])
    assert issue["username"] == "user of House Works"
    assert issue == get(api, address)
    solved = patch(api, address, {"status": "solved", "text": "replaced"})
    assert (solved["status"], solved["solved_by"], solved["text"]) == ("solved", issue["username"], "replaced")
    assert patch(api, address, {"status": "solved"})["solved_at"] == solved["solved_at"]
    opened = patch(api, address, {"status": "open", "station": None})
    assert (opened["solved_at"], opened["solved_by"], opened["station_name"]) == (None, "", "")
    assert api.delete(f"{API}/{address}").status_code == 204


def test_issues_are_found(api: APIClient, factory: Factory, issue: dict[str, Any]) -> None:
    other = post(api, f"{ISSUES}/", {"constructible": str(factory.assemblies[1].pk), "title": "B", "status": "solved"})
    assert other["solved_at"]
    for query, titles in (
        ("status=open", ["Sheet torn"]),
        ("status=solved", ["B"]),
        (f"constructible={factory.assemblies[1].pk}", ["B"]),
        (f"project={factory.project.pk}", ["Sheet torn", "B"]),
        ("title__icontains=TORN", ["Sheet torn"]),
        (f"station={issue['station']}", ["Sheet torn"]),
        ("ordering=-created", ["B", "Sheet torn"]),
    ):
        assert [one["title"] for one in get(api, f"{ISSUES}/?{query}")] == titles, query
    get(api, f"{ISSUES}/?state=open", expect=400)
    get(api, f"{ISSUES}/?status=lost", expect=400)


def test_what_is_no_issue_is_refused_by_field(api: APIClient, factory: Factory, issue: dict[str, Any]) -> None:
    good = {"constructible": str(factory.assemblies[0].pk), "title": "T"}
    for wrong, named in (
        ({"constructible": str(uuid4())}, "constructible"),
        ({"station": str(uuid4())}, "station"),
        ({"title": ""}, "title"),
        ({"title": "x" * 256}, "title"),
        ({"status": "lost"}, "status"),
    ):
        assert set(post(api, f"{ISSUES}/", good | wrong, expect=400)) == {named}
    moved = {"constructible": str(factory.assemblies[1].pk)}
    assert set(patch(api, f"{ISSUES}/{issue['uuid']}/", moved, expect=400)) == {"constructible"}


def test_a_photo_is_served_by_signed_addresses_whole_and_small(api: APIClient, issue: dict[str, Any]) -> None:
    content = picture(1600, 1200)
    answer = post_photo(api, content, "IMG 1.jpeg", issue=issue["uuid"])
    assert answer.status_code == 201, answer.content
    photo = answer.json()
    assert (photo["name"], photo["width"], photo["height"], photo["size"]) == ("IMG 1.jpg", 1600, 1200, len(content))
    shown = get(api, f"{ISSUES}/{issue['uuid']}/")["photos"]
    assert [one["uuid"] for one in shown] == [photo["uuid"]]
    anybody = Client()
    whole = anybody.get(photo["presigned_url"])
    assert (b"".join(whole), whole["Content-Type"]) == (content, "image/jpeg")
    small = Image.open(io.BytesIO(b"".join(anybody.get(photo["preview_url"]))))
    assert (small.format, small.size) == ("JPEG", (PREVIEW_PX, PREVIEW_PX * 3 // 4))
    assert anybody.get(photo["presigned_url"] + "0").status_code == 403


def test_a_photo_of_a_task_result(api: APIClient, factory: Factory, stations: dict[str, Station]) -> None:
    task = str(stations["Framing"].tasks.all()[0].pk)
    result = post(api, "workshop/task_results/", {"constructible": str(factory.assemblies[0].pk), "task": task})
    assert post_photo(api, picture(kind="PNG"), "a.png", task_result=result["uuid"]).status_code == 201
    assert [one["content_type"] for one in get(api, "workshop/task_results/")[0]["photos"]] == ["image/png"]
    assert len(get(api, f"{PHOTOS}/?task_result={result['uuid']}")) == 1
    assert get(api, f"{PHOTOS}/?issue={uuid4()}") == []


def bomb() -> bytes:
    """A PNG of some hundred bytes that says it has 200 million pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 20_000, 10_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"%PDF-1.7 not a picture", "not a PNG or JPEG"),
        (b"", "empty"),
        (picture()[:2000], "damaged"),
        (picture(kind="PNG")[:900], "damaged"),
        (picture(kind="GIF"), "not a PNG or JPEG"),
        (bomb(), "pixels"),
    ],
    ids=["pdf", "empty", "half a JPEG", "half a PNG", "GIF", "200 MP"],
)
def test_what_is_no_photo_is_refused_and_not_kept(
    api: APIClient, issue: dict[str, Any], content: bytes, words: str, company: Company
) -> None:
    answer = post_photo(api, content, "a.jpg", issue=issue["uuid"])
    assert answer.status_code == 400
    assert list(answer.json()) == ["file"]
    assert words in answer.json()["file"][0]
    assert list(store().list_prefix(str(company.pk))) == []


def test_a_photo_belongs_to_exactly_one_thing_of_the_company(
    api: APIClient, client_of: Callable[[Any], APIClient], issue: dict[str, Any]
) -> None:
    assert post_photo(api, picture()).status_code == 400
    both = post_photo(api, picture(), issue=issue["uuid"], task_result=str(uuid4()))
    assert both.status_code == 400
    stranger = client_of(Company.objects.create(name="Roof Works"))
    assert list(post_photo(stranger, picture(), issue=issue["uuid"]).json()) == ["issue"]


def test_no_more_photos_than_a_report_can_show(
    api: APIClient, issue: dict[str, Any], company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photos, "MOST_PHOTOS", 1)
    assert post_photo(api, picture(), issue=issue["uuid"]).status_code == 201
    assert "At most 1" in post_photo(api, picture(), issue=issue["uuid"]).json()["file"][0]
    assert len(list(store().list_prefix(str(company.pk)))) == 2


def test_the_bytes_of_a_photo_go_with_it(
    api: APIClient,
    issue: dict[str, Any],
    company: Company,
    factory: Factory,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    kept = [post_photo(api, picture(), issue=issue["uuid"]).json()["uuid"] for _ in range(2)]
    assert len(list(store().list_prefix(str(company.pk)))) == 4
    with django_capture_on_commit_callbacks(execute=True):
        assert api.delete(f"{API}/{PHOTOS}/{kept[0]}/").status_code == 204
    assert len(list(store().list_prefix(str(company.pk)))) == 2
    with django_capture_on_commit_callbacks(execute=True):
        assert api.delete(f"{API}/constructibles/assemblies/{factory.assemblies[0].pk}/").status_code == 204
    assert list(store().list_prefix(str(company.pk))) == []


def test_a_photo_is_turned_as_it_was_taken_and_keeps_no_place_in_its_small_copy() -> None:
    image = Image.new("RGB", (400, 200), "red")
    exif = image.getexif()
    exif[0x0112] = 6  # turned by 90 degrees
    exif[0x8825] = {1: "N", 2: (50.0, 5.0, 0.0)}
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif)
    small = Image.open(io.BytesIO(read_picture(out.getvalue()).preview))
    assert small.size == (200, 400)
    assert not small.getexif()


def test_a_phone_s_jpeg_with_a_second_picture_behind_it_is_a_jpeg() -> None:
    out = io.BytesIO()
    Image.new("RGB", (80, 60), "blue").save(out, "MPO", save_all=True, append_images=[Image.new("RGB", (40, 30))])
    read = read_picture(out.getvalue())
    assert (read.content_type, read.ending, read.width, read.height) == ("image/jpeg", "jpg", 80, 60)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "I;16", "RGB", "RGBA"])
def test_pictures_of_all_kinds_of_pixels_are_made_small(mode: str) -> None:
    out = io.BytesIO()
    Image.new(mode, (1200, 30)).save(out, "PNG")
    small = Image.open(io.BytesIO(read_picture(out.getvalue()).preview))
    assert (small.mode, small.size) == ("RGB", (PREVIEW_PX, 25))


def test_pictures_with_transparency_lie_on_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(out, "PNG")
    small = Image.open(io.BytesIO(read_picture(out.getvalue()).preview))
    assert small.getpixel((25, 25)) == (255, 255, 255)


def test_limits_are_named() -> None:
    assert MAX_PIXELS < 200_000_000
    with pytest.raises(LimitError, match="50,000,000 pixels"):
        read_picture(bomb())
    with pytest.raises(FormatError):
        read_picture(b"BM" + bytes(100))
