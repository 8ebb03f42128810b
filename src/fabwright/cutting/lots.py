"""Several materials at once: each is searched by itself, so they share the cores of the machine."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from fabwright.cutting.plan import CuttingPlan
from fabwright.cutting.plates import cut_plates
from fabwright.cutting.stock import CutPart, CutSettings, StockSheet
from fabwright.errors import LimitError
from fabwright.formats.tables.cells import number_text

_MOST_THREADS = 4


@dataclass(frozen=True)
class Lot:
    """Plates of one material and thickness and the sheets that they may be cut from.

    Attributes:
        name: said in errors, such as "OSB/3 15 mm".
    """

    name: str
    parts: tuple[CutPart, ...]
    sheets: tuple[StockSheet, ...]


def lot_name(material: str, thickness: float) -> str:
    """Material and thickness as people say them."""
    size = number_text(thickness)
    if size in material.split():  # "OSB/3 15" says it already
        return material
    return f"{material or 'Material not named'} {size} mm"


def cut_lots(lots: Sequence[Lot], settings: CutSettings) -> list[CuttingPlan]:
    """The plan of every lot, in order; the same as `cut_plates` gives for each.

    Raises:
        InputError: a lot without parts or sheets.
        LimitError: as `cut_plates`; names part and lot.
    """

    def planned(lot: Lot) -> CuttingPlan:
        try:
            return cut_plates(lot.parts, lot.sheets, settings)
        except LimitError as error:
            raise LimitError(error.message, where=f"{error.where}, {lot.name}") from error

    # Both searches run without the interpreter lock, so threads are enough. Large lists first: none is left alone last.
    order = sorted(range(len(lots)), key=lambda number: -len(lots[number].parts))
    with ThreadPoolExecutor(max_workers=min(_MOST_THREADS, os.cpu_count() or 1)) as pool:
        running = {number: pool.submit(planned, lots[number]) for number in order}
        return [running[number].result() for number in range(len(lots))]
