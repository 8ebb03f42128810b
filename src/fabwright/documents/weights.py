"""Weights in lists: only of materials whose density is known by their name."""

from collections.abc import Iterable

from fabwright.timber.weight import DENSITIES, MM3_PER_M3


def known_density(material: str, grade: str = "") -> float | None:
    """kg/m3 of a material by the words in its name or grade, or None where they say nothing."""
    name = f"{material} {grade}".lower()
    return next((value for word, value in DENSITIES if word in name), None)


def kilograms(volumes: Iterable[tuple[str, str, float]]) -> str:
    """The weight of (material, grade, mm3) in kg; "–" where a density is not known, so that no sum is too small."""
    total = 0.0
    for material, grade, volume in volumes:
        density = known_density(material, grade)
        if density is None:
            return "–"
        total += volume / MM3_PER_M3 * density
    return f"{total:.0f}" if total >= 10 else f"{total:.1f}"
