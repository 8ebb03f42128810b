"""Which boards to take if they could be taken by halves: a linear programme, and the price that it gives every part."""

import math
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

from fabwright.cutting.repacking.tree_kernel import Floats, Ints

_MISSING = 1.0  # cost of a part that lies on no board, in boards: more than any board loses
_MANY = 1e9
_PRIMAL = 4  # new columns leave the last solution feasible, so the primal simplex goes on from it


class _Model(highspy.Highs):
    """Without the callbacks of its parent, which nothing here uses and which print the solver's name."""

    def __init__(self) -> None:
        super(highspy.Highs, self).__init__()
        self.setOptionValue("output_flag", False)
        self.setOptionValue("threads", 1)
        self.setOptionValue("presolve", "off")
        self.setOptionValue("simplex_strategy", _PRIMAL)


class Relaxation:
    """Every part on as much board as is wanted of it, and as little lost as possible.

    Attributes:
        numbers: of the boards that were added.
        taken: how much of each.
        value: what is lost, in boards.
        missing, dropped: how many parts lie on no board, since none that was added holds them; how many are left out
            of boards that hold them. Both are 0 in a plan.
        prices, per_board: what one more of each part, and one more board, would add to the value.
    """

    def __init__(self, counts: Ints, boards: int, shares: Floats) -> None:
        """Wants `counts` of every part from so many boards at most; `shares` are their areas in boards."""
        parts = len(counts)
        self._parts = parts
        self._model: Any = _Model()
        none, rows = np.zeros(0, np.int32), np.arange(parts, dtype=np.int32)
        least, most = np.append(counts, -_MANY), np.append(counts, boards).astype(np.float64)
        self._model.addRows(parts + 1, least, most, 0, none, none, np.zeros(0))
        lower, upper = np.zeros(parts), np.full(parts, _MANY)
        self._model.addCols(parts, np.full(parts, _MISSING), lower, upper, parts, rows, rows, np.ones(parts))
        # A board may be cut without one of its parts, whose place is lost then: that keeps the prices within reason.
        self._model.addCols(parts, shares, lower, upper, parts, rows, rows, np.full(parts, -1.0))
        self.numbers: list[int] = []
        self.taken: Floats = np.zeros(0)
        self.value = self.missing = float(counts.sum())
        self.prices: Floats = np.zeros(parts)
        self.per_board = 0.0
        self.dropped = 0.0

    def add(self, numbers: NDArray[np.int64], counts: NDArray[np.uint8], lost: Floats) -> None:
        """Boards: their numbers, what they hold (boards, parts) and what they lose; then solves again.

        Where the solver gives up, `missing` is infinite and the prices stay: no plan is promised, and none is lost.
        """
        held = np.column_stack((counts, np.ones(len(counts), np.uint8)))
        columns, rows = np.nonzero(held)
        starts = np.searchsorted(columns, np.arange(len(numbers))).astype(np.int32)
        upper = np.full(len(numbers), _MANY)
        self._model.addCols(
            len(numbers), lost, np.zeros(len(numbers)), upper, len(rows), starts, rows.astype(np.int32),
            held[columns, rows].astype(np.float64),
        )  # fmt: skip
        self.numbers += numbers.tolist()
        self._model.run()
        if self._model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            self.missing = math.inf
            return
        solution = self._model.getSolution()
        values, duals = np.array(solution.col_value), np.array(solution.row_dual)
        missing, dropped, self.taken = np.split(values, (self._parts, 2 * self._parts))
        self.missing, self.dropped = float(missing.sum()), float(dropped.sum())
        self.value = float(self._model.getObjectiveValue())
        self.prices, self.per_board = duals[:-1], float(duals[-1])
