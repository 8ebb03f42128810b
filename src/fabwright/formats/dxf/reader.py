"""DXF to plates: our own layers, read from the tags of the file without the writer's or ezdxf's help."""

import math
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from fabwright.errors import FormatError, InputError
from fabwright.formats.dxf.layers import CUTOUT, MARK, NAIL, OUTLINE, Tooling, tooling_of
from fabwright.formats.plates import Area, Hole, Note, Path, Plate
from fabwright.formats.plates.plate import BOTTOM, TOP
from fabwright.timber import Contour, Point2, Segment
from fabwright.timber.process import ToolPosition

MAX_BYTES = 200 * 1024 * 1024
_UNICODE = re.compile(r"\\U\+([0-9A-Fa-f]{4})")


@dataclass(frozen=True)
class DxfPlate:
    """What a file says."""

    plate: Plate
    quantity: int


@dataclass
class _Entity:
    kind: str
    tags: list[tuple[int, str]] = field(default_factory=list)

    def text(self, code: int, default: str = "") -> str:
        return next((value for found, value in self.tags if found == code), default)

    def number(self, code: int, default: float | None = None) -> float:
        text = self.text(code)
        try:
            value = float(text) if text else default
        except ValueError:
            value = None
        if value is None or not math.isfinite(value):
            raise FormatError(f"a number was expected in group {code}, got {text!r}", where=self.kind)
        return value

    @property
    def layer(self) -> str:
        return self.text(8)

    @property
    def place(self) -> Point2:
        return (self.number(10), self.number(20))


def read_dxf(data: bytes) -> DxfPlate:
    """The plate of one file.

    Raises:
        FormatError: no DXF of R2000 or newer in ASCII, no or several outlines, or an entity that its layer does not
            allow; names it.
    """
    if len(data) > MAX_BYTES:
        raise FormatError(f"at most {MAX_BYTES} bytes are read", where="DXF")
    outlines: list[_Entity] = []
    work: dict[str, list[object]] = defaultdict(list)
    for entity in _entities(data):
        if entity.layer == OUTLINE:
            outlines.append(entity)
        elif entity.layer == CUTOUT:
            work["cutouts"].append(_closed(entity))
        elif entity.layer == NAIL:
            work["nails"].append(entity.place)
        else:
            tooling = tooling_of(entity.layer)
            if tooling is not None:
                _add(work, entity, tooling)
    if len(outlines) != 1:
        raise FormatError(f"one outline on layer {OUTLINE} was expected, got {len(outlines)}", where="DXF")
    return _plate(outlines[0], work)


def _plate(entity: _Entity, work: dict[str, list[object]]) -> DxfPlate:
    outline = _closed(entity)
    facts = dict(_decoded(value).partition("=")[::2] for code, value in entity.tags if code == 1000)
    try:
        length, width, thickness = (float(facts[name]) for name in ("length", "width", "thickness"))
        quantity, zone = int(facts["quantity"]), int(facts["zone"])
    except (KeyError, ValueError) as error:
        raise FormatError(
            f"length, width, thickness, quantity and zone were expected with the outline: {error}", where="DXF"
        ) from error
    return DxfPlate(
        Plate(
            reference=facts.get("reference", ""),
            uid=facts.get("uuid", ""),
            material=facts.get("material", ""),
            length=length,
            width=width,
            thickness=thickness,
            outline=outline,
            zone=zone,
            **{name: tuple(items) for name, items in work.items()},  # type: ignore[arg-type]
        ),
        quantity,
    )


def _add(work: dict[str, list[object]], entity: _Entity, tooling: Tooling) -> None:
    side = BOTTOM if tooling.is_bottom else TOP
    if entity.kind == "CIRCLE" and tooling.kind == "DRILL":
        x, y = entity.place
        work["holes"].append(Hole(x, y, 2 * entity.number(40), tooling.depth, side))
    elif entity.kind == "TEXT" and tooling.kind == MARK:
        x, y = entity.place
        work["notes"].append(Note(x, y, _decoded(entity.text(1)), entity.number(40), entity.number(50, 0.0), side))
    elif entity.kind != "LWPOLYLINE" or tooling.kind == "DRILL":
        raise FormatError(f"a {entity.kind} does not belong on layer {entity.layer}", where="DXF")
    elif tooling.kind == "POCKET":
        work["areas"].append(Area(_closed(entity), tooling.depth or 0.0, (), side))
    elif tooling.kind == "ISLAND":
        if not work["areas"]:
            raise FormatError("an island without a pocket before it", where=entity.layer)
        area = work["areas"].pop()
        assert isinstance(area, Area)
        work["areas"].append(Area(area.contour, area.depth, (*area.islands, _closed(entity)), side))
    elif tooling.kind == MARK:
        work["marks"].append(Path(_contour(entity), 0.0, side=side))
    else:
        position: ToolPosition = "center"
        if tooling.position in ("left", "right"):
            position = "left" if tooling.position == "left" else "right"
        work["paths"].append(Path(_contour(entity), tooling.depth, position, tooling.kind == "SAW", side=side))


def _closed(entity: _Entity) -> Contour:
    if entity.kind != "LWPOLYLINE" or not int(entity.number(70, 0.0)) & 1:
        raise FormatError("a closed LWPOLYLINE was expected", where=f"{entity.kind} on {entity.layer}")
    return _contour(entity)


def _contour(entity: _Entity) -> Contour:
    points: list[tuple[float, float, float]] = []
    for code, value in entity.tags:
        if code in (10, 20, 42):
            try:
                number = float(value)
            except ValueError as error:
                raise FormatError(
                    f"a number was expected in group {code}, got {value!r}", where=entity.layer
                ) from error
            if code == 10:
                points.append((number, math.nan, 0.0))
            elif points:
                x, y, bulge = points[-1]
                points[-1] = (x, number, bulge) if code == 20 else (x, y, number)
    if int(entity.number(70, 0.0)) & 1 and points:
        points.append((points[0][0], points[0][1], 0.0))
    if len(points) < 2:
        raise FormatError("at least two vertices were expected", where=f"{entity.kind} on {entity.layer}")
    steps = []
    for (x, y, bulge), (u, v, _) in zip(points, points[1:], strict=False):
        steps.append(Segment(end=(u, v), through=_through((x, y), (u, v), bulge) if bulge else None))
    try:
        return Contour(start=(points[0][0], points[0][1]), segments=tuple(steps))
    except InputError as error:
        raise FormatError(error.message, where=f"{entity.kind} on {entity.layer}") from error


def _through(start: Point2, end: Point2, bulge: float) -> Point2:
    """The middle of the arc. The sagitta is the bulge times half the chord, to the right of the way when positive."""
    (x, y), (u, v) = start, end
    return ((x + u) / 2 + bulge * (v - y) / 2, (y + v) / 2 - bulge * (u - x) / 2)


def _entities(data: bytes) -> Iterator[_Entity]:
    """The entities of the section ENTITIES.

    Raises:
        FormatError: not ASCII DXF, an old version, or cut short.
    """
    tags = _tags(data)
    section, version, current, ended = "", "", None, False
    for code, value in tags:
        if code == 0 and value == "EOF":
            ended = True
            break
        if code == 2 and section == "?":
            section = value
        elif code == 1 and not version and section == "HEADER":
            version = value
        elif code == 0 and value in ("SECTION", "ENDSEC"):
            if current is not None:
                yield current
            current, section = None, "?" if value == "SECTION" else ""
        elif section == "ENTITIES":
            if code == 0:
                if current is not None:
                    yield current
                current = _Entity(value)
            elif current is not None:
                current.tags.append((code, value))
    if not ended or version < "AC1015":
        raise FormatError("a complete ASCII DXF of R2000 or newer was expected", where="DXF")


def _tags(data: bytes) -> Iterator[tuple[int, str]]:
    lines = data.decode("cp1252", errors="replace").splitlines()
    if len(lines) % 2:
        raise FormatError("the file ends between a group code and its value", where=f"line {len(lines)}")
    for number in range(0, len(lines), 2):
        try:
            yield int(lines[number]), lines[number + 1].strip()
        except ValueError as error:
            raise FormatError(
                f"a group code was expected, got {lines[number][:20]!r}", where=f"line {number + 1}"
            ) from error


def _decoded(text: str) -> str:
    return _UNICODE.sub(lambda found: chr(int(found.group(1), 16)), text)
