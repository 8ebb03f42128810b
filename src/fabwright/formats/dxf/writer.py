"""Plates to DXF, a file for every different one, on layers that say what to do."""

from collections.abc import Sequence
from typing import Literal

from fabwright.errors import InputError, UnsupportedError
from fabwright.formats.dxf.layers import CUTOUT, GRAIN, LABEL, MARK, NAIL, OUTLINE, Tooling, layer_name
from fabwright.formats.dxf.page import Page
from fabwright.formats.files import File, file_name, safe_name, unique_files
from fabwright.formats.plates import Plate, PlateOrder, of_order, pieces_by_plate, plate_of
from fabwright.formats.plates.plate import BOTTOM, TOP
from fabwright.timber.parameters import Parameters

LABEL_HEIGHT = 30.0  # mm; smaller on small plates


class DxfOptions(Parameters, frozen=True, kw_only=True):
    """Options of `plates_dxf`.

    Attributes:
        group_by: what the file names begin with.
        with_nails, with_grain, with_label: whether these layers are written.
    """

    group_by: Literal["batch", "phase"] = "batch"
    with_nails: bool = True
    with_grain: bool = True
    with_label: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.group_by not in ("batch", "phase"):
            raise InputError(f"must be batch or phase, got {self.group_by!r}", where="group_by")


def write_dxf(orders: Sequence[PlateOrder], options: DxfOptions | None = None) -> tuple[File, ...]:
    """A file for every different plate; the number of pieces stands in its data and label.

    Raises:
        InputError: no plate.
        UnsupportedError: work that a plan cannot show (on edges, inclined); names the plate and the work.
    """
    options = options or DxfOptions()
    if not orders:
        raise InputError("the selection holds no plates", where="orders")
    files = []
    for order, count in pieces_by_plate(orders):
        group = order.batch if options.group_by == "batch" else order.phase
        words = [safe_name(word, most=40) for word in (group, order.assembly, order.board.reference) if word]
        with of_order(order):
            content = plate_dxf(plate_of(order.board), count, options)
        files.append(File(file_name("_".join(words), "dxf"), content))
    return unique_files(files)


def plate_dxf(plate: Plate, quantity: int = 1, options: DxfOptions | None = None) -> bytes:
    """One plate as a file, its lower left corner in the origin.

    Raises:
        UnsupportedError: work on an edge; names the plate.
    """
    options = options or DxfOptions()
    page = Page()
    page.polyline(OUTLINE, plate.outline, closed=True, facts={**plate_facts(plate), "quantity": str(quantity)})
    add_work(page, plate, options)
    if options.with_grain:
        y = plate.width / 2
        page.line(GRAIN, (plate.length * 0.4, y), (plate.length * 0.6, y))
    if options.with_label and plate.reference:
        height = min(LABEL_HEIGHT, plate.width / 6)
        page.text(LABEL, (plate.length * 0.4, plate.width * 0.6), f"{plate.reference} x{quantity}", height, 0.0)
    return page.content()


def plate_facts(plate: Plate) -> dict[str, str]:
    """What the outline's extended data say of a plate."""
    return {
        "reference": plate.reference,
        "uuid": plate.uid,
        "material": plate.material,
        "length": repr(plate.length),
        "width": repr(plate.width),
        "thickness": repr(plate.thickness),
        "zone": str(plate.zone),
    }


def add_work(page: Page, plate: Plate, options: DxfOptions) -> None:
    """Everything within the outline, save grain and label.

    Raises:
        UnsupportedError: work on an edge; names the plate.
    """
    for contour in plate.cutouts:
        page.polyline(CUTOUT, contour, closed=True)
    _add_work(page, plate)
    if options.with_nails:
        for point in plate.nails:
            page.point(NAIL, point)


def _add_work(page: Page, plate: Plate) -> None:
    for hole in plate.holes:
        if hole.side not in (TOP, BOTTOM):
            raise UnsupportedError(
                f"a drilling on edge {hole.side} cannot be shown in a DXF plan", where=f"board {plate.reference}"
            )
        tooling = Tooling("DRILL", hole.depth, hole.diameter, hole.side == BOTTOM)
        page.circle(layer_name(tooling), (hole.x, hole.y), hole.diameter / 2)
    for area in plate.areas:
        bottom = area.side == BOTTOM
        page.polyline(layer_name(Tooling("POCKET", area.depth, is_bottom=bottom)), area.contour, closed=True)
        for island in area.islands:
            page.polyline(layer_name(Tooling("ISLAND", area.depth, is_bottom=bottom)), island, closed=True)
    for path in plate.paths:
        kind = "SAW" if path.is_saw else "ROUTE"
        tooling = Tooling(kind, path.depth, is_bottom=path.side == BOTTOM, position=path.position)
        page.polyline(layer_name(tooling), path.contour, closed=path.contour.is_closed)
    for mark in plate.marks:
        tooling = Tooling(MARK, 0.0, is_bottom=mark.side == BOTTOM)
        page.polyline(layer_name(tooling), mark.contour, closed=mark.contour.is_closed)
    for note in plate.notes:
        layer = layer_name(Tooling(MARK, 0.0, is_bottom=note.side == BOTTOM))
        page.text(layer, (note.x, note.y), note.text, note.height, note.angle)
