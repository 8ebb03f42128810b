"""How few boards any plan could do with: a proven bound that knows whole boards, kerfs, trims and grain.

Every part takes a kerf along both of its sides and every board ends one kerf after its last part, so parts grow by a
kerf and the room within the trims does too. Areas then add up; and again after dual feasible functions, which make
parts that leave no room beside them count as the whole board (Fekete and Schepers, 2001). No guillotine, stage or
search is looked at, so a plan that meets the bound is the best there is, and one that does not may be it as well.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

type Numbers = NDArray[np.float64]
type Size = tuple[float, float]

_MOST_STEPS = 60  # thresholds that are tried; each is a valid bound of its own
_ROUNDING = 1e-9


def fewest_boards(parts: Sequence[tuple[Size, int, bool]], room: Size, kerf: float) -> int:
    """Boards that it takes at least.

    Args:
        parts: ((length, width), quantity, whether it may be turned) of every part; all in one unit.
        room: of a board within its trims.
        kerf: in the same unit.
    """
    sides = np.array([size for size, _, _ in parts], dtype=np.float64) + kerf
    counts = np.array([count for _, count, _ in parts], dtype=np.float64)
    may_turn = np.array([turns for _, _, turns in parts])
    board = np.array(room, dtype=np.float64) + kerf
    upright, turned = sides / board, sides[:, ::-1] / board
    may_stand = (upright <= 1.0 + _ROUNDING).all(axis=1)
    may_turn &= (turned <= 1.0 + _ROUNDING).all(axis=1)
    best = 0.0
    for first in _functions(upright[:, 0]):
        for second in _functions(upright[:, 1]):
            areas = np.where(may_stand, first(upright[:, 0]) * second(upright[:, 1]), np.inf)
            others = np.where(may_turn, first(turned[:, 0]) * second(turned[:, 1]), np.inf)
            best = max(best, float((counts * np.minimum(areas, others)).sum()))
    return int(np.ceil(best - _ROUNDING))


class _Threshold:
    """Shares above 1 - e count as all, those below e as nothing: what fits side by side still sums to 1 at most."""

    def __init__(self, least: float) -> None:
        self._least = least

    def __call__(self, shares: Numbers) -> Numbers:
        kept = np.where(shares < self._least - _ROUNDING, 0.0, shares)
        return np.where(shares > 1.0 - self._least + _ROUNDING, 1.0, kept)


class _Share:
    """What fits k times and no k + 1 times counts as a k-th."""

    def __init__(self, times: int) -> None:
        self._times = times

    def __call__(self, shares: Numbers) -> Numbers:
        grown = shares * (self._times + 1)
        is_whole = np.abs(grown - np.round(grown)) < _ROUNDING
        return np.where(is_whole, shares, np.floor(grown) / self._times)


def _functions(shares: Numbers) -> Iterator[Callable[[Numbers], Numbers]]:
    yield _Threshold(0.0)
    yield from (_Share(times) for times in range(1, 6))
    steps = np.unique(np.concatenate((shares, 1.0 - shares + 2 * _ROUNDING)))
    steps = steps[(steps > 0.0) & (steps <= 0.5)]
    if len(steps) > _MOST_STEPS:
        steps = steps[np.linspace(0, len(steps) - 1, _MOST_STEPS).astype(int)]
    for least in steps:
        yield _Threshold(float(least))
