"""A warm recogniser: one rig, one index, any number of scans."""

import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from fabwright.vision import decide
from fabwright.vision.decide import Decision
from fabwright.vision.index import Index
from fabwright.vision.rig import Rig
from fabwright.vision.search import Hypothesis, search
from fabwright.vision.segment import Belt, Fault, View, segment
from fabwright.vision.shading import shading_cost
from fabwright.vision.verify import Fit, Stage, draw, refine, stages

CANDIDATES = 20
"""At most so many candidates are named."""


@dataclass(frozen=True)
class Candidate:
    """A model that the piece may be, its chance, and the fit that speaks for it."""

    model: str
    probability: float
    fit: Fit


@dataclass(frozen=True)
class Recognition:
    """The answer to one scan: candidates best first, the decision, and `fault` when the pictures cannot be judged."""

    candidates: tuple[Candidate, ...]
    decision: Decision
    ms: float
    fault: Fault | None = None
    detail: str = ""
    fits: tuple[Fit, ...] = field(default=(), repr=False)


class Recogniser:
    """Tells which model of an index a piece is. Keep one per process; it is safe for one scan at a time."""

    def __init__(
        self, index: Index, rig: Rig, belt: Sequence[NDArray[np.uint8]], *, threads: int = 2
    ) -> None:
        self.index = index
        self.rig = rig
        self.belt = Belt(rig, belt)
        self.pool = ThreadPoolExecutor(threads) if threads > 1 else None

    def identify(
        self, pictures: Sequence[NDArray[np.uint8] | None], *, without: Collection[str] = ()
    ) -> Recognition:
        """Recognise the piece in one picture per camera, in the rig's order. `without`: models that are not open."""
        began = time.perf_counter()
        seen = segment(self.belt, pictures)
        if seen.fault is not None:
            ms = (time.perf_counter() - began) * 1e3
            decision = Decision.ASK if seen.fault is Fault.SEVERAL else Decision.UNKNOWN
            return Recognition((), decision, ms, seen.fault, seen.detail)
        closed = {i for i, key in enumerate(self.index.keys) if without and set(self.index.members[key]) <= set(without)}
        fits = self._fits(seen.views, closed)
        result = self._judge(fits)
        return Recognition(result[0], result[1], (time.perf_counter() - began) * 1e3, fits=tuple(fits))

    def _fits(self, views: Sequence[View], closed: set[int]) -> list[Fit]:
        """The best fit of every model that stays in the race, best first."""
        found = [h for h in search(self.index.table, self.rig, views, self.pool) if h.model not in closed]
        rough = self._race(stages(self.rig, views, 14_000), _plausible(found), (4.0, 2.0))
        close = [f.hypothesis for f in rough if f.energy < rough[0].energy + 60.0 + 0.5 * rough[0].energy][:200]
        fine_stages = stages(self.rig, views)
        fine = self._race(fine_stages, close, (2.0, 1.0, 1.0))
        close_fits = [f for f in fine if f.energy < fine[0].energy + 40.0 + 0.3 * fine[0].energy]
        self._shade(fine_stages, close_fits)
        close_fits.sort(key=lambda f: f.energy)
        best: dict[int, Fit] = {}
        for fit in close_fits:
            best.setdefault(fit.hypothesis.model, fit)
        for fit in [*fine, *rough]:
            if fit.hypothesis.model not in best:
                fit.energy = max(fit.energy, close_fits[-1].energy + 20.0)
                best[fit.hypothesis.model] = fit
        return sorted(best.values(), key=lambda f: f.energy)

    def _map[T, R](self, function: Callable[[T], R], items: Sequence[T]) -> list[R]:
        return list(self.pool.map(function, items) if self.pool else map(function, items))

    def _race(self, prepared: list[Stage], runners: Sequence[Hypothesis], widths: Sequence[float]) -> list[Fit]:
        signatures = {h.model: self.index.signature(self.index.keys[h.model]) for h in runners}

        def run(hypothesis: Hypothesis) -> Fit:
            fit = refine(prepared, signatures[hypothesis.model], hypothesis, self.rig, widths=widths)
            fit.energy = decide.energy(fit)
            return fit

        return sorted(self._map(run, runners), key=lambda f: f.energy)

    def _shade(self, prepared: list[Stage], fits: Sequence[Fit]) -> None:
        """Add the shading residual to fits."""
        bright = [stage.view.light[stage.view.mask > 0] for stage in prepared]
        typical = float(np.median(np.concatenate(bright)))
        lights = [stage.light for stage in prepared]
        masks = [stage.known for stage in prepared]
        focals = [(float(s.camera.matrix[0, 0]) * s.zoom, s.zoom) for s in prepared]

        def run(fit: Fit) -> None:
            signature = self.index.signature(self.index.keys[fit.hypothesis.model])
            points = np.ascontiguousarray(fit.hypothesis.place(signature.points))
            drawn = [
                draw(stage, points, signature.faces, signature.closed, fit.aim[stage.view.camera])
                for stage in prepared
            ]
            cost, count = shading_cost(
                [d.face for d in drawn], [d.near for d in drawn], focals, lights, masks,
                signature.normals, fit.hypothesis.rotation, typical,
            )  # fmt: skip
            fit.shade, fit.shaded = float(np.sqrt(cost / max(count, 1.0))), count
            fit.energy = decide.energy(fit)

        self._map(run, fits)

    def _judge(self, fits: Sequence[Fit]) -> tuple[tuple[Candidate, ...], Decision]:
        chances = decide.probabilities(fits)
        candidates: list[Candidate] = []
        for fit, chance in zip(fits, chances, strict=True):
            names = self.index.members[self.index.keys[fit.hypothesis.model]]
            candidates += [Candidate(name, chance / len(names), fit) for name in names]
        candidates = candidates[:CANDIDATES]
        if not candidates:
            return (), Decision.UNKNOWN
        best = candidates[0]
        sure = best.probability >= 0.999 and best.fit.outline < 0.45
        return tuple(candidates), Decision.ASSIGNED if sure else Decision.ASK


def _plausible(found: Sequence[Hypothesis]) -> list[Hypothesis]:
    """Hypotheses that the hull does not rule out. All that are as good as the best stay, however many."""
    if not found:
        return []
    best = found[0].error_mm
    limit = best + max(0.1, 0.6 * best)
    close = [h for h in found if h.error_mm < limit]
    equal = sum(h.error_mm < best + 0.02 for h in close)
    return close[: max(48, equal)]
