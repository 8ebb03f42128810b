"""DXF to plates: our own layers, read from the tags of the file without the writer's or ezdxf's help."""

import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from fabwright.errors import FormatError, InputError
from fabwright.formats.dxf.layers import BOARD, CUTOUT, MARK, NAIL, OUTLINE, Tooling, tooling_of
from fabwright.formats.dxf.page import escaped
from fabwright.formats.plates import Area, Hole, Note, Path, Plate
from fabwright.formats.plates.plate import BOTTOM, TOP
from fabwright.timber import Contour, Point2, Segment
from fabwright.timber.process import ToolPosition

MAX_BYTES = 200 * 1024 * 1024
_WHOLE = re.compile(r"-?[0-9]{1,9}")
_UNICODE = re.compile(r"\\U\+([0-9A-Fa-f]{4})")


@dataclass(frozen=True)
class DxfPlate:
    """What a file says."""

    plate: Plate
    quantity: int


type Work = dict[str, list[object]]
"""By field of `Plate`."""


@dataclass
class Entity:
    """One entity with its tags."""

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
    outlines: list[Entity] = []
    work: Work = defaultdict(list)
    for entity in entities(data):
        if entity.layer == BOARD:
            raise FormatError("a single plate was expected, this is a nested sheet", where="DXF")
        if entity.layer == OUTLINE:
            outlines.append(entity)
        else:
            take(work, entity)
    if len(outlines) != 1:
        raise FormatError(f"one outline on layer {OUTLINE} was expected, got {len(outlines)}", where="DXF")
    (outline,) = outlines
    return DxfPlate(plate_from(outline, work), whole(facts_of(outline), "quantity", OUTLINE))


def take(work: Work, entity: Entity) -> None:
    """Adds what the entity says to be done, if its layer is one of work."""
    if entity.layer == CUTOUT:
        work["cutouts"].append(closed_contour(entity))
    elif entity.layer == NAIL:
        work["nails"].append(entity.place)
    else:
        tooling = tooling_of(entity.layer)
        if tooling is not None:
            _add(work, entity, tooling)


def facts_of(entity: Entity) -> dict[str, str]:
    """The extended data that the writer added."""
    return dict(_decoded(value).partition("=")[::2] for code, value in entity.tags if code == 1000)


def carried(name: str, text: str) -> str:
    """What comes back of a text in the extended data: one line, cut where the format ends it, no blanks at its end."""
    return _decoded(escaped(f"{name}={text}").strip()).partition("=")[2]


def whole(facts: Mapping[str, str], name: str, where: str) -> int:
    """A whole number of the extended data.

    Raises:
        FormatError: missing or no number.
    """
    text = facts.get(name, "")
    if not _WHOLE.fullmatch(text):
        raise FormatError(f"a whole number was expected in {name}=, got {text[:40]!r}", where=where)
    return int(text)


def real(facts: Mapping[str, str], name: str, where: str) -> float:
    """A number of the extended data.

    Raises:
        FormatError: missing or no number.
    """
    text = facts.get(name, "")
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise FormatError(f"a number was expected in {name}=, got {text[:40]!r}", where=where)
    return value


def plate_from(outline: Entity, work: Work) -> Plate:
    """The plate as it is drawn.

    Raises:
        FormatError: an open outline, or extended data that are missing.
    """
    contour, facts = closed_contour(outline), facts_of(outline)
    return Plate(
        reference=facts.get("reference", ""),
        uid=facts.get("uuid", ""),
        material=facts.get("material", ""),
        length=real(facts, "length", OUTLINE),
        width=real(facts, "width", OUTLINE),
        thickness=real(facts, "thickness", OUTLINE),
        outline=contour,
        zone=whole(facts, "zone", OUTLINE),
        **{name: tuple(items) for name, items in work.items()},  # type: ignore[arg-type]
    )


def _add(work: Work, entity: Entity, tooling: Tooling) -> None:
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
        work["areas"].append(Area(closed_contour(entity), tooling.depth or 0.0, (), side))
    elif tooling.kind == "ISLAND":
        if not work["areas"]:
            raise FormatError("an island without a pocket before it", where=entity.layer)
        area = work["areas"].pop()
        assert isinstance(area, Area)
        work["areas"].append(Area(area.contour, area.depth, (*area.islands, closed_contour(entity)), side))
    elif tooling.kind == MARK:
        work["marks"].append(Path(_contour(entity), 0.0, side=side))
    else:
        position: ToolPosition = "center"
        if tooling.position in ("left", "right"):
            position = "left" if tooling.position == "left" else "right"
        work["paths"].append(Path(_contour(entity), tooling.depth, position, tooling.kind == "SAW", side=side))


def closed_contour(entity: Entity) -> Contour:
    """The contour of a closed LWPOLYLINE.

    Raises:
        FormatError: another entity, or an open one.
    """
    if entity.kind != "LWPOLYLINE" or not int(entity.number(70, 0.0)) & 1:
        raise FormatError("a closed LWPOLYLINE was expected", where=f"{entity.kind} on {entity.layer}")
    return _contour(entity)


def _contour(entity: Entity) -> Contour:
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


def entities(data: bytes) -> Iterator[Entity]:
    """The entities of the section ENTITIES.

    Raises:
        FormatError: not ASCII DXF, an old version, cut short, or too large.
    """
    if len(data) > MAX_BYTES:
        raise FormatError(f"at most {MAX_BYTES} bytes are read", where="DXF")
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
                current = Entity(value)
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
