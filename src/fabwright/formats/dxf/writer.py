"""Plates to DXF: closed LWPOLYLINEs with bulges, CIRCLEs, LINEs and TEXT on layers that say what to do."""

import math
from collections.abc import Iterable, Sequence
from typing import Literal

from fabwright.errors import InputError, UnsupportedError
from fabwright.formats.dxf.frame import APPLICATION, Handles, frame
from fabwright.formats.dxf.layers import CUTOUT, GRAIN, LABEL, MARK, NAIL, OUTLINE, Tooling, layer_name
from fabwright.formats.files import File, file_name, safe_name, unique_files
from fabwright.formats.plates import Plate, PlateOrder, pieces_by_plate, plate_of
from fabwright.formats.plates.plate import BOTTOM, TOP
from fabwright.timber import Contour, Point2
from fabwright.timber.contour import arc_circle
from fabwright.timber.parameters import Parameters

_LABEL_HEIGHT = 30.0  # mm; smaller on small plates


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
        files.append(File(file_name("_".join(words), "dxf"), plate_dxf(plate_of(order.board), count, options)))
    return unique_files(files)


def plate_dxf(plate: Plate, quantity: int = 1, options: DxfOptions | None = None) -> bytes:
    """One plate as a file, its lower left corner in the origin.

    Raises:
        UnsupportedError: work on an edge; names the plate.
    """
    options = options or DxfOptions()
    page = _Page()
    facts = {
        "reference": plate.reference,
        "uuid": plate.uid,
        "material": plate.material,
        "length": repr(plate.length),
        "width": repr(plate.width),
        "thickness": repr(plate.thickness),
        "quantity": str(quantity),
        "zone": str(plate.zone),
    }
    page.polyline(OUTLINE, plate.outline, closed=True, facts=facts)
    for contour in plate.cutouts:
        page.polyline(CUTOUT, contour, closed=True)
    _add_work(page, plate)
    if options.with_nails:
        for point in plate.nails:
            page.point(NAIL, point)
    if options.with_grain:
        y = plate.width / 2
        page.line(GRAIN, (plate.length * 0.4, y), (plate.length * 0.6, y))
    if options.with_label and plate.reference:
        height = min(_LABEL_HEIGHT, plate.width / 6)
        page.text(LABEL, (plate.length * 0.4, plate.width * 0.6), f"{plate.reference} x{quantity}", height, 0.0)
    return page.content()


def _add_work(page: "_Page", plate: Plate) -> None:
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


class _Page:
    """Entities as they are added, and the layers they need."""

    def __init__(self) -> None:
        self._handles = Handles()
        self._layers: dict[str, str] = {}
        self._parts: list[str] = []
        self._owner = frame().model_space

    def content(self) -> bytes:
        """The whole file, CRLF, in the code page of the format."""
        return frame().content(self._layers, "".join(self._parts), self._handles.next)

    def polyline(self, layer: str, contour: Contour, *, closed: bool, facts: dict[str, str] | None = None) -> None:
        """A path; arcs become bulges (the tangent of a quarter of the swept angle)."""
        vertices = list(_vertices(contour))
        if closed:
            vertices.pop()
        self._begin("LWPOLYLINE", layer, "AcDbPolyline")
        self._parts.append(f" 90\n{len(vertices)}\n 70\n{1 if closed else 0}\n")
        for (x, y), bulge in vertices:
            self._parts.append(f" 10\n{_number(x)}\n 20\n{_number(y)}\n")
            if bulge:
                self._parts.append(f" 42\n{bulge:.12g}\n")
        if facts:
            self._parts.append(f"1001\n{APPLICATION}\n")
            self._parts += [f"1000\n{_escaped(f'{key}={value}')}\n" for key, value in facts.items()]

    def circle(self, layer: str, centre: Point2, radius: float) -> None:
        """A circle."""
        self._begin("CIRCLE", layer, "AcDbCircle")
        self._parts.append(f" 10\n{_number(centre[0])}\n 20\n{_number(centre[1])}\n 30\n0.0\n 40\n{_number(radius)}\n")

    def line(self, layer: str, start: Point2, end: Point2) -> None:
        """A line."""
        self._begin("LINE", layer, "AcDbLine")
        self._parts.append(f" 10\n{_number(start[0])}\n 20\n{_number(start[1])}\n 30\n0.0\n")
        self._parts.append(f" 11\n{_number(end[0])}\n 21\n{_number(end[1])}\n 31\n0.0\n")

    def point(self, layer: str, at: Point2) -> None:
        """A point."""
        self._begin("POINT", layer, "AcDbPoint")
        self._parts.append(f" 10\n{_number(at[0])}\n 20\n{_number(at[1])}\n 30\n0.0\n")

    def text(self, layer: str, at: Point2, text: str, height: float, angle: float) -> None:
        """One line of text from its lower left corner."""
        self._begin("TEXT", layer, "AcDbText")
        self._parts.append(
            f" 10\n{_number(at[0])}\n 20\n{_number(at[1])}\n 30\n0.0\n 40\n{_number(max(height, 0.1))}\n"
        )
        self._parts.append(f"  1\n{_escaped(text)}\n 50\n{_number(angle)}\n100\nAcDbText\n")

    def _begin(self, kind: str, layer: str, subclass: str) -> None:
        if layer not in self._layers:
            self._layers[layer] = self._handles.take()
        self._parts.append(
            f"  0\n{kind}\n  5\n{self._handles.take()}\n330\n{self._owner}\n100\nAcDbEntity\n  8\n{layer}\n"
            f"100\n{subclass}\n"
        )


def _vertices(contour: Contour) -> Iterable[tuple[Point2, float]]:
    """(point, bulge to the next) of all points, the last with bulge 0."""
    at = contour.start
    for step in contour.segments:
        bulge = 0.0
        if step.through is not None:
            circle = arc_circle(at, step.through, step.end)
            if circle is not None:
                bulge = math.tan(circle[2] / 4)
        yield at, bulge
        at = step.end
    yield at, 0.0


def _number(value: float) -> str:
    text = f"{value:.5f}".rstrip("0")
    text = f"{text}0" if text.endswith(".") else text
    return "0.0" if text == "-0.0" else text


def _escaped(text: str) -> str:
    """Text as a DXF string: one line, signs outside the code page as \\U+XXXX."""
    if text.isascii() and text.isprintable() and "\\" not in text:
        return text[:250]
    result = []
    for sign in text[:250]:
        code = ord(sign)
        if code < 32 or code in (0x7F, 0x2028, 0x2029):
            result.append(" ")
        elif sign == "\\":
            result.append("\\U+005C")
        elif code < 127 or sign in _CODE_PAGE:
            result.append(sign)
        elif code <= 0xFFFF:
            result.append(f"\\U+{code:04X}")
        else:
            result.append("?")
    return "".join(result)


_CODE_PAGE = frozenset(bytes(range(0xA0, 0x100)).decode("cp1252"))
