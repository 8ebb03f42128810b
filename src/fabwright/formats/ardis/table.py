"""The one table that drives writer and reader: the 13 columns in the vendor's order, and the row behind them."""

from typing import Annotated

from msgspec import Meta

from fabwright.formats.tables import Cell, Column
from fabwright.timber.panel import Panel
from fabwright.timber.parameters import Label, Note, Parameters, PositiveLength, Zone


class ArdisRow(Parameters, frozen=True, kw_only=True):
    """One line of the list: plates of one size.

    Attributes:
        id: running number within the list; 0 = the writer numbers it.
        length: mm along the grain (the X of a board). That the list means the grain is inferred.
        uuid: of the plate, or several joined by "|" where identical plates were merged.
    """

    id: Annotated[int, Meta(ge=0)] = 0
    reference: Label
    length: PositiveLength
    width: PositiveLength
    quantity: Annotated[int, Meta(ge=1, le=1_000_000)] = 1
    material: Label = ""
    thickness: PositiveLength
    wall_name: Label = ""
    project: Label = ""
    phase: Label = ""
    batch: Label = ""
    zone: Zone = 0
    uuid: Note = ""


COLUMNS: tuple[Column, ...] = (
    Column("id", "integer"),
    Column("reference"),
    Column("length", "number", 2),
    Column("width", "number", 2),
    Column("quantity", "integer"),
    Column("material"),
    Column("thickness", "number", 2),
    Column("wall_name"),
    Column("project"),
    Column("phase"),
    Column("batch"),
    Column("zone", "integer"),
    Column("uuid"),
)
"""Titles are field names of `ArdisRow`; sizes in mm to 0.01."""


def cells(row: ArdisRow) -> list[Cell]:
    """The row's cells in column order."""
    return [getattr(row, column.title) for column in COLUMNS]


def ardis_rows(
    panel: Panel, *, project: str = "", phase: str = "", batch: str = "", quantity: int = 1
) -> tuple[ArdisRow, ...]:
    """A row for every board of a panel that is built `quantity` times, by zone and reference."""
    rows = [
        ArdisRow(
            reference=board.reference,
            length=board.length,
            width=board.width,
            quantity=quantity,
            material=board.material,
            thickness=board.thickness,
            wall_name=panel.name,
            project=project,
            phase=phase,
            batch=batch,
            zone=board.zone,
            uuid=board.uid,
        )
        for board in panel.boards
    ]
    return tuple(sorted(rows, key=lambda row: (row.zone, row.reference, row.uuid)))
