"""Which models of a batch cannot be told apart by sight: said before the first piece lies on the belt.

Every model is laid into its likely resting poses on a perfect station; what the search finds beside the model itself is
fitted and compared as in recognition. A pair whose difference in energy would not allow an automatic assignment in a
pose is confusable in that pose. Models that are confusable often enough form groups, with what differs in millimetres.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from fabwright.vision import decide
from fabwright.vision.ideal import ideal_views, resting
from fabwright.vision.index import Index
from fabwright.vision.recognise import Recogniser
from fabwright.vision.rig import Rig
from fabwright.vision.signature import Signature
from fabwright.vision.simulate import default_rig
from fabwright.vision.verify import Fit

POSE_COVER = 0.8
POSES = 3
"""The likeliest poses that together make up POSE_COVER are looked at, at most so many."""

NEEDED = float(np.log(1000.0)) * decide.TEMPERATURE
"""Difference in energy that makes a wrong assignment rarer than one in a thousand."""

MIN_SHARE = 0.05
"""Pairs that are confusable in less than this share of all pieces are left out."""


@dataclass(frozen=True)
class Pair:
    """Two models (names) that look alike in a `share` (0 to 1) of the first one's poses.

    `outline_mm`: how much the outlines differ at the best fit; `extents_mm`: difference of the sorted extents.
    """

    first: str
    second: str
    share: float
    outline_mm: float
    extents_mm: tuple[float, float, float]


@dataclass(frozen=True)
class Group:
    """Models that cannot be told apart with certainty, and the pairs that say so."""

    models: tuple[str, ...]
    pairs: tuple[Pair, ...]


def find_groups(
    index: Index,
    names: Iterable[str] | None = None,
    *,
    rig: Rig | None = None,
    threads: int = 2,
    progress: Callable[[], None] | None = None,
) -> list[Group]:
    """Groups of models of an index (or of `names` in it) that look alike, largest first.

    Names of one geometry are always a group. Raises InputError for unknown names.
    """
    chosen = index if names is None else index.subset(names)
    rig = rig or default_rig()
    belt = [np.full((c.height, c.width), 35, np.uint8) for c in rig.cameras]
    recogniser = Recogniser(chosen, rig, belt, threads=threads)
    pairs: list[Pair] = []
    for number, key in enumerate(chosen.keys):
        members = chosen.members[key]
        pairs += [Pair(members[0], other, 1.0, 0.0, (0.0, 0.0, 0.0)) for other in members[1:]]
        pairs += _pairs(recogniser, number)
        if progress:
            progress()
    return _grouped(pairs)


def _pairs(recogniser: Recogniser, number: int) -> list[Pair]:
    index = recogniser.index
    own = index.signature(index.keys[number])
    shares: dict[int, float] = {}
    best: dict[int, float] = {}
    covered = 0.0
    for pose, probability in enumerate(own.probabilities[:POSES]):
        if covered >= POSE_COVER:
            break
        covered += float(probability)
        for rival, outline in _rivals(recogniser, number, own, pose).items():
            shares[rival] = shares.get(rival, 0.0) + float(probability)
            best[rival] = min(best.get(rival, np.inf), outline)
    camera = recogniser.rig.cameras[0]
    pixel_mm = float(np.linalg.norm(camera.centre)) / float(camera.matrix[0, 0])
    out = []
    for rival, share in shares.items():
        if share / covered < MIN_SHARE:
            continue
        other = index.signature(index.keys[rival])
        extents = np.abs(np.sort(own.extents) - np.sort(other.extents))
        size = (round(float(extents[0]), 3), round(float(extents[1]), 3), round(float(extents[2]), 3))
        names = (index.members[index.keys[number]][0], index.members[index.keys[rival]][0])
        out.append(Pair(*names, round(share / covered, 3), round(best[rival] * pixel_mm, 4), size))
    return out


def _rivals(recogniser: Recogniser, number: int, own: Signature, pose: int) -> dict[int, float]:
    """Other models that would not be told from this one in this pose, with the outline error of their fit in pixels."""
    views = ideal_views(recogniser.rig, own, resting(own, pose))
    if not views:
        return {}
    fits, _ = recogniser.compete(views)
    mine = next((fit for fit in fits if fit.hypothesis.model == number), None)
    if mine is None:
        return {}
    return {
        fit.hypothesis.model: fit.outline
        for fit in fits
        if fit is not mine and fit.energy - mine.energy < NEEDED and _shaded(fit)
    }


def _shaded(fit: Fit) -> bool:
    return fit.shaded > 0.0


def _grouped(pairs: list[Pair]) -> list[Group]:
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        parent.setdefault(name, name)
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for pair in pairs:
        parent[root(pair.first)] = root(pair.second)
    members: dict[str, list[str]] = {}
    for name in parent:
        members.setdefault(root(name), []).append(name)
    groups = [
        Group(tuple(sorted(names)), tuple(p for p in pairs if root(p.first) == key)) for key, names in members.items()
    ]
    return sorted(groups, key=lambda g: (-len(g.models), g.models))


def assign_by_copies(group: Iterable[str], remaining: dict[str, int]) -> str | None:
    """Which model of a group gets the next piece when sight cannot tell: the one with most copies open.

    None when none has a copy open. Mark such an assignment as one of the group.
    """
    open_models = sorted((name for name in group if remaining.get(name, 0) > 0), key=lambda n: (-remaining[n], n))
    return open_models[0] if open_models else None
