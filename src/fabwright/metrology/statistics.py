"""Over many pieces: repeatability, capability, run charts, and where on the part they deviate on average."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fabwright.metrology.names import DESCRIPTIONS

type Float = NDArray[np.float64]

MIN_CAPABILITY = 5
"""Pieces below which no capability is stated: the spread would be a guess."""


@dataclass(frozen=True)
class Repeatability:
    """Of one metric over repeated measurements: mean, standard deviation, greatest minus least."""

    metric: str
    mean: float
    sigma: float
    spread: float


@dataclass(frozen=True)
class Capability:
    """Cp and Cpk (ISO 22514-2): tolerance against six sigma. `cp` is None with one limit; both None below 5 pieces or
    without spread."""

    count: int
    mean: float
    sigma: float
    cp: float | None
    cpk: float | None


@dataclass(frozen=True)
class RunChart:
    """Individuals chart (ISO 7870-2): centre and limits from the mean moving range, `outside` the pieces beyond them,
    `drifting` the pieces that end a run of eight or more on one side of the centre."""

    centre: float
    lower: float
    upper: float
    outside: tuple[int, ...]
    drifting: tuple[int, ...]


def repeatability(rows: Sequence[Mapping[str, float | None]]) -> list[Repeatability]:
    """Per metric that every row has, in the order of reports."""
    found: list[Repeatability] = []
    for metric in DESCRIPTIONS:
        values = [value for row in rows if (value := row.get(metric)) is not None]
        if len(values) == len(rows) and len(values) > 1:
            found.append(
                Repeatability(metric, float(np.mean(values)), float(np.std(values, ddof=1)), max(values) - min(values))
            )
    return found


def capability(values: Sequence[float], minimum: float | None, maximum: float | None) -> Capability:
    """Capability of a process against its limits. Raises ValueError without a value or a limit."""
    if not len(values):
        raise ValueError("at least one value was expected")
    if minimum is None and maximum is None:
        raise ValueError("a minimum, a maximum or both were expected")
    mean = float(np.mean(values))
    sigma = float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
    if len(values) < MIN_CAPABILITY or sigma == 0:
        return Capability(len(values), mean, sigma, None, None)
    sides = [] if minimum is None else [(mean - minimum) / (3 * sigma)]
    sides += [] if maximum is None else [(maximum - mean) / (3 * sigma)]
    cp = None if minimum is None or maximum is None else (maximum - minimum) / (6 * sigma)
    return Capability(len(values), mean, sigma, cp, min(sides))


def run_chart(values: Sequence[float]) -> RunChart:
    """Control limits and signals of values in order of making. Raises ValueError below two values."""
    if len(values) < 2:
        raise ValueError("two or more values were expected")
    series = np.asarray(values, float)
    centre = float(series.mean())
    reach = 2.66 * float(np.abs(np.diff(series)).mean())  # 3 / 1.128: the mean range of two as a sigma
    outside = np.flatnonzero(np.abs(series - centre) > reach)
    drifting: list[int] = []
    run = 0
    side = 0.0
    for k, value in enumerate(series):
        here = float(np.sign(value - centre))
        run = run + 1 if here == side and here != 0 else 1
        side = here
        if run >= 8:
            drifting.append(k)
    return RunChart(centre, centre - reach, centre + reach, tuple(map(int, outside)), tuple(drifting))


def mean_map(maps: Sequence[Float]) -> Float:
    """Mean over pieces of deviations per place (each (n,), NaN where unseen); NaN where no piece was seen."""
    table = np.vstack(maps)
    seen = np.isfinite(table)
    count = seen.sum(axis=0)
    total = np.where(seen, table, 0.0).sum(axis=0)
    result: Float = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return result


@dataclass(frozen=True)
class WorstPlace:
    """Neighbouring places of a mean map that deviate one way: rows of the map, their mean and greatest value in mm."""

    rows: tuple[int, ...]
    mean_mm: float
    peak_mm: float


def worst_places(places: Float, values: Float, least_mm: float = 0.05, most: int = 10) -> list[WorstPlace]:
    """Where a mean map (`places` (n, 3) in mm, evenly spread over the surface; `values` (n,) in mm, NaN unseen) is off
    by more than `least_mm`: connected places, greatest area times depth first."""
    reach = 3.5 * _spacing(places)  # scattered places: each then has about nine neighbours
    found: list[WorstPlace] = []
    for sign in (1.0, -1.0):
        rows = np.flatnonzero(sign * np.nan_to_num(values) > least_mm)
        for group in _connected(places[rows], reach):
            members = rows[group]
            peak = float(sign * (sign * values[members]).max())
            found.append(WorstPlace(tuple(map(int, members)), float(values[members].mean()), peak))
    found.sort(key=lambda place: -abs(place.mean_mm) * len(place.rows))
    return found[:most]


def _spacing(places: Float) -> float:
    """Median distance to the nearest other place, of at most 200 of them."""
    if len(places) < 2:
        return 1.0
    some = places[:: max(1, len(places) // 200)]
    squares = ((some[:, None] - places[None]) ** 2).sum(axis=2)
    return float(np.sqrt(np.median(np.partition(squares, 1, axis=1)[:, 1]))) or 1e-6


def _connected(places: Float, reach: float) -> list[list[int]]:
    """Rows that hang together within `reach`, by cubes of that size; single ones are left out."""
    cubes: dict[tuple[int, ...], list[int]] = {}
    keys = [tuple(key) for key in np.floor(places / reach).astype(int).tolist()]
    for row, key in enumerate(keys):
        cubes.setdefault(key, []).append(row)
    around = [(i, j, k) for i in (-1, 0, 1) for j in (-1, 0, 1) for k in (-1, 0, 1)]
    left = set(range(len(places)))
    groups: list[list[int]] = []
    while left:
        waiting = [left.pop()]
        group: list[int] = []
        while waiting:
            row = waiting.pop()
            group.append(row)
            a, b, c = keys[row]
            near = [other for i, j, k in around for other in cubes.get((a + i, b + j, c + k), ()) if other in left]
            close = [other for other in near if float(((places[other] - places[row]) ** 2).sum()) <= reach * reach]
            left.difference_update(close)
            waiting += close
        if len(group) > 1:
            groups.append(sorted(group))
    return groups
