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
