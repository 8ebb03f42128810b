"""How good were the answers: figures with Wilson intervals, for all scans and for slices."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Record:
    """One scan: `truth` None for a piece of no model; `ranked` models best first; `probability` of the first."""

    scan: str
    truth: str | None
    ranked: tuple[str, ...]
    probability: float
    decision: str
    ms: float | None

    @property
    def right(self) -> bool:
        """The first candidate is the true model."""
        return self.truth is not None and self.ranked[:1] == (self.truth,)


@dataclass(frozen=True)
class Figures:
    """Counts of a slice. `share_at` is the largest automatic share that a threshold on the
    probability could have had at a share of wrong assignments of 0.1 % and 1 % (in hindsight)."""

    scans: int
    top1: int
    top5: int
    automatic: int
    wrong_automatic: int
    foreign: int
    foreign_assigned: int
    share_at: tuple[float, float]
    calibration_error: float
    ms_median: float
    ms_p95: float


def wilson(hits: int, total: int, z: float = 1.959964) -> tuple[float, float]:
    """Wilson interval of a share, (low, high); (nan, nan) of nothing."""
    if total == 0:
        return math.nan, math.nan
    share, denominator = hits / total, 1 + z * z / total
    centre = (share + z * z / (2 * total)) / denominator
    half = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total)) / denominator
    return max(0.0, centre - half), min(1.0, centre + half)


def records(truth: Mapping[str, str | None], predictions: Mapping[str, Any]) -> list[Record]:
    """Truth and answers side by side; a scan without answer counts as not recognised."""
    out = []
    for scan, model in truth.items():
        answer = predictions.get(scan, {})
        candidates = answer.get("candidates", [])
        out.append(
            Record(
                scan,
                model,
                tuple(c["model"] for c in candidates),
                float(candidates[0]["probability"]) if candidates else 0.0,
                str(answer.get("decision", "ask")),
                answer.get("ms"),
            )
        )
    return out


def figures(rows: Sequence[Record]) -> Figures:
    """Figures of a slice."""
    known = [r for r in rows if r.truth is not None]
    foreign = [r for r in rows if r.truth is None]
    automatic = [r for r in known if r.decision == "assigned"]
    ms = [r.ms for r in rows if r.ms is not None]
    return Figures(
        scans=len(known),
        top1=sum(r.right for r in known),
        top5=sum(r.truth in r.ranked[:5] for r in known),
        automatic=len(automatic),
        wrong_automatic=sum(not r.right for r in automatic),
        foreign=len(foreign),
        foreign_assigned=sum(r.decision == "assigned" for r in foreign),
        share_at=(_share_at(known, 0.001), _share_at(known, 0.01)),
        calibration_error=_calibration_error(known),
        ms_median=float(np.median(ms)) if ms else math.nan,
        ms_p95=float(np.percentile(ms, 95)) if ms else math.nan,
    )


def _share_at(known: Sequence[Record], error: float) -> float:
    best = wrong = 0
    ordered = sorted(known, key=lambda r: -r.probability)
    for count, row in enumerate(ordered, 1):
        wrong += not row.right
        tied = count < len(ordered) and ordered[count].probability == row.probability
        if not tied and wrong <= error * count:
            best = count
    return best / len(known) if known else math.nan


def _calibration_error(known: Sequence[Record]) -> float:
    """Expected calibration error over ten bins of the probability."""
    if not known:
        return math.nan
    bins = [[r for r in known if min(int(r.probability * 10), 9) == b] for b in range(10)]
    return sum(abs(sum(r.probability for r in b) - sum(r.right for r in b)) for b in bins) / len(known)
