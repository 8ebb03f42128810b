"""DXF of plates: read by ezdxf and shapely without complaint, and back by our own reader."""

import io

import ezdxf
import ezdxf.recover
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plate_examples import boards, circle, full_board, marked_board, order, rectangle, turned_board
from shapely import Polygon

from fabwright.errors import FormatError, InputError, UnsupportedError, VerificationError
from fabwright.formats.dxf import DxfOptions, plate_dxf, read_dxf, verify_dxf, write_dxf
from fabwright.formats.files import File
from fabwright.formats.plates import plate_of
from fabwright.formats.plates.compare import compare_plates
from fabwright.timber import Contour
from fabwright.timber.process import Drilling, JackRafterCut, Pocket


def opened(data: bytes) -> ezdxf.document.Drawing:
    """The file as ezdxf reads it, after its audit found nothing to mend."""
    document = ezdxf.read(io.StringIO(data.decode("cp1252").replace("\r\n", "\n")))
    assert not document.audit().errors
    assert not document.audit().fixes
    return document


def polygon(entity) -> Polygon:
    """A closed polyline as shapely sees it, its bulges flattened by ezdxf."""
    path = ezdxf.path.make_path(entity)
    return Polygon([(p.x, p.y) for p in path.flattening(0.01)])


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(boards, min_size=1, max_size=3), st.integers(1, 50))
def test_any_plate_is_read_back(chosen, quantity) -> None:
    orders = order(*chosen, quantity=quantity)
    files = write_dxf(orders)
    verify_dxf(files, orders)
    assert files == write_dxf(orders)


@settings(max_examples=15)
@given(boards)
def test_ezdxf_and_shapely_see_the_same_shape(board) -> None:
    plate = plate_of(board)
    space = opened(plate_dxf(plate)).modelspace()
    (outline,) = space.query('LWPOLYLINE[layer=="PART_OUTLINE"]')
    assert outline.closed
    assert polygon(outline).is_valid
    assert polygon(outline).area == pytest.approx(Polygon(board.contour.points()).area, abs=1.0)
    holes = space.query('LWPOLYLINE[layer=="PART_CUTOUT"]')
    areas = sorted(polygon(hole).area for hole in holes)
    assert areas == pytest.approx(sorted(Polygon(c.points(0.01)).area for c in plate.cutouts), rel=1e-2)
    circles = space.query("CIRCLE")
    assert sorted((c.dxf.center.x, c.dxf.center.y, 2 * c.dxf.radius) for c in circles) == sorted(
        (h.x, h.y, h.diameter) for h in plate.holes
    )


def test_layers_say_tool_and_depth() -> None:
    document = opened(plate_dxf(plate_of(marked_board()), 4))
    layers = {entity.dxf.layer for entity in document.modelspace()}
    assert layers == {
        "PART_OUTLINE", "PART_CUTOUT", "DRILL_D20_THRU", "DRILL_D8.5_T12", "POCKET_T10", "POCKET_T6", "ROUTE_T4_LEFT",
        "SAW_T8", "MARK", "NAIL", "GRAIN", "LABEL",
    }  # fmt: skip
    assert {layer.dxf.name for layer in document.layers} >= layers
    assert document.units == ezdxf.units.MM
    assert document.dxfversion == "AC1015"


def test_the_outline_runs_counter_clockwise_and_cut_outs_clockwise() -> None:
    backwards = Contour.polygon([(0.0, 0.0), (0.0, 1250.0), (2500.0, 1250.0), (2500.0, 0.0)])
    space = opened(plate_dxf(plate_of(full_board(outline=backwards)))).modelspace()
    (outline,) = space.query('LWPOLYLINE[layer=="PART_OUTLINE"]')
    assert polygon(outline).exterior.is_ccw
    assert not any(polygon(hole).exterior.is_ccw for hole in space.query('LWPOLYLINE[layer=="PART_CUTOUT"]'))


def test_data_and_text_of_any_script_travel_along() -> None:
    board = full_board(reference="Süd 木 \\U+0041 ^=", material="OSB/3 – 22")
    data = plate_dxf(plate_of(board), 3)
    found = read_dxf(data)
    assert (found.plate.reference, found.plate.material, found.plate.uid) == (
        board.reference,
        board.material,
        board.uid,
    )
    assert found.quantity == 3
    (outline,) = opened(data).modelspace().query('LWPOLYLINE[layer=="PART_OUTLINE"]')
    assert f"uuid={board.uid}" in [tag.value for tag in outline.get_xdata("FABWRIGHT")]


def test_the_lower_face_is_shown_in_the_same_plan_on_layers_of_its_own() -> None:
    plate = plate_of(turned_board())
    (hole,) = plate.holes
    assert (hole.x, hole.y, hole.side) == (100.0, 1100.0, 2)
    data = plate_dxf(plate)
    layers = {entity.dxf.layer for entity in opened(data).modelspace()}
    assert {"DRILL_BOTTOM_D20_T10", "POCKET_BOTTOM_T5", "SAW_BOTTOM_T4_LEFT"} <= layers
    compare_plates(plate, read_dxf(data).plate, "P9")


def test_equal_plates_make_one_file_with_their_count() -> None:
    orders = (*order(full_board()), *order(full_board(), quantity=2), *order(full_board(holes=())))
    files = write_dxf(orders)
    assert [file.name for file in files] == ["B1_W01_P7.dxf", "B1_W01_P7_2.dxf"]
    assert [read_dxf(file.content).quantity for file in files] == [3, 1]
    verify_dxf(files, orders)


def test_switches_leave_layers_out() -> None:
    options = DxfOptions(with_nails=False, with_grain=False, with_label=False)
    layers = {e.dxf.layer for e in opened(plate_dxf(plate_of(marked_board()), 1, options)).modelspace()}
    assert not layers & {"NAIL", "GRAIN", "LABEL"}


@pytest.mark.parametrize(
    ("process", "reason"),
    [
        (Drilling(side=1, start_x=100.0, start_y=11.0), "edge 1"),
        (Drilling(side=4, start_x=100.0, start_y=100.0, inclination=60.0), "tilted by 60"),
        (JackRafterCut(orientation="end"), "JackRafterCut"),
        (Pocket(side=4, start_depth=5.0, tilt_end_side=45.0), "turned or open Pocket"),
        (Pocket(side=4, start_depth=30.0), "30 deep"),
    ],
)
def test_work_that_a_plan_cannot_show_is_refused_by_name(process, reason) -> None:
    with pytest.raises(UnsupportedError, match=rf"board P7.*{reason}"):
        write_dxf(order(full_board(processes=(process,))))


def test_a_hole_outside_the_board_and_an_empty_selection_are_refused() -> None:
    with pytest.raises(InputError, match="board P7: a drilling at 9999"):
        write_dxf(order(full_board(processes=(Drilling(side=4, start_x=9999.0),))))
    with pytest.raises(InputError, match="no plates"):
        write_dxf(())
    with pytest.raises(InputError, match="group_by"):
        DxfOptions(group_by="wall")  # type: ignore[arg-type]


def test_another_plate_is_found_out() -> None:
    files = write_dxf(order(full_board()))
    for other, reason in [
        (full_board(length=2501.0), "length"),
        (full_board(holes=(rectangle(300.0, 200.0, 600.0, 401.0), circle(1500.0, 400.0, 68.0))), "cut-out"),
        (full_board(holes=()), "cut-out"),
        (full_board(processes=()), "cut-outs"),
        (full_board(thickness=23.0), "thickness"),
    ]:
        with pytest.raises(VerificationError, match=reason):
            verify_dxf(files, order(other))
    with pytest.raises(VerificationError, match="2 pieces were asked"):
        verify_dxf(files, order(full_board(), quantity=2))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda data: data[: len(data) // 2], "DXF|line|expected"),
        (lambda data: data.replace(b"AC1015", b"AC1009"), "R2000"),
        (lambda data: data.replace(b"PART_OUTLINE", b"OTHER"), "one outline"),
        (lambda data: data.replace(b"DRILL_D20_THRU", b"DRILL_20"), "DRILL_D20_T12"),
        (lambda data: data.replace(b"thickness=", b"thick="), "thickness"),
        (lambda _: b"solid cube", "DXF|line"),
        (lambda _: b"", "complete"),
    ],
)
def test_a_damaged_file_is_refused(change, reason) -> None:
    data = plate_dxf(plate_of(full_board()))
    with pytest.raises(FormatError, match=reason):
        read_dxf(change(data))


def test_a_file_of_another_name_order_is_found_out() -> None:
    files = write_dxf(order(full_board()))
    with pytest.raises(VerificationError, match="1 plates were asked"):
        verify_dxf([*files, File("x.dxf", b"")], order(full_board()))
