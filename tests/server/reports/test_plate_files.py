"""Files for plate machines over HTTP: launched, made, downloaded, and read by the readers of their formats."""

import io
import zipfile
from collections import Counter
from typing import Any

import ezdxf
import httpx
import pytest
from shapely import box

from fabwright.demo.house import build_house
from fabwright.formats.cix import read_cix
from fabwright.formats.dxf import read_dxf, read_dxf_sheet
from fabwright.formats.ptx import read_ptx, replay_patterns
from fabwright.formats.xcs import read_xcs
from fabwright.server.production.models import Machine
from fabwright.server.reports.jobs import make_version
from fabwright.server.reports.models import Version
from fabwright.timber import Board

pytestmark = pytest.mark.django_db
SHEETS = [{"code": "3000x1250", "length": 3000.0, "width": 1250.0}]
"""Boards of the house are as wide as these sheets: only a saw that trims nothing makes them."""


@pytest.fixture
def machine(company: Any) -> Machine:
    return Machine.objects.create(company=company, name="Plate machine", model="generic_plates")


def boards() -> list[Board]:
    return [board for panel in build_house()[:2] for board in panel.boards]


def sizes(found: list[Board] | None = None) -> Counter[tuple[float, float, float]]:
    return Counter(
        (round(b.length, 1), round(b.width, 1), round(b.thickness, 1)) for b in (boards() if found is None else found)
    )


def launch(api, factory, machine, document_type, **meta) -> dict:
    payload = factory.payload(document_type, meta={"machine_uuid": str(machine.pk), **meta})
    answer = api.post("/api/v2/reports/bulk_launch/", [payload], format="json")
    assert answer.status_code == 201, answer.json()
    uuid = answer.json()["reports"][0]["uuid"]
    make_version(version=str(Version.objects.get(report=uuid).pk))
    report: dict = api.get(f"/api/v2/reports/{uuid}/").json()
    return report


def downloaded(api, report) -> dict[str, bytes]:
    """The files of the delivered ZIP by name."""
    assert report["document_status"] == "ready", report["last_file"]["meta"]
    address = httpx.URL(report["last_file"]["presigned_url"])
    answer = api.get(address.raw_path.decode())
    assert answer.status_code == 200
    data = b"".join(answer.streaming_content) if answer.streaming else answer.content
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def pieces(name: str) -> int:
    """How many pieces a program's name says: it ends in "_3x", or in "_3x_2" when another has the same name."""
    words = name.rpartition(".")[0].split("_")
    return next(int(word[:-1]) for word in reversed(words) if word.endswith("x") and word[:-1].isdigit())


def test_dxf_files_hold_every_board_of_the_selection(api, factory, machine):
    files = downloaded(api, launch(api, factory, machine, "plates_dxf"))
    assert all(name.endswith(".dxf") for name in files)
    found: Counter[tuple[float, float, float]] = Counter()
    for data in files.values():
        read = read_dxf(data)
        found[read.plate.length, read.plate.width, read.plate.thickness] += read.quantity
    assert found == sizes()


def test_nested_dxf_sheets_hold_every_board_of_the_selection_apart_on_sheets_of_the_stock(api, factory, machine):
    files = downloaded(api, launch(api, factory, machine, "plates_dxf", nested=True, stock=SHEETS, trim=0, kerf=6))
    found: Counter[tuple[float, float, float]] = Counter()
    for name, data in files.items():
        drawing = ezdxf.read(io.StringIO(data.decode("cp1252").replace("\r\n", "\n")))
        assert not drawing.audit().errors
        sheet = read_dxf_sheet(data)
        assert (sheet.code, sheet.length, sheet.width) == ("3000x1250", 3000.0, 1250.0)
        assert name.endswith(f"_3000x1250_{sheet.number:0{len(str(sheet.count))}d}of{sheet.count}.dxf")
        places = []
        for part in sheet.parts:
            found[part.plate.length, part.plate.width, part.plate.thickness] += 1
            (left, low), (right, high) = (
                part.onto_sheet((0.0, 0.0)),
                part.onto_sheet((part.plate.length, part.plate.width)),
            )
            places.append(box(min(left, right), min(low, high), max(left, right), max(low, high)))
        assert all(box(0, 0, 3000, 1250).covers(place) for place in places)
        assert all(a.distance(b) > 5.8 for i, a in enumerate(places) for b in places[:i])
    assert found == sizes()


def test_a_nested_sheet_too_small_for_a_board_is_an_error_that_names_board_material_and_sheet(api, factory, machine):
    report = launch(api, factory, machine, "plates_dxf", nested=True, stock=SHEETS)
    assert report["document_status"] == "error"
    error = report["last_file"]["meta"]["error"]
    assert "3000 × 1250" in error["message"]
    part, material = error["details"]["where"].split(", ")
    assert part.startswith("part P")
    assert " of W0" in part  # and its assembly
    assert material in {b.material for b in boards()}  # "OSB/3 15" says its thickness already


@pytest.mark.parametrize(("document_type", "read"), [("plates_xcs", read_xcs), ("plates_cix", read_cix)])
def test_programs_of_plates_hold_every_board_of_the_selection(api, factory, machine, document_type, read):
    report = launch(api, factory, machine, document_type, full_contour=True, create_holes=True)
    files = downloaded(api, report)
    found: Counter[tuple[float, float, float]] = Counter()
    for name, data in files.items():
        program = read(data)
        assert [route.kind for route in program.routes].count("outline") == 1
        found[program.length, program.width, program.thickness] += pieces(name)
    assert found == sizes()
    cutouts = sum(pieces(name) * _cutouts(read(data)) for name, data in files.items())
    assert cutouts == sum(len(board.holes) for board in boards())


def _cutouts(program) -> int:
    return sum(route.kind == "cutout" for route in program.routes)


def test_patterns_for_a_panel_saw_yield_every_board_of_the_selection(api, factory, machine):
    files = downloaded(api, launch(api, factory, machine, "plates_ptx", stock=SHEETS, trim=0))
    fallen: Counter[tuple[float, float]] = Counter()
    for data in files.values():
        for piece in replay_patterns(read_ptx(data)):
            if piece.what.isdigit():
                long, short = sorted((round(piece.length, 1), round(piece.width, 1)), reverse=True)
                fallen[long, short] += piece.runs
    asked: Counter[tuple[float, float]] = Counter()
    for (length, width, _), count in sizes().items():
        asked[max(length, width), min(length, width)] += count
    assert fallen == asked


def test_a_plate_that_fits_no_sheet_is_an_error_that_names_part_size_and_sheet(api, factory, machine):
    report = launch(api, factory, machine, "plates_ptx", stock=SHEETS, trim=10)
    assert report["document_status"] == "error"
    error = report["last_file"]["meta"]["error"]
    part, _, rest = error["details"]["where"].removeprefix("part ").partition(" of ")
    assembly, _, material = rest.partition(", ")
    assert assembly
    wide = next(board for board in boards() if board.reference == part and board.material == material)
    assert f"{wide.length:g} × {wide.width:g} mm" in error["message"]
    assert "3000 × 1250" in error["message"]


def test_a_material_without_a_tool_is_an_error_that_names_it(api, factory, machine):
    report = launch(api, factory, machine, "plates_cix", contour_tools={"MDF": "E012"})
    assert report["document_status"] == "error"
    assert "has no tool" in report["last_file"]["meta"]["error"]["message"]


def test_a_plate_file_without_a_machine_is_refused_at_launch(api, factory):
    for document_type in ("plates_dxf", "plates_xcs", "plates_cix", "plates_ptx"):
        answer = api.post("/api/v2/reports/bulk_launch/", [factory.payload(document_type)], format="json")
        assert answer.status_code == 400
        assert "machine_uuid" in str(answer.json())


def test_a_wrong_option_is_refused_at_launch(api, factory, machine):
    for document_type, option, value in [
        ("plates_ptx", "kerf", -1),
        ("plates_ptx", "stock", []),
        ("plates_dxf", "nested", "perhaps"),
        ("plates_xcs", "tool_diameter", "thick"),
        ("plates_cix", "milling_steps", [{"bottom": 0, "top": 10, "passes": 0}]),
    ]:
        payload = factory.payload(document_type, meta={"machine_uuid": str(machine.pk), option: value})
        answer = api.post("/api/v2/reports/bulk_launch/", [payload], format="json")
        assert answer.status_code == 400, (document_type, option)
        assert option in str(answer.json())


def test_a_cutting_plan_of_sheets_and_bars_is_a_pdf(api, factory):
    payload = factory.payload("cutting_plan", meta={"stock": SHEETS, "trim": 0, "bar_lengths": [6000, 13_000]})
    answer = api.post("/api/v2/reports/bulk_launch/", [payload], format="json")
    assert answer.status_code == 201, answer.json()
    uuid = answer.json()["reports"][0]["uuid"]
    make_version(version=str(Version.objects.get(report=uuid).pk))
    report = api.get(f"/api/v2/reports/{uuid}/").json()
    assert report["document_status"] == "ready", report["last_file"]["meta"]
    assert report["last_file"]["name"].endswith(".pdf")


def test_bars_shorter_than_a_stick_are_an_error_that_names_it(api, factory):
    payload = factory.payload("wood_bom", meta={"onedimensional": True, "bar_lengths": [1000]})
    answer = api.post("/api/v2/reports/bulk_launch/", [payload], format="json")
    uuid = answer.json()["reports"][0]["uuid"]
    make_version(version=str(Version.objects.get(report=uuid).pk))
    error = api.get(f"/api/v2/reports/{uuid}/").json()["last_file"]["meta"]["error"]
    assert "longer than every bar in stock" in error["message"]
    assert error["details"]["where"].startswith("part ")
