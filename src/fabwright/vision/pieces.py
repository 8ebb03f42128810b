"""Connected pieces of a mask, by the runs of its rows: much faster than pixel by pixel, as masks are mostly empty."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fabwright.vision._jit import jit

type Numbers = NDArray[np.int32]


@jit
def _longer(numbers: Numbers, room: int) -> Numbers:
    out = np.empty(room, np.int32)
    out[: numbers.shape[0]] = numbers
    return out


@jit
def _runs(mask: NDArray[np.uint8], wanted: bool) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Row, first column and column behind the last one of every run of pixels that are set (or not set), and the number
    of the first run of every row."""
    height, width = mask.shape
    room = 256
    row, begin, end = np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.int32)
    first = np.empty(height + 1, np.int32)
    n = 0
    for j in range(height):
        first[j] = n
        line = mask[j]
        i = 0
        while i < width:
            while i < width and (line[i] != 0) != wanted:
                i += 1
            if i == width:
                break
            if n == room:
                room *= 2
                row, begin, end = _longer(row, room), _longer(begin, room), _longer(end, room)
            row[n], begin[n] = j, i
            while i < width and (line[i] != 0) == wanted:
                i += 1
            end[n] = i
            n += 1
    first[height] = n
    return row[:n], begin[:n], end[:n], first


@jit
def _root(parent: Numbers, k: int) -> int:
    while parent[k] != k:
        parent[k] = parent[parent[k]]
        k = parent[k]
    return k


@jit
def _joined(begin: Numbers, end: Numbers, first: Numbers, reach: int) -> tuple[Numbers, int]:
    """Number of the piece of every run, and how many pieces there are. Runs of neighbouring rows belong together when
    they overlap by a column, or, with a `reach` of 1, touch by a corner."""
    n = begin.shape[0]
    parent = np.arange(n).astype(np.int32)
    for j in range(1, first.shape[0] - 1):
        above, mine = first[j - 1], first[j]
        while above < first[j] and mine < first[j + 1]:
            if begin[above] < end[mine] + reach and begin[mine] < end[above] + reach:
                a, b = _root(parent, above), _root(parent, mine)
                if a < b:
                    parent[b] = a
                else:
                    parent[a] = b
            if end[above] < end[mine]:
                above += 1
            else:
                mine += 1
    label, count = np.empty(n, np.int32), 0
    for k in range(n):
        if parent[k] == k:
            label[k] = count
            count += 1
        else:
            label[k] = label[_root(parent, k)]
    return label, count


@jit
def _measured(row: Numbers, begin: Numbers, end: Numbers, label: Numbers, count: int) -> Numbers:
    """Of every piece: pixels, left, top, right and bottom (the last two outside)."""
    out = np.zeros((count, 5), np.int32)
    out[:, 1:3] = 2**30
    for k in range(label.shape[0]):
        mine = out[label[k]]
        mine[0] += end[k] - begin[k]
        mine[1], mine[2] = min(mine[1], begin[k]), min(mine[2], row[k])
        mine[3], mine[4] = max(mine[3], end[k]), max(mine[4], row[k] + 1)
    return out


@jit
def _paint(
    runs: tuple[Numbers, Numbers, Numbers], label: Numbers, keep: NDArray[np.bool_], out: NDArray[np.uint8], value: int
) -> None:
    row, begin, end = runs
    for k in range(label.shape[0]):
        if keep[label[k]]:
            out[row[k], begin[k] : end[k]] = value


@jit
def _pixels(
    runs: tuple[Numbers, Numbers, Numbers], label: Numbers, keep: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    row, begin, end = runs
    n = 0
    for k in range(label.shape[0]):
        if keep[label[k]]:
            n += end[k] - begin[k]
    rows, columns = np.empty(n, np.int64), np.empty(n, np.int64)
    n = 0
    for k in range(label.shape[0]):
        if keep[label[k]]:
            for i in range(begin[k], end[k]):
                rows[n], columns[n] = row[k], i
                n += 1
    return rows, columns


@dataclass(frozen=True)
class Pieces:
    """Connected pieces of a mask (h, w). `size` (n,): their pixels; `box` (n, 4): left, top, right and bottom, the last
    two outside."""

    shape: tuple[int, int]
    runs: tuple[Numbers, Numbers, Numbers]
    label: Numbers
    measured: Numbers

    @cached_property
    def size(self) -> Numbers:
        """Pixels of every piece."""
        return self.measured[:, 0]

    @cached_property
    def box(self) -> Numbers:
        """Left, top, right and bottom of every piece."""
        return self.measured[:, 1:]

    def paint(self, keep: NDArray[np.bool_], picture: NDArray[np.uint8], value: int = 1) -> None:
        """Set the pixels of those pieces that are to be kept (n,) in a picture of the mask's size."""
        _paint(self.runs, self.label, keep, picture, value)

    def mask(self, keep: NDArray[np.bool_]) -> NDArray[np.uint8]:
        """1 where a piece lies that is to be kept (n,), else 0."""
        out = np.zeros(self.shape, np.uint8)
        self.paint(keep, out)
        return out

    def pixels(self, keep: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Rows and columns of the pixels of those pieces that are to be kept, row by row."""
        return _pixels(self.runs, self.label, keep)

    def just(self, number: int) -> NDArray[np.bool_]:
        """That one alone is to be kept."""
        return np.asarray(np.arange(len(self.size)) == number)


def pieces(mask: NDArray[np.uint8], *, holes: bool = False) -> Pieces:
    """Pieces of what is not 0, connected by edges and corners; with `holes` those of what is 0, connected by edges."""
    row, begin, end, first = _runs(mask, not holes)
    label, count = _joined(begin, end, first, 0 if holes else 1)
    return Pieces((mask.shape[0], mask.shape[1]), (row, begin, end), label, _measured(row, begin, end, label, count))
