"""PTX proved from outside: the csv module, the field dictionary of the notes, and a replay of its own."""

import csv
import io
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import box, unary_union

from fabwright.cutting import CutSettings, StockSheet
from fabwright.cutting.ptx_jobs import PtxOptions, write_plates_ptx
from fabwright.formats.plates import PlateOrder
from fabwright.timber import Board

SAMPLES = Path(__file__).resolve().parents[4] / "shared" / "data" / "formats" / "ptx"
NAMES = [
    "1_Seq_TEST_hor_beta.ptx", "1_Seq_TEST_hor_leg.ptx", "1_Seq_TEST_vert_beta.ptx", "1_Seq_TEST_vert_leg.ptx",
    "Dev_b1_beta.PTX", "Dev_b1_legacy.PTX", "Parts_PTX_import.ptx", "Patterns_PTX_import.ptx",
]  # fmt: skip
# The head of the field dictionary, as far as geometry and references need it; positions follow the record's name.
FIELDS = {
    "HEADER": ["VERSION", "TITLE", "UNITS", "ORIGIN", "TRIM_TYPE"],
    "JOBS": ["JOB_INDEX", "NAME"],
    "PARTS_REQ": ["JOB_INDEX", "PART_INDEX", "CODE", "MAT_INDEX", "LENGTH", "WIDTH", "QTY_REQ"],
    "PARTS_INF": ["JOB_INDEX", "PART_INDEX", "DESC"],
    "PARTS_UDI": ["JOB_INDEX", "PART_INDEX", "INFO1"],
    "PARTS_DST": ["JOB_INDEX", "PART_INDEX"],
    "BOARDS": ["JOB_INDEX", "BRD_INDEX", "CODE", "MAT_INDEX", "LENGTH", "WIDTH", "QTY_STOCK", "QTY_USED"],
    "MATERIALS": ["JOB_INDEX", "MAT_INDEX", "CODE", "DESC", "THICK", "BOOK", "KERF_RIP", "KERF_XCT"],
    "NOTES": ["JOB_INDEX", "NOTES_INDEX", "TEXT"],
    "OFFCUTS": ["JOB_INDEX", "OFC_INDEX", "CODE", "MAT_INDEX", "LENGTH", "WIDTH", "OFC_QTY"],
    "PATTERNS": ["JOB_INDEX", "PTN_INDEX", "BRD_INDEX", "TYPE", "QTY_RUN"],
    "PTN_UDI": ["JOB_INDEX", "PTN_INDEX"],
    "CUTS": ["JOB_INDEX", "PTN_INDEX", "CUT_INDEX", "SEQUENCE", "FUNCTION", "DIMENSION", "QTY_RPT", "PART_INDEX"],
    "VECTORS": ["JOB_INDEX", "PTN_INDEX", "CUT_INDEX"],
}  # fmt: skip
TOLERANCE = 0.11


def records(data: bytes) -> dict[str, list[dict[str, str]]]:
    """Rows by record name; an unknown record is an error of the file."""
    found: dict[str, list[dict[str, str]]] = {name: [] for name in FIELDS}
    for row in csv.reader(io.StringIO(data.decode("utf-8-sig")), skipinitialspace=True):
        if row and row[0].strip():
            found[row[0].strip()].append(dict(zip(FIELDS[row[0].strip()], row[1:], strict=False)))
    return found


def check_references(found: dict[str, list[dict[str, str]]]) -> None:
    """Indices run from 1 and what is referred to exists."""
    for name, index in [("PARTS_REQ", "PART_INDEX"), ("BOARDS", "BRD_INDEX"), ("MATERIALS", "MAT_INDEX"),
                        ("OFFCUTS", "OFC_INDEX"), ("PATTERNS", "PTN_INDEX")]:  # fmt: skip
        numbers = [int(row[index]) for row in found[name]]
        assert numbers == list(range(1, len(numbers) + 1)), name
    materials, boards = len(found["MATERIALS"]), len(found["BOARDS"])
    for name in ("PARTS_REQ", "BOARDS", "OFFCUTS"):
        assert all(1 <= int(row["MAT_INDEX"]) <= materials for row in found[name]), name
    assert all(1 <= int(row["BRD_INDEX"]) <= boards for row in found["PATTERNS"])
    for cut in found["CUTS"]:
        part = cut.get("PART_INDEX", "").strip() or "0"
        most = len(found["OFFCUTS"]) if part.startswith("X") else len(found["PARTS_REQ"])
        assert 0 <= int(part.lstrip("X")) <= most


def replayed(found: dict[str, list[dict[str, str]]], pattern: dict[str, str]) -> list[tuple[str, tuple[float, ...]]]:
    """(part, x0, y0, x1, y1) of all that falls, after every strip was found filled with a kerf between its pieces."""
    board = found["BOARDS"][int(pattern["BRD_INDEX"]) - 1]
    kerf = float(found["MATERIALS"][int(board["MAT_INDEX"]) - 1]["KERF_RIP"])
    cuts = [cut for cut in found["CUTS"] if int(cut["PTN_INDEX"]) == int(pattern["PTN_INDEX"])]
    if int(cuts[0]["FUNCTION"]) == 0 and float(cuts[0]["DIMENSION"]) == float(board["LENGTH"]):
        cuts = cuts[1:]  # the whole board by its name
    fallen: list[tuple[str, tuple[float, ...]]] = []
    at = 0

    def phase(cut: dict[str, str]) -> int:
        return int(cut["FUNCTION"]) % 90

    def fill(level: int, axis: int, area: tuple[float, float, float, float]) -> None:
        nonlocal at
        place, first = area[axis], True
        while at < len(cuts) and phase(cuts[at]) == level:
            cut, begin = cuts[at], at
            size = float(cut["DIMENSION"])
            if size == 0:  # a further label of the piece before
                at += 1
                continue
            for _ in range(max(1, int(cut.get("QTY_RPT") or 0))):
                at = begin + 1
                place += 0.0 if first else kerf
                first = False
                piece = list(area)
                piece[axis], piece[axis + 2] = place, place + size
                place += size
                if at < len(cuts) and phase(cuts[at]) > level:
                    fill(level + 1, 1 - axis, (piece[0], piece[1], piece[2], piece[3]))
                else:
                    part = (cut.get("PART_INDEX") or "0").strip()
                    is_waste = int(cut["FUNCTION"]) >= 90
                    fallen.append(("" if is_waste or part in ("", "0") else part, tuple(piece)))
        # the last stroke may run over the edge by up to a kerf
        assert area[axis + 2] - kerf - TOLERANCE <= place <= area[axis + 2] + TOLERANCE, (level, place, area)

    fill(1, 1 if int(pattern["TYPE"]) == 0 else 0, (0.0, 0.0, float(board["LENGTH"]), float(board["WIDTH"])))
    assert at == len(cuts)
    return fallen


def check_cover(found: dict[str, list[dict[str, str]]]) -> Counter[str]:
    """Pieces by part index (X and a number for offcuts), after every board was found covered without overlap."""
    made: Counter[str] = Counter()
    for pattern in found["PATTERNS"]:
        board = found["BOARDS"][int(pattern["BRD_INDEX"]) - 1]
        fallen = replayed(found, pattern)
        shapes = [box(*area) for _, area in fallen]
        union = unary_union(shapes)
        assert union.area == pytest.approx(sum(shape.area for shape in shapes), rel=1e-9, abs=5.0)
        sheet = box(0, 0, float(board["LENGTH"]), float(board["WIDTH"]))
        assert sheet.buffer(TOLERANCE).contains(union)
        for part, (x, y, u, v) in fallen:
            if part:
                made[part] += int(pattern["QTY_RUN"])
                row = found["OFFCUTS" if part[0] == "X" else "PARTS_REQ"][int(part.lstrip("X")) - 1]
                sides = sorted((float(row["LENGTH"]), float(row["WIDTH"])))
                assert sorted((u - x, v - y)) == pytest.approx(sides, abs=TOLERANCE)
    return made


@pytest.mark.parametrize("name", NAMES)
def test_every_public_sample_has_known_records_and_references(name) -> None:
    path = SAMPLES / name
    if not path.is_file():
        pytest.skip("the shared sample files are not here")
    found = records(path.read_bytes())
    assert len(found["HEADER"]) == len(found["JOBS"]) == 1
    assert found["PARTS_REQ"]
    check_references(found)


def test_the_professional_sample_covers_its_boards() -> None:
    path = SAMPLES / "Patterns_PTX_import.ptx"
    if not path.is_file():
        pytest.skip("the shared sample files are not here")
    found = records(path.read_bytes())
    made = check_cover(found)
    for row in found["PARTS_REQ"]:
        assert made[row["PART_INDEX"]] == int(row["QTY_REQ"])


orders_of_any_kind = st.lists(
    st.builds(
        lambda length, width, quantity, material: PlateOrder(
            board=Board(reference="P", material=material, length=length, width=width, thickness=15.0),
            quantity=quantity,
        ),
        st.integers(500, 20_000).map(lambda tenths: tenths / 10),
        st.integers(500, 20_000).map(lambda tenths: tenths / 10),
        st.integers(1, 4),
        st.sampled_from(["OSB/3", "Gypsum"]),
    ),
    min_size=1,
    max_size=7,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(orders_of_any_kind, st.sampled_from([CutSettings(), CutSettings(kerf=3.2, trim=15.0, stages=2)]))
def test_our_patterns_cover_their_boards_and_yield_what_was_asked(orders, saw) -> None:
    stock = (StockSheet(code="S", length=2800.0, width=2070.0),)
    (file,) = write_plates_ptx(orders, PtxOptions(saw=saw, stock=stock))
    found = records(file.content)
    check_references(found)
    made = check_cover(found)
    assert {row["PART_INDEX"]: int(row["QTY_REQ"]) for row in found["PARTS_REQ"]} == {
        part: count for part, count in made.items() if part[0] != "X"
    }
    for number, row in enumerate(found["OFFCUTS"], start=1):
        assert made[f"X{number}"] == int(row["OFC_QTY"])


def test_a_moved_cut_is_found_out() -> None:
    (file,) = write_plates_ptx(
        [PlateOrder(board=Board(reference="P", material="M", length=1000.0, width=600.0, thickness=15.0), quantity=5)]
    )
    found = records(file.content)
    cut = next(row for row in found["CUTS"] if (row.get("PART_INDEX") or "0") != "0")
    cut["DIMENSION"] = str(float(cut["DIMENSION"]) + 3.0)
    with pytest.raises(AssertionError):
        check_cover(found)
