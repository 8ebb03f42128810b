"""A warm recogniser: one rig, one index, any number of scans."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from fabwright.vision import decide
from fabwright.vision.colour import Look
from fabwright.vision.decide import Decision
from fabwright.vision.ideal import ideal_views, resting
from fabwright.vision.index import Index
from fabwright.vision.look import hue, look_of
from fabwright.vision.rig import Rig
from fabwright.vision.search import Hypothesis, search
from fabwright.vision.segment import DARK, Belt, Fault, View, segment
from fabwright.vision.shading import shading_cost
from fabwright.vision.turns import others
from fabwright.vision.verify import Fit, Stage, draw, refine, stages

CANDIDATES = 20
"""At most so many candidates are named."""

ROUGH_PIXELS = 14_000
"""Size of the renders that thin out the hypotheses."""

EQUALS, SHADE_PIXELS = 24, 25_000
"""More fits with equal outlines than this are first shaded at this size, and only the best so many at full size: plates
that differ in raised text alone come by the hundred."""


TURNED, TURNS = 3, 3
"""Of so many of the best models so many turns that the hull cannot tell are fitted."""


@dataclass(frozen=True)
class Candidate:
    """A model that the piece may be, its chance, and the fit that speaks for it."""

    model: str
    probability: float
    fit: Fit


@dataclass(frozen=True)
class Recognition:
    """The answer to one scan: candidates best first, the decision, and `fault` when the pictures cannot be judged.

    `look`: the colour of the piece.
    """

    candidates: tuple[Candidate, ...]
    decision: Decision
    ms: float
    fault: Fault | None = None
    detail: str = ""
    look: Look | None = None
    fits: tuple[Fit, ...] = field(default=(), repr=False)


class Recogniser:
    """Tells which model of an index a piece is. Keep one per process; it is safe for one scan at a time."""

    def __init__(
        self,
        index: Index,
        rig: Rig,
        belt: Sequence[NDArray[np.uint8]],
        *,
        threads: int = 2,
        target_error: float = 0.001,
    ) -> None:
        self.index = index
        self.rig = rig
        self.target_error = target_error
        self.belt = Belt(rig, belt)
        self.belt_hues = [hue(picture) for picture in belt]
        self.pool = ThreadPoolExecutor(threads) if threads > 1 else None

    def warm(self) -> None:
        """Load compiled code and the table, so that the first scan is as fast as the others."""
        signature = self.index.signature(self.index.keys[0])
        self.compete(ideal_views(self.rig, signature, resting(signature, 0)))

    def identify(
        self,
        pictures: Sequence[NDArray[np.uint8] | None],
        *,
        without: Collection[str] = (),
        priors: Mapping[str, float] | None = None,
    ) -> Recognition:
        """Recognise the piece in one picture per camera, in the rig's order.

        Args:
            pictures: as `decode` gives them; None where one is missing.
            without: models that are not open.
            priors: how likely a geometry (its key) is before looking, relative to 1 of those that are not named.
        """
        began = time.perf_counter()
        seen = segment(self.belt, pictures, self.pool)
        if seen.fault is not None:
            ms = (time.perf_counter() - began) * 1e3
            return Recognition((), Decision.UNKNOWN, ms, seen.fault, seen.detail)
        shut = set(without)
        closed = {i for i, key in enumerate(self.index.keys) if shut and set(self.index.members[key]) <= shut}
        fits, strange = self.compete(seen.views, closed)
        dark = float(np.median([view.typical for view in seen.views])) < DARK
        weights = [(priors or {}).get(self.index.keys[fit.hypothesis.model], 1.0) for fit in fits]
        fits, shares = decide.weighed(fits, weights)
        verdict = decide.judge(fits, shares, dark=dark, strange=strange, target_error=self.target_error)
        if fits and (bent := decide.misfits(fits[0])) and verdict.decision is not Decision.UNKNOWN:
            names = ", ".join(self.rig.cameras[c].id for c in bent)
            verdict = decide.Verdict(Decision.ASK, verdict.chances, f"{Fault.MISFIT}: {names}")
        candidates = self._named(fits, verdict.chances, shut)
        detail = verdict.detail if seen.cut == 0 else verdict.detail or f"cut off in {seen.cut} pictures"
        ms = (time.perf_counter() - began) * 1e3
        look = look_of(self.rig, seen.views, pictures, self.belt_hues)
        return Recognition(candidates, verdict.decision, ms, detail=detail, look=look, fits=tuple(fits))

    def compete(self, views: Sequence[View], closed: Collection[int] = ()) -> tuple[list[Fit], int]:
        """The best fit of every model that stays in the race, best first, and the strange pixels of the best."""
        found = [h for h in search(self.index.table, self.rig, views, self.pool) if h.model not in closed]
        small = stages(self.rig, views, ROUGH_PIXELS)
        rough = self._race(small, _plausible(found), (4.0, 2.0))
        if not rough:
            return [], 0
        rough = sorted([*rough, *self._turned(small, rough)], key=lambda f: f.energy)
        limit = rough[0].energy + 60.0 + 0.5 * rough[0].energy
        close = [f.hypothesis for f in rough if f.energy < limit][:200]
        prepared = stages(self.rig, views)
        # many equals: the rough race has brought all of them within a pixel
        fine = self._race(prepared, close, (2.0, 1.0, 1.0) if len(close) <= 24 else (1.0,))
        equal = [f for f in fine if f.energy < fine[0].energy + 40.0 + 0.3 * fine[0].energy]
        if len(equal) > EQUALS:
            small = stages(self.rig, views, SHADE_PIXELS)
            self._map(lambda fit: self._shade(small, fit), equal)
            equal = sorted(equal, key=lambda f: f.energy)[:EQUALS]
        self._map(lambda fit: self._shade(prepared, fit), equal)
        equal.sort(key=lambda f: f.energy)
        strange = self._shade(prepared, equal[0], marks=True)
        best: dict[int, Fit] = {}
        for fit in equal:
            best.setdefault(fit.hypothesis.model, fit)
        floor = max(fit.energy for fit in equal) + 20.0  # these have no shading in their energy yet
        for fit in [*fine, *rough]:
            if fit.hypothesis.model not in best:
                fit.energy = max(fit.energy, floor)
                best[fit.hypothesis.model] = fit
        return sorted(best.values(), key=lambda f: f.energy), strange

    def _turned(self, prepared: list[Stage], rough: Sequence[Fit]) -> list[Fit]:
        """Fits of the best models in those turns that their hulls cannot tell and the pictures can."""
        best: dict[int, Fit] = {}
        for fit in rough:
            if len(best) < TURNED:
                best.setdefault(fit.hypothesis.model, fit)
        starts: list[Hypothesis] = []
        for model, fit in best.items():
            starts += others(fit.hypothesis, self.index.signature(self.index.keys[model]))
        if not starts:
            return []
        looked = self._race(prepared, starts, ())
        chosen: dict[int, list[Hypothesis]] = {}
        for fit in looked:
            mine = chosen.setdefault(fit.hypothesis.model, [])
            if len(mine) < TURNS:
                mine.append(fit.hypothesis)
        return self._race(prepared, [h for mine in chosen.values() for h in mine], (4.0, 2.0))

    def _map[T, R](self, function: Callable[[T], R], items: Sequence[T]) -> list[R]:
        return list(self.pool.map(function, items) if self.pool else map(function, items))

    def _race(self, prepared: list[Stage], runners: Sequence[Hypothesis], widths: Sequence[float]) -> list[Fit]:
        signatures = {h.model: self.index.signature(self.index.keys[h.model]) for h in runners}

        def run(hypothesis: Hypothesis) -> Fit:
            fit = refine(prepared, signatures[hypothesis.model], hypothesis, self.rig, widths=widths)
            fit.energy = decide.energy(fit)
            return fit

        return sorted(self._map(run, runners), key=lambda f: f.energy)

    def _shade(self, prepared: list[Stage], fit: Fit, *, marks: bool = False) -> int:
        """Add the shading residual to a fit; returns its strange pixels when asked for `marks`."""
        typical = _typical(prepared)
        signature = self.index.signature(self.index.keys[fit.hypothesis.model])
        points = np.ascontiguousarray(fit.hypothesis.place(signature.points))
        drawn = [
            draw(stage, points, signature.faces, signature.closed, fit.aim[stage.view.camera]) for stage in prepared
        ]
        result = shading_cost(
            [d.face for d in drawn],
            [d.near for d in drawn],
            [(float(s.camera.matrix[0, 0]) * s.zoom, s.zoom) for s in prepared],
            [stage.light for stage in prepared],
            [stage.known for stage in prepared],
            signature.normals,
            fit.hypothesis.rotation,
            typical,
            marks=marks,
        )
        fit.shade, fit.shaded = float(np.sqrt(result.cost / max(result.pixels, 1.0))), result.pixels
        fit.energy = decide.energy(fit)
        return result.strange

    def _named(self, fits: Sequence[Fit], chances: Sequence[float], shut: set[str]) -> tuple[Candidate, ...]:
        """Candidates by name; names of one geometry share its chance."""
        out: list[Candidate] = []
        for fit, chance in zip(fits, chances, strict=True):
            names = [n for n in self.index.members[self.index.keys[fit.hypothesis.model]] if n not in shut]
            out += [Candidate(name, chance / len(names), fit) for name in names]
        out.sort(key=lambda c: -c.probability)
        return tuple(out[:CANDIDATES])


def _typical(prepared: Sequence[Stage]) -> float:
    """Median linear brightness of the part over all views."""
    bright = [stage.view.light[stage.view.mask > 0][::3] for stage in prepared]
    return max(float(np.median(np.concatenate(bright))), 1e-4)


def _plausible(found: Sequence[Hypothesis]) -> list[Hypothesis]:
    """Hypotheses that the hull does not rule out. All that are as good as the best stay, however many."""
    if not found:
        return []
    best = found[0].error_mm
    limit = best + max(0.1, 0.6 * best)
    close = [h for h in found if h.error_mm < limit]
    equal = sum(h.error_mm < best + 0.02 for h in close)
    return close[: max(48, equal)]
