"""Nested sheets: every plate of the cutting plan in its place, as ezdxf, dxfgrabber, shapely and our reader see it."""

import io
from collections import Counter
from dataclasses import replace

import dxfgrabber
import ezdxf
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plate_examples import boards, circle, full_board, marked_board, order, rectangle, turned_board
from shapely import Polygon, affinity

from fabwright.cutting import CutSettings, StockSheet
from fabwright.cutting.dxf_sheets import NestOptions, verify_sheets_dxf, write_sheets_dxf
from fabwright.errors import FormatError, InputError, LimitError, UnsupportedError, VerificationError
from fabwright.formats.dxf import DxfOptions, read_dxf, read_dxf_sheet, sheet_dxf, write_dxf
from fabwright.formats.files import File
from fabwright.formats.plates import PlateOrder, plate_of
from fabwright.formats.plates.compare import compare_plates
from fabwright.timber import Board, Contour
from fabwright.timber.process import Drilling, NailLine, Pocket, Text

KERF, TRIM = 12.0, 15.0
SAW = CutSettings(kerf=KERF, trim=TRIM)
OPTIONS = NestOptions(saw=SAW)
UPRIGHT = NestOptions(saw=SAW, stock=(StockSheet(code="1300x2600", length=1300.0, width=2600.0),))
"""Boards of 2500 mm lie turned on these sheets."""


def small_board(length: float = 700.0, width: float = 400.0, **fields: object) -> Board:
    """Without any symmetry: a corner cut off, a round cut-out, a drilling, a pocket, nails and a text."""
    values = {
        "reference": f"S{length:g}",
        "uid": f"small {length:g} {width:g}",
        "length": length,
        "width": width,
        "outline": Contour.polygon([(0, 0), (length, 0), (length, width * 0.5), (length * 0.7, width), (0, width)]),
        "holes": (circle(length * 0.25, width * 0.6, width * 0.1),),
        "processes": (
            Drilling(side=4, start_x=length * 0.5, start_y=width * 0.2, diameter=8.0, depth_limited=False),
            Pocket(side=4, start_x=length * 0.6, start_y=width * 0.3, start_depth=5.0, length=20.0, width=12.0),
            NailLine(side=4, contour=Contour.line((10.0, 10.0), (length - 10.0, 10.0), spacing=150.0)),
            Text(side=4, text="up", start_x=20.0, start_y=30.0, height=12.0, angle=15.0),
        ),
    }
    return full_board(**{**values, **fields})


MIXED = (*order(full_board(), small_board(300.0, 900.0)), *order(small_board(), small_board(520.0, 260.0), quantity=5))

smalls = st.builds(small_board, st.integers(80, 1200).map(float), st.integers(60, 900).map(float))


def polygon(entity) -> Polygon:
    """A closed polyline as shapely sees it, its bulges flattened by ezdxf."""
    assert entity.closed
    return Polygon([(p.x, p.y) for p in ezdxf.path.make_path(entity).flattening(0.01)])


def spaces(files):
    """The model space of every file, after ezdxf's audit found nothing to mend."""
    for file in files:
        document = ezdxf.read(io.StringIO(file.content.decode("cp1252").replace("\r\n", "\n")))
        auditor = document.audit()
        assert not auditor.errors
        assert not auditor.fixes
        yield document.modelspace()


def facts(entity) -> dict[str, str]:
    return dict(tag.value.partition("=")[::2] for tag in entity.get_xdata("FABWRIGHT") if tag.code == 1000)


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(boards | smalls, min_size=1, max_size=4), st.integers(1, 4), st.booleans())
def test_any_selection_is_read_back(chosen, quantity, grain) -> None:
    orders = order(*chosen, quantity=quantity)
    options = NestOptions(saw=SAW, grain=grain)
    files = write_sheets_dxf(orders, options)
    verify_sheets_dxf(files, orders, options)
    assert files == write_sheets_dxf(orders, options)
    turned = [part.is_turned for file in files for part in read_dxf_sheet(file.content).parts]
    assert len(turned) == quantity * len(chosen)
    assert not (grain and any(turned))


@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(smalls, min_size=2, max_size=6), st.integers(1, 3))
def test_ezdxf_and_shapely_see_plates_apart_and_inside_their_board(chosen, quantity) -> None:
    files = write_sheets_dxf(order(*chosen, quantity=quantity), OPTIONS)
    areas = []
    for space in spaces(files):
        (board,) = space.query('LWPOLYLINE[layer=="BOARD"]')
        room = polygon(board)
        assert room.equals(shapely.box(0, 0, 2800, 2070))
        parts = [polygon(entity) for entity in space.query('LWPOLYLINE[layer=="PART_OUTLINE"]')]
        offcuts = [polygon(entity) for entity in space.query('LWPOLYLINE[layer=="OFFCUT"]')]
        assert all(room.buffer(-TRIM + 0.01).contains(part) for part in parts)
        assert all(room.contains(offcut) for offcut in offcuts)
        pieces = parts + offcuts
        gaps = [a.distance(b) for i, a in enumerate(pieces) for b in pieces[:i]]
        assert min(gaps, default=KERF) > KERF - 0.01
        areas += [part.area for part in parts]
    asked = [Polygon(board.contour.points()).area for board in chosen for _ in range(quantity)]
    assert sorted(areas) == pytest.approx(sorted(asked), abs=0.1)


@pytest.mark.parametrize("options", [OPTIONS, UPRIGHT], ids=["lying", "turned"])
def test_every_work_lies_where_a_shift_and_a_turn_of_the_plate_put_it(options) -> None:
    wanted = plate_of(marked_board())
    (space,) = spaces(write_sheets_dxf(order(marked_board()), options))
    (outline,) = space.query('LWPOLYLINE[layer=="PART_OUTLINE"]')
    said = facts(outline)
    turned = said["turned"] == "1"
    assert turned == (options is UPRIGHT)

    def moved(shape):
        """By shapely: turned about the origin, then its rectangle's lower left corner to the place."""
        if turned:
            shape = affinity.translate(affinity.rotate(shape, 90, origin=(0, 0)), xoff=wanted.width)
        return affinity.translate(shape, float(said["x"]), float(said["y"]))

    assert polygon(outline).symmetric_difference(moved(Polygon(wanted.outline.points()))).area < 0.1
    assert polygon(outline).exterior.is_ccw
    holes = [polygon(entity) for entity in space.query('LWPOLYLINE[layer=="PART_CUTOUT"]')]
    cutouts = [moved(Polygon(contour.points(0.01))) for contour in wanted.cutouts]
    assert len(holes) == 3
    assert shapely.union_all(holes).symmetric_difference(shapely.union_all(cutouts)).area < 30.0
    assert not any(hole.exterior.is_ccw for hole in holes)
    centres = [shapely.Point(c.dxf.center.x, c.dxf.center.y) for c in space.query("CIRCLE")]
    assert all(
        centre.distance(moved(shapely.Point(hole.x, hole.y))) < 1e-3
        for centre, hole in zip(centres, wanted.holes, strict=True)
    )
    (note,) = space.query('TEXT[layer=="MARK"]')
    place = moved(shapely.Point(wanted.notes[0].x, wanted.notes[0].y))
    assert (note.dxf.insert.x, note.dxf.insert.y) == pytest.approx((place.x, place.y))
    assert note.dxf.rotation == (90.0 if turned else 0.0)
    (grain,) = space.query('LINE[layer=="GRAIN"]')
    assert (abs(grain.dxf.start.x - grain.dxf.end.x) < 1e-6) == turned
    nails = [shapely.Point(p.dxf.location.x, p.dxf.location.y) for p in space.query('POINT[layer=="NAIL"]')]
    assert all(
        nail.distance(moved(shapely.Point(point))) < 1e-3 for nail, point in zip(nails, wanted.nails, strict=True)
    )


def test_work_from_below_is_nested_on_layers_of_its_own() -> None:
    orders = order(turned_board())
    files = write_sheets_dxf(orders, UPRIGHT)
    verify_sheets_dxf(files, orders, UPRIGHT)
    (space,) = spaces(files)
    assert {"DRILL_BOTTOM_D20_T10", "POCKET_BOTTOM_T5", "SAW_BOTTOM_T4_LEFT"} <= {e.dxf.layer for e in space}


def test_another_reader_sees_board_plates_and_labels() -> None:
    (file,) = write_sheets_dxf(order(small_board(), small_board(520.0, 260.0)), OPTIONS)
    drawing = dxfgrabber.read(io.StringIO(file.content.decode("cp1252").replace("\r\n", "\n")))
    assert drawing.header["$INSUNITS"] == 4
    layers = Counter(entity.layer for entity in drawing.entities)
    assert (layers["BOARD"], layers["PART_OUTLINE"], layers["PART_CUTOUT"]) == (1, 2, 2)
    assert (layers["DRILL_D8_THRU"], layers["POCKET_T5"], layers["GRAIN"]) == (2, 2, 2)
    assert layers["OFFCUT"] >= 1
    labels = {entity.text: entity for entity in drawing.entities if entity.layer == "LABEL"}
    assert set(labels) == {"S700", "S520"}
    outlines = [Polygon([p[:2] for p in e.points]) for e in drawing.entities if e.layer == "PART_OUTLINE"]
    for label in labels.values():
        assert any(outline.contains(shapely.Point(label.insert[:2])) for outline in outlines)


def test_every_entity_says_whose_it_is() -> None:
    for space in spaces(write_sheets_dxf(MIXED, OPTIONS)):
        shapes = {facts(e)["part"]: polygon(e) for e in space.query('LWPOLYLINE[layer=="PART_OUTLINE"]')}
        for drilling in space.query("CIRCLE"):
            centre = shapely.Point(drilling.dxf.center.x, drilling.dxf.center.y)
            assert [name for name, shape in shapes.items() if shape.contains(centre)] == [facts(drilling)["part"]]


def test_equal_boards_are_files_of_their_own_and_names_count_them() -> None:
    orders = order(full_board(), quantity=3)
    files = write_sheets_dxf(orders, OPTIONS)
    assert [file.name for file in files] == [f"B1_OSB_3 22 mm_2800x2070_{n}of3.dxf" for n in (1, 2, 3)]
    assert [(read_dxf_sheet(f.content).number, read_dxf_sheet(f.content).count) for f in files] == [
        (1, 3), (2, 3), (3, 3),
    ]  # fmt: skip
    named = order(full_board(material="OSB/3 22"))
    assert write_sheets_dxf(named, OPTIONS)[0].name == "B1_OSB_3 22_2800x2070_1of1.dxf"


def test_materials_thicknesses_and_batches_share_no_board() -> None:
    plates = order(small_board(), small_board(material="MDF"), small_board(thickness=18.0))
    later = PlateOrder(board=small_board(), project="House 12", batch="B2", phase="Ground")
    files = write_sheets_dxf((*plates, later), OPTIONS)
    verify_sheets_dxf(files, (*plates, later), OPTIONS)
    sheets = [read_dxf_sheet(file.content) for file in files]
    assert sorted((file.name[:2], s.material, s.thickness) for file, s in zip(files, sheets, strict=True)) == [
        ("B1", "MDF", 22.0), ("B1", "OSB/3", 18.0), ("B1", "OSB/3", 22.0), ("B2", "OSB/3", 22.0),
    ]  # fmt: skip
    by_phase = NestOptions(drawing=DxfOptions(group_by="phase"), saw=SAW)
    assert len(write_sheets_dxf((*plates, later), by_phase)) == 3
    with pytest.raises(VerificationError, match="one batch or phase"):
        verify_sheets_dxf(write_sheets_dxf((*plates, later), by_phase), (*plates, later), OPTIONS)


def test_texts_that_the_format_cannot_carry_whole_do_not_stop_a_sheet() -> None:
    odd = small_board(reference=" Süd 木 \\U+0041 \U0001f332 ", uid="x" * 250, material=" OSB\t3 ")
    files = write_sheets_dxf(order(odd), OPTIONS)
    verify_sheets_dxf(files, order(odd), OPTIONS)
    (part,) = read_dxf_sheet(files[0].content).parts
    assert part.plate.reference == " Süd 木 \\U+0041 ?"


def test_sheets_by_material_and_counted_stock_are_kept_to() -> None:
    counted = StockSheet(code="rest", length=800.0, width=500.0, quantity=2)
    options = NestOptions(saw=SAW, material_stock={"MDF": (counted,)})
    orders = (*order(small_board()), *order(small_board(material="MDF"), quantity=2))
    files = write_sheets_dxf(orders, options)
    verify_sheets_dxf(files, orders, options)
    assert Counter(read_dxf_sheet(file.content).code for file in files) == {"rest": 2, "2800x2070": 1}
    with pytest.raises(LimitError, match="MDF 22 mm: the stock is too small"):
        write_sheets_dxf((*orders, *order(small_board(material="MDF"))), options)
    fewer = NestOptions(saw=SAW, material_stock={"MDF": (replace_quantity(counted, 1),)})
    with pytest.raises(VerificationError, match="2 sheets rest are used, the stock holds 1"):
        verify_sheets_dxf(files, orders, fewer)


def replace_quantity(sheet: StockSheet, quantity: int) -> StockSheet:
    return StockSheet(code=sheet.code, length=sheet.length, width=sheet.width, quantity=quantity)


def test_what_cannot_be_nested_is_refused_by_name() -> None:
    with pytest.raises(InputError, match="no plates"):
        write_sheets_dxf(())
    with pytest.raises(LimitError, match=r"part P7 of W01, OSB/3 22 mm: .* larger than every sheet.*grain"):
        write_sheets_dxf(order(full_board()), NestOptions(saw=SAW, stock=UPRIGHT.stock, grain=True))
    with pytest.raises(UnsupportedError, match="board P7: a drilling on edge 1"):
        write_sheets_dxf(order(full_board(processes=(Drilling(side=1, start_x=100.0, start_y=11.0),))))
    with pytest.raises(InputError, match="board P7: the outline reaches to 2600"):
        write_sheets_dxf(order(full_board(outline=rectangle(0.0, 0.0, 2600.0, 1250.0))))
    with pytest.raises(InputError, match="stock: at least one sheet"):
        NestOptions(stock=())


def test_switches_leave_layers_out() -> None:
    options = NestOptions(drawing=DxfOptions(with_nails=False, with_grain=False, with_label=False), saw=SAW)
    (space,) = spaces(write_sheets_dxf(order(small_board()), options))
    assert not {e.dxf.layer for e in space} & {"NAIL", "GRAIN", "LABEL"}


# -- what verification finds ----------------------------------------------------------------------------------------


def changed(file: File, **fields: object) -> File:
    """The file as it would be with these fields of its sheet."""
    return File(file.name, sheet_dxf(replace(read_dxf_sheet(file.content), **fields)))


def with_part(file: File, index: int, **fields: object) -> File:
    parts = list(read_dxf_sheet(file.content).parts)
    parts[index] = replace(parts[index], **fields)
    return changed(file, parts=tuple(parts))


def test_a_sheet_missing_doubled_or_poorer_by_a_plate_is_found_out() -> None:
    files = write_sheets_dxf(MIXED, OPTIONS)
    first = files[0]
    parts = read_dxf_sheet(first.content).parts
    for damaged in (files[1:], (*files, files[-1]), (changed(first, parts=parts[1:]), *files[1:])):
        with pytest.raises(VerificationError, match=r"pieces were asked, the sheets hold \d"):
            verify_sheets_dxf(damaged, MIXED, OPTIONS)
    with pytest.raises(VerificationError, match="6 pieces were asked, the sheets hold 5"):
        verify_sheets_dxf(files, (*MIXED, *order(small_board())), OPTIONS)


def test_a_plate_out_of_place_is_found_out() -> None:
    orders = order(small_board(), small_board(520.0, 260.0))
    (file,) = write_sheets_dxf(orders, OPTIONS)
    first, second = read_dxf_sheet(file.content).parts
    verify_sheets_dxf([with_part(file, 0)], orders, OPTIONS)
    for damaged, reason in [
        (with_part(file, 0, x=first.x - 1.0), "S700.*reaches over the trimmed board"),
        (with_part(file, 1, x=first.x, y=first.y), "lie 0.00 mm from one another, the kerf is 12 mm"),
        (with_part(file, 1, x=second.x - 1.0, y=second.y - 1.0), "lie 11|reaches over"),
        (with_part(file, 1, number=first.number), "reference 'S700' was asked, the file says 'S520'"),
        (with_part(file, 1, number=9), "plate 9 was not asked"),
        (with_part(file, 1, assembly="W02"), "W02"),
        (with_part(file, 1, plate=replace(second.plate, holes=())), "drillings"),
        (changed(file, length=2790.0), "no sheet 2800x2070 of 2790"),
        (changed(file, code="other"), "no sheet other"),
        (changed(file, material="MDF"), "board's material"),
        (changed(file, thickness=18.0), "board's material"),
    ]:
        with pytest.raises(VerificationError, match=reason):
            verify_sheets_dxf([damaged], orders, OPTIONS)


def test_without_kerf_and_trim_plates_may_touch_but_not_overlap() -> None:
    options = NestOptions(saw=CutSettings(kerf=0.0, trim=0.0))
    plain = small_board(700.0, 400.0, outline=None)
    orders = order(plain, quantity=2)
    (file,) = write_sheets_dxf(orders, options)
    verify_sheets_dxf([file], orders, options)
    first, second = read_dxf_sheet(file.content).parts
    shapes = [Polygon(part.drawn.outline.points()) for part in (first, second)]
    assert shapes[0].distance(shapes[1]) == 0.0
    shift = replace(second, x=second.x - (second.x > first.x), y=second.y - (second.y > first.y))
    with pytest.raises(VerificationError, match="lie 0.00 mm"):
        verify_sheets_dxf([changed(file, parts=(first, shift))], orders, options)


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        (b"\r\nBOARD\r\n", b"\r\nTABLE\r\n", "whole number was expected in part="),
        (b"\r\nPART_OUTLINE\r\n", b"\r\nOTHER\r\n", "has no outline"),
        (b"part=2", b"part=1", "two outlines"),
        (b"part=2", b"peace=2", "part="),
        (b"turned=", b"turned=left", "turned="),
        (b"plate=1", b"plate=0", "from 1"),
        (b"length=2800.0", b"length=2700.0", "a board of 2700 × 2070 from the origin"),
        (b"\r\nx=", b"\r\ny=", "x="),
        (b"AC1015", b"AC1009", "R2000"),
    ],
)
def test_a_damaged_sheet_is_refused(before, after, reason) -> None:
    (file,) = write_sheets_dxf(order(small_board(outline=None), small_board(520.0, 260.0, outline=None)), OPTIONS)
    data = file.content.replace(before, after)
    assert data != file.content
    with pytest.raises(FormatError, match=reason):
        read_dxf_sheet(data)


def test_readers_tell_single_plates_and_sheets_apart() -> None:
    (sheet,) = write_sheets_dxf(order(small_board()), OPTIONS)
    (single,) = write_dxf(order(small_board()))
    with pytest.raises(FormatError, match="nested sheet"):
        read_dxf(sheet.content)
    with pytest.raises(FormatError):
        read_dxf_sheet(single.content)
    (part,) = read_dxf_sheet(sheet.content).parts
    compare_plates(read_dxf(single.content).plate, part.plate, "the same plate")
