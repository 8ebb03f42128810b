"""The model space of a file as it grows: closed LWPOLYLINEs with bulges, CIRCLEs, LINEs, POINTs and TEXT."""

import math
from collections.abc import Iterable

from fabwright.formats.dxf.frame import APPLICATION, Handles, frame
from fabwright.timber import Contour, Point2
from fabwright.timber.contour import arc_circle


class Page:
    """Entities as they are added, and the layers they need.

    Attributes:
        facts: extended data of every entity that is added from now on, besides its own.
    """

    def __init__(self) -> None:
        self.facts: dict[str, str] = {}
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
        self._end(facts)

    def circle(self, layer: str, centre: Point2, radius: float) -> None:
        """A circle."""
        self._begin("CIRCLE", layer, "AcDbCircle")
        self._parts.append(f" 10\n{_number(centre[0])}\n 20\n{_number(centre[1])}\n 30\n0.0\n 40\n{_number(radius)}\n")
        self._end()

    def line(self, layer: str, start: Point2, end: Point2) -> None:
        """A line."""
        self._begin("LINE", layer, "AcDbLine")
        self._parts.append(f" 10\n{_number(start[0])}\n 20\n{_number(start[1])}\n 30\n0.0\n")
        self._parts.append(f" 11\n{_number(end[0])}\n 21\n{_number(end[1])}\n 31\n0.0\n")
        self._end()

    def point(self, layer: str, at: Point2) -> None:
        """A point."""
        self._begin("POINT", layer, "AcDbPoint")
        self._parts.append(f" 10\n{_number(at[0])}\n 20\n{_number(at[1])}\n 30\n0.0\n")
        self._end()

    def text(self, layer: str, at: Point2, text: str, height: float, angle: float) -> None:
        """One line of text from its lower left corner."""
        self._begin("TEXT", layer, "AcDbText")
        self._parts.append(
            f" 10\n{_number(at[0])}\n 20\n{_number(at[1])}\n 30\n0.0\n 40\n{_number(max(height, 0.1))}\n"
        )
        self._parts.append(f"  1\n{escaped(text)}\n 50\n{_number(angle)}\n100\nAcDbText\n")
        self._end()

    def _begin(self, kind: str, layer: str, subclass: str) -> None:
        if layer not in self._layers:
            self._layers[layer] = self._handles.take()
        self._parts.append(
            f"  0\n{kind}\n  5\n{self._handles.take()}\n330\n{self._owner}\n100\nAcDbEntity\n  8\n{layer}\n"
            f"100\n{subclass}\n"
        )

    def _end(self, facts: dict[str, str] | None = None) -> None:
        if not facts and not self.facts:
            return
        self._parts.append(f"1001\n{APPLICATION}\n")
        self._parts += [
            f"1000\n{escaped(f'{key}={value}')}\n" for key, value in {**self.facts, **(facts or {})}.items()
        ]


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


def escaped(text: str) -> str:
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
