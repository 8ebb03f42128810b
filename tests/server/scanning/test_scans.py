"""Scans: pictures checked and kept, shown as the vendor shows them, archived and backed up."""

import io
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from fabwright.server.common.models import Company
from fabwright.server.scanning.jobs import back_up, make_previews
from fabwright.server.scanning.models import Scan, ScanImage
from fabwright.server.scanning.serializers import Assigned, ScanPayload
from tests.server.checking import Api, file, picture

# The keys of the example on the vendor's page of version 3.7, with `archived`, which its list of changes shows.
VENDOR_KEYS = [
    "url", "created", "modified", "uuid", "scan_session", "design_material", "scan_urls", "scan_urls_full",
    "assignment", "output", "batch", "archived", "inspectionreport", "qc_machine", "qc_needs_review", "qc_operator",
    "qc_pass", "qc_comment", "qc_reasons",
]  # fmt: skip
VENDOR_ASSIGNMENT_KEYS = ["assignment", "part_id", "part_title", "copies", "last_added_copies", "manual"]


@pytest.fixture
def tray(api: Api) -> Api:
    api.tray(api.part("bus", copies=5), api.part("vase", copies=3))
    return api


def test_the_payload_has_the_vendors_keys() -> None:
    assert list(ScanPayload.__struct_fields__) == VENDOR_KEYS
    assert list(Assigned.__struct_fields__) == VENDOR_ASSIGNMENT_KEYS


def test_a_capture_is_shown_and_told(tray: Api) -> None:
    session = tray.session()
    uuid = tray.scan(session, cameras=5)
    shown = tray.get(f"scan/{uuid}/")
    assert shown["url"] == f"/api/scan/{uuid}/"
    assert shown["scan_urls"] == [f"/data/scans/{uuid}/scan_cam{camera:02d}.png" for camera in range(1, 6)]
    assert shown["scan_urls_full"] == [f"/api/scan/{uuid}/full_image/{number}/" for number in range(1, 6)]
    assert (shown["batch"], shown["scan_session"]) == ({"id": "240", "title": "Tray"}, session)
    assert shown["assignment"] is shown["output"] is shown["design_material"] is shown["qc_pass"] is None
    assert (shown["is_backed_up"], shown["archived"], shown["qc_reasons"]) == (False, False, [])
    (told,) = tray.told("scan.capture")
    assert told == {name: shown[name] for name in VENDOR_KEYS}


def test_pictures_come_back_small_and_whole(tray: Api) -> None:
    session = tray.session()
    big = picture(1600, 1200, "JPEG")
    uuid = tray.post("scan/", {"scan_session": session, "cam01": file("a.jpg", big)}, form=True)["uuid"]
    shown = tray.get(f"scan/{uuid}/")
    assert tray.client.get(shown["scan_urls"][0]).content == big  # until the small one is made
    make_previews.func(scan=uuid)
    small = tray.client.get(shown["scan_urls"][0])
    assert small["Content-Type"] == "image/png"
    assert Image.open(io.BytesIO(small.content)).size == (800, 600)
    whole = tray.client.get(shown["scan_urls_full"][0])
    assert (whole["Content-Type"], whole.content) == ("image/jpeg", big)
    assert tray.client.get(f"/api/scan/{uuid}/full_image/2/").status_code == 404


def huge_png() -> bytes:
    """A PNG that says it has 200 million pixels, in a few bytes."""
    data = bytearray(picture())
    data[16:24] = (20_000).to_bytes(4) + (10_000).to_bytes(4)
    data[29:33] = zlib.crc32(bytes(data[12:29])).to_bytes(4)
    return bytes(data)


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("cam01", huge_png(), "50,000,000 pixels"),
        ("cam01", b"no picture", "Not a PNG or JPEG"),
        ("cam01", picture()[:60], "Not a PNG or JPEG"),
        ("cam01", picture(kind="JPEG")[:-40], "runcated"),
        ("cam01", picture(kind="GIF"), "Not a PNG or JPEG"),
        ("cam00", picture(), "cam01 to cam99"),
        ("photo", picture(), "cam01 to cam99"),
    ],
)  # fmt: skip
def test_what_is_no_picture_is_refused(tray: Api, name: str, data: bytes, says: str) -> None:
    errors = tray.post("scan/", {"scan_session": tray.session(), name: file("x", data)}, form=True, code=400)
    assert says in str(errors[name])
    assert not ScanImage.objects.exists()


def test_a_scan_needs_a_session_that_is_open_and_a_picture(tray: Api) -> None:
    session = tray.session()
    assert "cam01" in tray.post("scan/", {"scan_session": session}, form=True, code=400)
    assert "scan_session" in tray.post("scan/", {"cam01": file("a", picture())}, form=True, code=400)
    for wrong in ("x", "00000000-0000-0000-0000-000000000000"):
        tray.post("scan/", {"scan_session": wrong, "cam01": file("a", picture())}, form=True, code=400)
    tray.post(f"scan_session/{session}/end/", code=200)
    tray.post("scan/", {"scan_session": session, "cam01": file("a", picture())}, form=True, code=409)


def test_scans_are_filtered(tray: Api) -> None:
    session = tray.session()
    first, second = tray.scan(session), tray.scan(session)
    tray.assign(first, "bus")
    tray.patch(f"scan/{first}/", {"qc_operator": False})
    found = {
        text: [row["uuid"] for row in tray.get(f"scan/?{text}")["results"]]
        for text in (
            "qc_pass=false",
            "qc_pass=null",
            "part=bus",
            f"scan_session={session}",
            "batch=240,x",
            "archived=1",
        )
    }
    assert found == {
        "qc_pass=false": [first],
        "qc_pass=null": [second],
        "part=bus": [first],
        f"scan_session={session}": [first, second],
        "batch=240,x": [first, second],
        "archived=1": [],
    }
    for wrong in ("qc_pass=maybe", "uuid=x", "uuid=%25", "output=%25s", "nope=1"):
        tray.get(f"scan/?{wrong}", code=400)
        tray.delete(f"scan/?{wrong}", code=400)
    assert Scan.objects.count() == 2


def test_a_rejected_scan_gives_its_copies_back(tray: Api) -> None:
    session = tray.session()
    uuid = tray.scan(session)
    tray.assign(uuid, "bus", copies=5)
    shown = tray.post(f"scan/{uuid}/reject/", {"reason": "two pieces"}, code=200)
    assert (shown["rejected"], shown["reject_reason"], shown["assignment"]) == (True, "two pieces", None)
    assert len(tray.told("scan.reject")) == 1
    tray.assign(tray.scan(session), "bus", copies=5)


def test_an_archived_scan_counts_no_more_and_comes_back_only_when_there_is_room(tray: Api) -> None:
    session = tray.session()
    first, second = tray.scan(session), tray.scan(session)
    tray.assign(first, "vase", copies=3)
    assert tray.post(f"scan/{first}/archive/", code=200)["archived"] is True
    tray.patch(f"scan/{first}/", {"qc_operator": True}, code=409)
    tray.post(f"scan/{first}/reject/", code=409)
    tray.assign(second, "vase", copies=2)
    tray.post(f"scan/{first}/unarchive/", code=409)
    tray.delete(f"scan_assignment/{tray.get('scan_assignment/?part=vase')['results'][1]['uuid']}/")
    assert tray.post(f"scan/{first}/unarchive/", code=200)["archived"] is False


def test_backed_up_pictures_are_moved_and_stay_where_they_were(tray: Api, settings: Any, tmp_path: Path) -> None:
    uuid = tray.scan(tray.session())
    make_previews.func(scan=uuid)
    before = [tray.client.get(address).content for address in addresses(tray, uuid)]
    settings.BLOBS_BACKUP = ""
    tray.post(f"scan/{uuid}/backup/", code=400)
    settings.BLOBS_BACKUP = str(tmp_path / "backup")
    tray.post(f"scan/{uuid}/backup/", code=202)
    back_up.func(scan=uuid)
    assert tray.get(f"scan/{uuid}/")["is_backed_up"] is True
    assert [tray.client.get(address).content for address in addresses(tray, uuid)] == before
    kept = ScanImage.objects.get()
    assert not list(Path(settings.BLOBS).rglob(f"*{Path(kept.blob).name}*"))
    back_up.func(scan=uuid)  # once more changes nothing
    assert [tray.client.get(address).content for address in addresses(tray, uuid)] == before


def addresses(api: Api, uuid: str) -> list[str]:
    shown = api.get(f"scan/{uuid}/")
    return [*shown["scan_urls"], *shown["scan_urls_full"]]


def test_pictures_are_shown_to_their_company_only(tray: Api, client_of: Any) -> None:
    uuid = tray.scan(tray.session())
    other = client_of(Company.objects.create(name="Other"))
    for address in addresses(tray, uuid):
        assert other.get(address).status_code == 404
        tray.client.credentials()
        assert tray.client.get(address).status_code == 401
        tray.client.credentials(**other._credentials)


def test_deleted_scans_take_their_pictures_along(
    tray: Api, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    uuid = tray.scan(tray.session())
    assert list(Path(settings.BLOBS).rglob("*cam01*"))
    with django_capture_on_commit_callbacks(execute=True):
        tray.delete("scan/?batch=240")
    assert not list(Path(settings.BLOBS).rglob("*cam01*"))
    tray.get(f"scan/{uuid}/", code=404)


def test_a_scan_survives_its_batch_and_its_part(tray: Api) -> None:
    uuid = tray.scan(tray.session())
    tray.assign(uuid, "bus")
    tray.delete("part/bus/")
    tray.delete("batch/240/")
    shown = tray.get(f"scan/{uuid}/")
    assert shown["assignment"]["part_id"] == "bus"
    assert shown["batch"] == {"id": "240", "title": "Tray"}


def test_until_recognition_looks_a_person_decides(tray: Api) -> None:
    uuid = tray.scan(tray.session())
    found = tray.get(f"scan/{uuid}/candidates/")
    assert (found["decision"], found["candidates"], found["fault"]) == ("ask", [], "")
