"""Boards to make: what part files are grouped and counted by."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated

from msgspec import Meta

from fabwright.errors import FabwrightError
from fabwright.timber import Board, Panel
from fabwright.timber.parameters import Label, Parameters


class PlateOrder(Parameters, frozen=True, kw_only=True):
    """A board to make `quantity` times, and where it belongs."""

    board: Board
    quantity: Annotated[int, Meta(ge=1, le=1_000_000)] = 1
    assembly: Label = ""
    project: Label = ""
    phase: Label = ""
    batch: Label = ""

    @staticmethod
    def of_panel(
        panel: Panel, *, assembly: str = "", project: str = "", phase: str = "", batch: str = "", quantity: int = 1
    ) -> "tuple[PlateOrder, ...]":
        """An order for every board of a panel that is built `quantity` times."""
        return tuple(
            PlateOrder(
                board=board,
                quantity=quantity,
                assembly=assembly or panel.name,
                project=project,
                phase=phase,
                batch=batch,
            )
            for board in panel.boards
        )


@contextmanager
def of_order(order: PlateOrder) -> Iterator[None]:
    """Errors about a board say which assembly it is of."""
    try:
        yield
    except FabwrightError as error:
        if not order.assembly:
            raise
        raise type(error)(error.message, where=f"assembly {order.assembly}, {error.where}".rstrip(", ")) from error


def pieces_by_plate(orders: Sequence[PlateOrder]) -> list[tuple[PlateOrder, int]]:
    """Orders for the same work (reference, material, shape, processes, place) as one, with the sum of their pieces."""
    found: dict[tuple[object, ...], tuple[PlateOrder, int]] = {}
    for order in orders:
        board = order.board
        key = (
            (order.project, order.phase, order.batch, order.assembly),
            (board.reference, board.uid, board.material, board.zone),
            (board.length, board.width, board.thickness, board.outline, board.holes, board.processes),
        )
        first, count = found.get(key, (order, 0))
        found[key] = (first, count + order.quantity)
    return list(found.values())
