"""PTX from boards: every cut replayed, the parts that fall are the boards that were ordered."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box, unary_union

from fabwright.cutting import CutSettings, StockSheet
from fabwright.cutting.ptx_jobs import PtxOptions, verify_plates_ptx, write_plates_ptx
from fabwright.errors import FormatError, InputError, LimitError, VerificationError
from fabwright.formats.files import File
from fabwright.formats.plates import PlateOrder
from fabwright.formats.ptx import read_ptx, replay_patterns
from fabwright.timber import Board


def order(length=1000.0, width=600.0, quantity=1, **fields) -> PlateOrder:
    place = {name: fields.pop(name) for name in ("assembly", "project", "phase", "batch") if name in fields}
    values = {"reference": "P1", "material": "OSB/3", "thickness": 15.0, **fields}
    return PlateOrder(board=Board(length=length, width=width, **values), quantity=quantity, **place)


orders_of_any_kind = st.lists(
    st.builds(
        order,
        st.integers(500, 20_000).map(lambda tenths: tenths / 10),
        st.integers(500, 20_000).map(lambda tenths: tenths / 10),
        st.integers(1, 3),
        reference=st.sampled_from(["P1", "Süd, 2", "P 3"]),
        material=st.sampled_from(["OSB/3", "Gypsum"]),
        batch=st.sampled_from(["B1", "B2"]),
        uid=st.sampled_from(["u1", "u2"]),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=25)
@given(orders_of_any_kind, st.booleans(), st.sampled_from([CutSettings(), CutSettings(kerf=3.2, trim=0.0, stages=4)]))
def test_every_ordered_board_falls_from_the_patterns(orders, grain, saw) -> None:
    options = PtxOptions(grain=grain, saw=saw)
    files = write_plates_ptx(orders, options)
    verify_plates_ptx(files, orders, options)
    assert files == write_plates_ptx(orders, options)


def test_the_replayed_pieces_cover_every_board_without_overlap() -> None:
    orders = [order(1000.0, 600.0, 7), order(777.7, 333.3, 9, reference="P2"), order(2000.0, 250.0, 5, reference="P3")]
    (file,) = write_plates_ptx(orders)
    read = read_ptx(file.content)
    boards = {r.integer("BRD_INDEX"): (r.number("LENGTH"), r.number("WIDTH")) for r in read.of("BOARDS")}
    fallen = replay_patterns(read)
    for pattern in read.of("PATTERNS"):
        pieces = [f for f in fallen if f.pattern == pattern.integer("PTN_INDEX")]
        shapes = [box(f.x, f.y, f.x + f.length, f.y + f.width) for f in pieces]
        length, width = boards[pattern.integer("BRD_INDEX")]
        assert unary_union(shapes).area == pytest.approx(sum(s.area for s in shapes), abs=1.0)
        assert box(0, 0, length, width).buffer(0.11).contains(unary_union(shapes))
    made = Counter(f.what for f in fallen for _ in range(f.runs) if f.what.isdigit())
    assert made == {"1": 7, "2": 9, "3": 5}


def test_a_parts_list_has_no_patterns_and_is_split_by_rows() -> None:
    orders = [order(reference=f"P{n}", length=500.0 + n) for n in range(7)]
    options = PtxOptions(patterns=False, rows_per_file=3)
    files = write_plates_ptx(orders, options)
    verify_plates_ptx(files, orders, options)
    assert [file.name for file in files] == ["plates_1.ptx", "plates_2.ptx", "plates_3.ptx"]
    assert [len(read_ptx(file.content).of("PARTS_REQ")) for file in files] == [3, 3, 1]
    assert not read_ptx(files[0].content).of("PATTERNS")


def test_fields_are_those_that_receivers_take() -> None:
    name = "Wände Süd " * 12
    (file,) = write_plates_ptx([order(reference="Platte, groß", project=name, batch="B1")])
    text = file.content.decode("ascii")
    header, job = (line.split(",") for line in text.split("\r\n")[:2])
    assert header[:2] == ["HEADER", "1.13"]
    assert len(header[2]) <= 25
    assert len(job[2]) <= 50
    assert '"PLATTE,_GROSS"' in text


def test_materials_have_their_own_sheets() -> None:
    small = StockSheet(code="G", length=2600.0, width=1250.0, quantity=50)
    options = PtxOptions(material_stock={"Gypsum": (small,)})
    orders = [order(), order(material="Gypsum", thickness=12.5)]
    (file,) = write_plates_ptx(orders, options)
    verify_plates_ptx([file], orders, options)
    boards = read_ptx(file.content).of("BOARDS")
    assert [(b.number("LENGTH"), b.integer("QTY_STOCK"), b.integer("QTY_USED")) for b in boards] == [
        (2600.0, 50, 1),
        (2800.0, 99999, 1),
    ]


def test_a_plate_larger_than_every_sheet_is_refused_by_name() -> None:
    with pytest.raises(LimitError, match="part P9, OSB/3 15 mm: 5000 × 600 mm is larger"):
        write_plates_ptx([order(5000.0, reference="P9")])
    with pytest.raises(InputError, match="no plates"):
        write_plates_ptx([])
    with pytest.raises(InputError, match="stock"):
        PtxOptions(stock=())


@pytest.mark.parametrize(
    ("before", "after", "error"),
    [
        (b",1000.0,600.0,2", b",1000.0,601.0,2", VerificationError),
        (b",1000.0,600.0,2", b",1000.0,600.0,3", VerificationError),
        (b"CUTS,1,1,2,", b"CUTS,1,7,2,", FormatError),
        (b"HEADER", b"HEADE", FormatError),
        (b",1000.0,", b",10000.0,", FormatError),
        (b"BOARDS,1,1,", b"BOARDS,1,2,", FormatError),
    ],
)
def test_a_changed_file_is_found_out(before, after, error) -> None:
    orders = [order(quantity=2)]
    (file,) = write_plates_ptx(orders)
    assert before in file.content
    with pytest.raises(error):
        verify_plates_ptx([File(file.name, file.content.replace(before, after, 1))], orders)


def test_a_cut_that_does_not_end_at_the_edge_is_found_out() -> None:
    orders = [order(quantity=2)]
    (file,) = write_plates_ptx(orders)
    lines = file.content.decode().split("\r\n")
    at = next(n for n, line in enumerate(lines) if line.startswith("CUTS") and ",1,RIP" not in line and ",91," in line)
    cells = lines[at].split(",")
    lines[at] = ",".join([*cells[:6], f"{float(cells[6]) + 5:.1f}", *cells[7:]])
    with pytest.raises(VerificationError, match="pattern 1, cut"):
        verify_plates_ptx([File(file.name, "\r\n".join(lines).encode())], orders)
