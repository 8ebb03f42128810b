"""A nested sheet: one board of stock with the plates that are cut from it, each where the cutting plan puts it."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from fabwright.errors import FormatError
from fabwright.formats.dxf.layers import BOARD, GRAIN, LABEL, OFFCUT, OUTLINE
from fabwright.formats.dxf.page import Page
from fabwright.formats.dxf.reader import (
    Entity,
    Work,
    closed_contour,
    entities,
    facts_of,
    plate_from,
    real,
    take,
    whole,
)
from fabwright.formats.dxf.writer import LABEL_HEIGHT, DxfOptions, add_work, plate_facts
from fabwright.formats.plates import Hole, Note, Plate
from fabwright.formats.plates.plate import rectangle
from fabwright.timber import Contour, Point2, Segment

_LETTER = 0.9  # width of a letter by its height, rather wide: a label must stay on its plate
_PART = "part"


@dataclass(frozen=True)
class PlacedPlate:
    """A plate on a sheet.

    Attributes:
        plate: in its own plan, its lower left corner in the origin.
        x, y: lower left corner of its rectangle on the sheet, mm.
        is_turned: a quarter turn counter-clockwise: its length lies along the sheet's width.
        number: which of the plates that were asked it is, from 1; equal plates share a number.
        assembly: what it is for.
    """

    plate: Plate
    x: float
    y: float
    is_turned: bool = False
    number: int = 1
    assembly: str = ""

    def onto_sheet(self, point: Point2) -> Point2:
        """A point of the plate's plan in the plan of the sheet."""
        x, y = point
        return (self.x + self.plate.width - y, self.y + x) if self.is_turned else (self.x + x, self.y + y)

    @property
    def drawn(self) -> Plate:
        """The plate with all its work in the plan of the sheet; its length and width stay its own."""
        return _moved(self.plate, self.onto_sheet, 90.0 if self.is_turned else 0.0)


@dataclass(frozen=True)
class DxfSheet:
    """One board of stock, its lower left corner in the origin. mm.

    Attributes:
        code: of the stock sheet.
        number, count: this is sheet `number` of `count` of its material and group.
        offcuts: rectangles that are worth keeping.
    """

    code: str
    length: float
    width: float
    thickness: float
    material: str
    number: int
    count: int
    parts: tuple[PlacedPlate, ...]
    offcuts: tuple[Contour, ...] = ()


def sheet_dxf(sheet: DxfSheet, options: DxfOptions | None = None) -> bytes:
    """One board as a file. Every entity of a plate carries `part=<n>` in its extended data, n from 1.

    Raises:
        UnsupportedError: work on an edge; names the plate.
    """
    options = options or DxfOptions()
    page = Page()
    facts = {
        "sheet": sheet.code,
        "material": sheet.material,
        "length": repr(sheet.length),
        "width": repr(sheet.width),
        "thickness": repr(sheet.thickness),
        "number": str(sheet.number),
        "count": str(sheet.count),
    }
    page.polyline(BOARD, rectangle(0.0, 0.0, sheet.length, sheet.width), closed=True, facts=facts)
    for offcut in sheet.offcuts:
        page.polyline(OFFCUT, offcut, closed=True)
    for index, part in enumerate(sheet.parts, start=1):
        page.facts = {_PART: str(index)}
        _add_part(page, part, options)
    return page.content()


def _add_part(page: Page, part: PlacedPlate, options: DxfOptions) -> None:
    plate, drawn = part.plate, part.drawn
    place = {
        "x": repr(part.x),
        "y": repr(part.y),
        "turned": str(int(part.is_turned)),
        "plate": str(part.number),
        "assembly": part.assembly,
    }
    page.polyline(OUTLINE, drawn.outline, closed=True, facts={**plate_facts(plate), **place})
    add_work(page, drawn, options)
    if options.with_grain:
        y = plate.width / 2
        ends = (plate.length * 0.4, y), (plate.length * 0.6, y)
        page.line(GRAIN, part.onto_sheet(ends[0]), part.onto_sheet(ends[1]))
    if options.with_label and plate.reference:
        height = min(LABEL_HEIGHT, plate.width / 6, 0.8 * plate.length / (_LETTER * len(plate.reference)))
        start = (plate.length - height * _LETTER * len(plate.reference)) / 2
        at = part.onto_sheet((start, plate.width * 0.6))
        page.text(LABEL, at, plate.reference, height, 90.0 if part.is_turned else 0.0)


def read_dxf_sheet(data: bytes) -> DxfSheet:
    """The sheet of one file, its plates in the order of their numbers, each turned back into its own plan.

    Raises:
        FormatError: no DXF of R2000 or newer in ASCII, no or several boards, a plate with no or several outlines, or
            an entity that its layer does not allow; names it.
    """
    boards: list[Entity] = []
    offcuts: list[Contour] = []
    outlines: dict[int, Entity] = {}
    work: dict[int, Work] = defaultdict(lambda: defaultdict(list))
    for entity in entities(data):
        if entity.layer == BOARD:
            boards.append(entity)
        elif entity.layer == OFFCUT:
            offcuts.append(closed_contour(entity))
        else:
            index = whole(facts_of(entity), _PART, f"{entity.kind} on {entity.layer}")
            if entity.layer != OUTLINE:
                take(work[index], entity)
            elif index in outlines:
                raise FormatError(f"part {index} has two outlines", where="DXF")
            else:
                outlines[index] = entity
    if len(boards) != 1:
        raise FormatError(f"one board on layer {BOARD} was expected, got {len(boards)}", where="DXF")
    lost = sorted(work.keys() - outlines.keys())
    if lost:
        raise FormatError(f"part {lost[0]} has no outline on layer {OUTLINE}", where="DXF")
    parts = tuple(_placed(outlines[index], work[index], index) for index in sorted(outlines))
    return _sheet(boards[0], parts, tuple(offcuts))


def _sheet(board: Entity, parts: tuple[PlacedPlate, ...], offcuts: tuple[Contour, ...]) -> DxfSheet:
    facts = facts_of(board)
    points = closed_contour(board).points()
    xs, ys = [x for x, _ in points], [y for _, y in points]
    length, width = real(facts, "length", BOARD), real(facts, "width", BOARD)
    box = (min(xs), min(ys), max(xs), max(ys))
    if any(abs(a - b) > 1e-3 for a, b in zip(box, (0.0, 0.0, length, width), strict=True)):
        raise FormatError(f"a board of {length:g} × {width:g} from the origin was expected", where=BOARD)
    return DxfSheet(
        code=facts.get("sheet", ""),
        length=length,
        width=width,
        thickness=real(facts, "thickness", BOARD),
        material=facts.get("material", ""),
        number=whole(facts, "number", BOARD),
        count=whole(facts, "count", BOARD),
        parts=parts,
        offcuts=offcuts,
    )


def _placed(outline: Entity, work: Work, index: int) -> PlacedPlate:
    drawn, facts = plate_from(outline, work), facts_of(outline)
    where = f"part {index}"
    is_turned = bool(whole(facts, "turned", where))
    x, y = real(facts, "x", where), real(facts, "y", where)

    def own(point: Point2) -> Point2:
        across, up = point[0] - x, point[1] - y
        return (up, drawn.width - across) if is_turned else (across, up)

    plate = _moved(drawn, own, -90.0 if is_turned else 0.0)
    return PlacedPlate(plate, x, y, is_turned, _number(facts, where), facts.get("assembly", ""))


def _number(facts: Mapping[str, str], where: str) -> int:
    number = whole(facts, "plate", where)
    if number < 1:
        raise FormatError("plates are numbered from 1", where=where)
    return number


def _moved(plate: Plate, point: Callable[[Point2], Point2], turn: float) -> Plate:
    """All geometry through `point`, a shift and a turn by `turn` degrees; what lies left of a path stays left."""

    def contour(path: Contour) -> Contour:
        steps = tuple(
            Segment(end=point(step.end), through=None if step.through is None else point(step.through))
            for step in path.segments
        )
        return Contour(start=point(path.start), segments=steps)

    def hole(item: Hole) -> Hole:
        x, y = point((item.x, item.y))
        return replace(item, x=x, y=y)

    def note(item: Note) -> Note:
        x, y = point((item.x, item.y))
        return replace(item, x=x, y=y, angle=item.angle + turn)

    return replace(
        plate,
        outline=contour(plate.outline),
        cutouts=tuple(map(contour, plate.cutouts)),
        holes=tuple(map(hole, plate.holes)),
        areas=tuple(
            replace(area, contour=contour(area.contour), islands=tuple(map(contour, area.islands)))
            for area in plate.areas
        ),
        paths=tuple(replace(path, contour=contour(path.contour)) for path in plate.paths),
        marks=tuple(replace(mark, contour=contour(mark.contour)) for mark in plate.marks),
        notes=tuple(map(note, plate.notes)),
        nails=tuple(map(point, plate.nails)),
    )
