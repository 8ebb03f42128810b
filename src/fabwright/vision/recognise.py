"""A warm recogniser: one rig, one index, any number of scans."""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from fabwright.vision import decide
from fabwright.vision.colour import Look
from fabwright.vision.decide import Decision
from fabwright.vision.ideal import ideal_views, resting
from fabwright.vision.index import Index
from fabwright.vision.look import hue, look_of
from fabwright.vision.relight import Lit, add_shading, lit, strange_marks, typical_light
from fabwright.vision.rig import Floats, Rig
from fabwright.vision.search import Hypothesis, search
from fabwright.vision.segment import DARK, Belt, Fault, View, segment
from fabwright.vision.threads import by_threads, one_by_one
from fabwright.vision.turns import others
from fabwright.vision.verify import Fit, Stage, refine, stages

CANDIDATES = 20
"""At most so many candidates are named."""

ROUGH_PIXELS = 14_000
"""Size of the renders that thin out the hypotheses."""

EQUALS, SHADE_PIXELS = 24, 25_000
"""More hypotheses with equal outlines than this are first fitted and shaded at this size, and only the best so many at
full size: plates that differ in raised text alone come by the hundred."""

FEW = 6
"""So few hypotheses are fitted one after the other, each with all threads."""

PLAUSIBLE, LIKELY = 48, 6
"""So many hypotheses are drawn, more only where they are as good as the best; of so many models in all turns."""

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
        self.each = by_threads(threads)

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
        seen = segment(self.belt, pictures, self.each)
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
        found = search(self.index.table, self.rig, views, self.each, closed=closed)
        small = stages(self.rig, views, ROUGH_PIXELS)
        rough = self._race(small, _plausible(found), (4.0, 2.0))
        if not rough:
            return [], 0
        rough = sorted([*rough, *self._turned(small, rough)], key=lambda f: f.energy)
        limit = rough[0].energy + 60.0 + 0.5 * rough[0].energy
        close = [f for f in rough if f.energy < limit][:200]
        if len(close) > EQUALS:
            close = self._thinned(views, close)
        prepared = stages(self.rig, views)
        fine = self._again(prepared, close, (1.5, 1.0, 1.0))
        equal = _rivals(fine)
        seen = self._shade(prepared, equal)
        equal.sort(key=lambda f: f.energy)
        strange = strange_marks(seen, self.each)
        best: dict[int, Fit] = {}
        for fit in equal:
            best.setdefault(fit.hypothesis.model, fit)
        floor = max(fit.energy for fit in equal) + 20.0  # these have no shading in their energy yet
        for fit in [*fine, *rough]:
            if fit.hypothesis.model not in best:
                fit.energy = max(fit.energy, floor)
                best[fit.hypothesis.model] = fit
        return sorted(best.values(), key=lambda f: f.energy), strange

    def _thinned(self, views: Sequence[View], close: Sequence[Fit]) -> list[Fit]:
        """The best EQUALS of many, outline and shading together, by renders of middle size."""
        middle = stages(self.rig, views, SHADE_PIXELS)
        equal = _rivals(self._again(middle, close, (1.0,)))
        self._shade(middle, equal)
        return sorted(equal, key=lambda f: f.energy)[:EQUALS]

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

    def _again(self, prepared: list[Stage], fits: Sequence[Fit], widths: Sequence[float]) -> list[Fit]:
        """Fits that go on from where others ended."""
        return self._race(prepared, [fit.hypothesis for fit in fits], widths, [fit.aim for fit in fits])

    def _race(
        self,
        prepared: list[Stage],
        runners: Sequence[Hypothesis],
        widths: Sequence[float],
        aims: Sequence[Floats | None] | None = None,
    ) -> list[Fit]:
        signatures = {h.model: self.index.signature(self.index.keys[h.model]) for h in runners}
        # few runners leave a thread without work unless their views are shared out
        inside, outside = (self.each, one_by_one) if len(runners) < FEW else (one_by_one, self.each)

        def run(start: tuple[Hypothesis, Floats | None]) -> Fit:
            signature = signatures[start[0].model]
            fit = refine(prepared, signature, start[0], self.rig, widths=widths, aim=start[1], each=inside)
            fit.energy = decide.energy(fit)
            return fit

        starts = zip(runners, aims or [None] * len(runners), strict=True)
        return sorted(outside(run, list(starts)), key=lambda f: f.energy)

    def _shade(self, prepared: list[Stage], fits: Sequence[Fit]) -> Lit:
        """Add the shading residual to fits, one at least; the best is returned as it was lit."""
        typical = typical_light(prepared)
        best, kept = np.inf, None
        for fit in fits:
            signature = self.index.signature(self.index.keys[fit.hypothesis.model])
            one = lit(prepared, signature, fit.hypothesis, fit.aim, typical, self.each)
            add_shading(fit, one.shading)
            if fit.energy < best:
                best, kept = fit.energy, one
        assert kept is not None
        return kept

    def _named(self, fits: Sequence[Fit], chances: Sequence[float], shut: set[str]) -> tuple[Candidate, ...]:
        """Candidates by name; names of one geometry share its chance."""
        out: list[Candidate] = []
        for fit, chance in zip(fits, chances, strict=True):
            names = [n for n in self.index.members[self.index.keys[fit.hypothesis.model]] if n not in shut]
            out += [Candidate(name, chance / len(names), fit) for name in names]
        out.sort(key=lambda c: -c.probability)
        return tuple(out[:CANDIDATES])


def _rivals(fits: Sequence[Fit]) -> list[Fit]:
    """Fits whose outlines are so good, compared with the best, that shading may decide."""
    return [fit for fit in fits if fit.energy < fits[0].energy + 40.0 + 0.3 * fits[0].energy]


def _plausible(found: Sequence[Hypothesis]) -> list[Hypothesis]:
    """Hypotheses that the hull does not rule out: all that are as good as the best, however many, all of the LIKELY
    best models, and the best of the others, PLAUSIBLE in all."""
    if not found:
        return []
    best = found[0].error_mm
    limit = best + max(0.1, 0.6 * best)
    close = [h for h in found if h.error_mm < limit]
    likely = set(list(dict.fromkeys(h.model for h in close))[:LIKELY])
    equal = sum(h.error_mm < best + 0.02 for h in close)
    first = [h for k, h in enumerate(close) if k < equal or h.model in likely]
    rest = [h for k, h in enumerate(close) if k >= equal and h.model not in likely]
    return first + rest[: max(0, PLAUSIBLE - len(first))]
