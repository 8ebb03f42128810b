"""From shapes to parts: materials by colour, equal parts by what is open, and what is said to the operator.

Pure functions: what they need of the database is given to them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """A part of the batch: `shape` is the key of its geometry, `open` how many of its copies are not assigned yet."""

    part: str
    title: str
    model: str
    material: str
    shape: str
    copies: int
    open: int


@dataclass(frozen=True)
class Ranked:
    """A part that the piece may be."""

    part: str
    model: str
    material: str
    probability: float
    shape: str


@dataclass(frozen=True)
class Choice:
    """What becomes of a scan: `part` is the one to assign when the decision is so."""

    decision: str
    part: str | None
    detail: str


def rank(
    chances: Mapping[str, float], lines: Sequence[Line], materials: Mapping[str, Mapping[str, float]]
) -> list[Ranked]:
    """The parts of the batch by probability, best first.

    Args:
        chances: of geometries, by key.
        lines: the parts of these geometries.
        materials: shape -> material -> chance of the material, given the shape.
    """
    ranked = []
    for shape, chance in chances.items():
        for material, share in materials.get(shape, {}).items():
            equal = [line for line in lines if (line.shape, line.material) == (shape, material)]
            room = sum(line.open for line in equal)
            for line in equal:
                part = line.open / room if room else 1.0 / len(equal)
                ranked.append(Ranked(line.part, line.model, material, chance * share * part, shape))
    return sorted(ranked, key=lambda one: (-one.probability, one.part))


def choose(
    decision: str,
    detail: str,
    ranked: Sequence[Ranked],
    lines: Sequence[Line],
    materials: Mapping[str, Mapping[str, float]],
    *,
    target_error: float,
) -> Choice:
    """What becomes of a scan whose shape was decided so; the first of `ranked` names the shape.

    Assigned is a part that has a copy open, of a material that the colour leaves no doubt about; where it is not known
    how the materials look, their chances are equal and a person is asked, whose answers teach it. Of several parts of
    one shape and one material the one with most copies open is taken: no eye could tell them apart.
    """
    if decision != "assigned" or not ranked:
        return Choice("unknown" if decision == "unknown" else "ask", None, detail)
    shape = ranked[0].shape
    found = materials[shape]
    material = max(found, key=lambda name: (found[name], name))
    if len(found) > 1 and found[material] <= 1.0 - target_error:
        names = ", ".join(f"{name} {share:.0%}" for name, share in sorted(found.items(), key=lambda kv: -kv[1]))
        return Choice("ask", None, joined(detail, f"the colour does not tell the material for sure: {names}"))
    equal = [line for line in lines if (line.shape, line.material) == (shape, material)]
    return _among(equal, detail)


def _among(equal: Sequence[Line], detail: str) -> Choice:
    """One of parts of one shape and one material."""
    opened = sorted((line for line in equal if line.open > 0), key=lambda line: (-line.open, line.part))
    if not opened:
        names = ", ".join(line.part for line in equal)
        copies = sum(line.copies for line in equal)
        return Choice("ask", None, joined(detail, f"one too many: all {copies} copies of {names} are assigned"))
    if len(equal) > 1:
        names = ", ".join(sorted(line.part for line in equal))
        detail = joined(detail, f"{names} are one shape in one material: assigned by what is open")
    return Choice("assigned", opened[0].part, detail)


def joined(before: str, more: str) -> str:
    """Both sentences, where there are two."""
    return f"{before}; {more}" if before else more
