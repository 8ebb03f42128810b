"""`plates_dxf` nested: every board of the cutting plan as a drawing, its plates in place with all their work."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from shapely import Polygon, STRtree, box

from fabwright.cutting.lots import Lot, cut_lots, lot_name
from fabwright.cutting.plan import CuttingPlan, Piece
from fabwright.cutting.stock import CutPart, CutSettings, StockSheet
from fabwright.errors import InputError, VerificationError
from fabwright.formats.dxf import DxfOptions, DxfSheet, PlacedPlate, read_dxf_sheet, sheet_dxf
from fabwright.formats.dxf.reader import carried
from fabwright.formats.files import File, file_name, safe_name, unique_files
from fabwright.formats.plates import Plate, PlateOrder, of_order, pieces_by_plate, plate_of
from fabwright.formats.plates.compare import compare_plates
from fabwright.formats.plates.plate import rectangle
from fabwright.timber.parameters import Parameters

_REACH = 0.05  # mm: sizes are rounded to a tenth for the plan, arcs are compared as chords
_CHORD = 0.01  # mm


class NestOptions(Parameters, frozen=True, kw_only=True):
    """Options of `plates_dxf` with nested sheets.

    Attributes:
        drawing: what is drawn, and what file names begin with.
        grain: whether every plate's length lies along the sheet's length; else plates may be turned.
        stock: sheets for every material that has none of its own; `material_stock` goes first.
        saw: its kerf is the room between two plates: at least the diameter of the tool that mills the outlines.
    """

    drawing: DxfOptions = DxfOptions()
    grain: bool = False
    stock: tuple[StockSheet, ...] = (StockSheet(code="2800x2070", length=2800.0, width=2070.0),)
    material_stock: dict[str, tuple[StockSheet, ...]] = {}
    saw: CutSettings = CutSettings()

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.stock:
            raise InputError("at least one sheet is needed", where="stock")

    def sheets(self, material: str) -> tuple[StockSheet, ...]:
        """The sheets of a material."""
        return self.material_stock.get(material) or self.stock


@dataclass(frozen=True)
class _Asked:
    """One of the different plates: `number` from 1 in the order of the selection."""

    number: int
    order: PlateOrder
    pieces: int
    plate: Plate


type _Lot = tuple[str, str, str, float]
"""Project, batch or phase, material, thickness: what may share a board."""


def write_sheets_dxf(orders: Sequence[PlateOrder], options: NestOptions | None = None) -> tuple[File, ...]:
    """A file for every board of stock that the plan takes, also where two boards are alike: one is one to tick off.

    Raises:
        InputError: no plate, or one whose outline reaches over its length and width; names it.
        LimitError: a plate larger than every sheet of its material, or more than the stock holds; names it.
        UnsupportedError: work that a plan cannot show (on edges, inclined); names the plate and the work.
    """
    options = options or NestOptions()
    if not orders:
        raise InputError("the selection holds no plates", where="orders")
    lots: dict[_Lot, list[_Asked]] = {}
    for asked in _asked(orders):
        lots.setdefault(_lot_of(asked, options), []).append(asked)
    chosen = sorted(lots.items())
    plans = cut_lots([_wanted(lot, plates, options) for lot, plates in chosen], options.saw)
    files = []
    for ((_, group, material, thickness), plates), plan in zip(chosen, plans, strict=True):
        for sheet in _sheets(plates, plan, material, thickness, options.sheets(material)):
            files.append(File(_name(group, sheet), sheet_dxf(sheet, options.drawing)))
    return unique_files(files)


def _name(group: str, sheet: DxfSheet) -> str:
    words = [group, lot_name(sheet.material, sheet.thickness), sheet.code]
    stem = "_".join(safe_name(word, most=30) for word in words if word)
    return file_name(f"{stem}_{sheet.number:0{len(str(sheet.count))}d}of{sheet.count}", "dxf")


def _asked(orders: Sequence[PlateOrder]) -> list[_Asked]:
    found = []
    for number, (order, pieces) in enumerate(pieces_by_plate(orders), start=1):
        with of_order(order):
            found.append(_Asked(number, order, pieces, plate_of(order.board)))
    return found


def _lot_of(asked: _Asked, options: NestOptions) -> _Lot:
    order = asked.order
    group = order.batch if options.drawing.group_by == "batch" else order.phase
    return (order.project, group, order.board.material, order.board.thickness)


def _wanted(lot: _Lot, plates: Sequence[_Asked], options: NestOptions) -> Lot:
    _, _, material, thickness = lot
    for asked in plates:
        with of_order(asked.order):
            _check_outline(asked.plate)
    parts = tuple(
        CutPart(
            reference=asked.plate.reference or "P",
            length=asked.plate.length,
            width=asked.plate.width,
            quantity=asked.pieces,
            grain="length" if options.grain else "free",
            uid=asked.plate.uid,
            place=asked.order.assembly,
        )
        for asked in plates
    )
    return Lot(lot_name(material, thickness), parts, tuple(options.sheets(material)))


def _sheets(
    plates: Sequence[_Asked], plan: CuttingPlan, material: str, thickness: float, stock: Sequence[StockSheet]
) -> Iterator[DxfSheet]:
    boards = [(pattern.sheet, list(pattern.root.leaves())) for pattern in plan.patterns for _ in range(pattern.runs)]
    for number, (index, leaves) in enumerate(boards, start=1):
        sheet = stock[index]
        yield DxfSheet(
            code=sheet.code,
            length=sheet.length,
            width=sheet.width,
            thickness=thickness,
            material=material,
            number=number,
            count=len(boards),
            parts=tuple(_placed(piece, plates) for piece in leaves if piece.kind == "part"),
            offcuts=tuple(rectangle(p.x, p.y, p.length, p.width) for p in leaves if p.kind == "offcut"),
        )


def _check_outline(plate: Plate) -> None:
    """The plan knows plates by length and width: what reaches over them would lie in a neighbour."""
    for x, y in plate.outline.points(_CHORD):
        if not (-_REACH <= x <= plate.length + _REACH and -_REACH <= y <= plate.width + _REACH):
            raise InputError(
                f"the outline reaches to {x:g}, {y:g}, over the {plate.length:g} × {plate.width:g} mm of the plate",
                where=f"board {plate.reference}",
            )


def _placed(piece: Piece, plates: Sequence[_Asked]) -> PlacedPlate:
    assert piece.part is not None
    asked = plates[piece.part]
    return PlacedPlate(asked.plate, piece.x, piece.y, piece.is_turned, asked.number, asked.order.assembly)


# -- reading back ---------------------------------------------------------------------------------------------------


def verify_sheets_dxf(files: Sequence[File], orders: Sequence[PlateOrder], options: NestOptions | None = None) -> None:
    """Reads the files again: every plate is there as often as asked and with all its work, on a board of its material
    that the stock holds, inside that board within its trims, and a kerf or more from its neighbours.

    Raises:
        FormatError: a file cannot be read.
        VerificationError: names file and plate, and what differs.
    """
    options = options or NestOptions()
    asked = {one.number: one for one in _asked(orders)}
    found: Counter[int] = Counter()
    used: Counter[tuple[_Lot, str]] = Counter()
    for file in files:
        sheet = read_dxf_sheet(file.content)
        lots = set()
        for part in sheet.parts:
            one = asked.get(part.number)
            if one is None:
                raise VerificationError(f"plate {part.number} was not asked", where=file.name)
            _check_plate(part, one, file.name)
            lots.add(_lot_of(one, options))
            found[part.number] += 1
        if len(lots) != 1 or not _is_of(sheet, next(iter(lots))):
            raise VerificationError(
                "plates of one batch or phase and of the board's material were asked", where=file.name
            )
        lot = lots.pop()
        _check_stock(sheet, lot, options, file.name)
        used[lot, sheet.code] += 1
        _check_places(sheet, options, file.name)
    for number, one in asked.items():
        if found[number] != one.pieces:
            raise VerificationError(
                f"{one.pieces} pieces were asked, the sheets hold {found[number]}",
                where=f"plate {one.plate.reference}",
            )
    _check_quantities(used, options)


def _is_of(sheet: DxfSheet, lot: _Lot) -> bool:
    _, _, material, thickness = lot
    return sheet.material == carried("material", material) and sheet.thickness == thickness


def _check_stock(sheet: DxfSheet, lot: _Lot, options: NestOptions, name: str) -> None:
    sizes = {(carried("sheet", one.code), one.length, one.width) for one in options.sheets(lot[2])}
    if (sheet.code, sheet.length, sheet.width) not in sizes:
        raise VerificationError(
            f"the stock of {sheet.material} has no sheet {sheet.code} of {sheet.length:g} × {sheet.width:g} mm",
            where=name,
        )


def _check_quantities(used: Counter[tuple[_Lot, str]], options: NestOptions) -> None:
    for (lot, code), count in used.items():
        held = [one.quantity for one in options.sheets(lot[2]) if carried("sheet", one.code) == code]
        most = sum(quantity for quantity in held if quantity is not None)
        if None not in held and count > most:
            raise VerificationError(f"{count} sheets {code} are used, the stock holds {most}", where=lot[2])


def _check_plate(part: PlacedPlate, asked: _Asked, name: str) -> None:
    for what, said, wanted in [
        ("reference", part.plate.reference, asked.plate.reference),
        ("uuid", part.plate.uid, asked.plate.uid),
        ("assembly", part.assembly, asked.order.assembly),
    ]:
        if said != carried(what, wanted):
            raise VerificationError(f"{what} {wanted!r} was asked, the file says {said!r}", where=name)
    if part.plate.zone != asked.plate.zone:
        raise VerificationError(f"zone {asked.plate.zone} was asked, the file says {part.plate.zone}", where=name)
    compare_plates(asked.plate, part.plate, name)


def _check_places(sheet: DxfSheet, options: NestOptions, name: str) -> None:
    """Areas, edges of the board, neighbours: on the outlines as they are drawn."""
    trim, kerf = options.saw.trim, options.saw.kerf
    room = box(trim, trim, sheet.length - trim, sheet.width - trim).buffer(_REACH, join_style="mitre")
    shapes = []
    for part in sheet.parts:
        shape = Polygon(part.drawn.outline.points(_CHORD))
        own = Polygon(part.plate.outline.points(_CHORD))
        where = f"{name}, {part.plate.reference}"
        if not shape.is_valid or abs(shape.area - own.area) > _REACH * own.length:
            raise VerificationError(f"an outline of {own.area:.0f} mm2 is drawn with {shape.area:.0f}", where=where)
        if not room.covers(shape):
            raise VerificationError(f"the plate reaches over the trimmed board: {shape.bounds}", where=where)
        shapes.append(shape)
    tree = STRtree(shapes)
    for first, second in np.transpose(tree.query(shapes, predicate="dwithin", distance=max(kerf - _REACH, 0.0))):
        if first < second and (kerf > _REACH or shapes[first].intersection(shapes[second]).area > _REACH):
            names = (sheet.parts[first].plate.reference, sheet.parts[second].plate.reference)
            gap = shapes[first].distance(shapes[second])
            raise VerificationError(
                f"{names[0]} and {names[1]} lie {gap:.2f} mm from one another, the kerf is {kerf:g} mm", where=name
            )
