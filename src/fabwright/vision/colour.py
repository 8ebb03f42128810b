"""What colour a piece has, so that parts of one shape in two materials are told apart.

A piece is compared with the empty belt, channel by channel, so that lamp and white balance cancel. Pictures of grey
cameras tell brightness alone. What a material looks like comes from pieces of it that were confirmed, or, until there
are any, from the name of its colour; then it is taken with much more doubt.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from PIL import ImageColor

BELT, GLARE = 0.038, 0.03
"""Albedo of a dark matte belt, and what lamps and lens add to every part, for materials of which only the name of the
colour is known."""

SHADE = 0.65
"""Mean brightness of a part relative to a surface of its albedo that faces up."""

NAMED_SPREAD = 0.45
"""Spread (natural logarithm) of brightness about what the name of a colour says. Chosen: 120 development scans lie
within 0.35 of the median of their colour, whose offset differs between stations."""

SEEN_SPREAD, SEEN_WEIGHT, SEEN_LEAST = 0.35, 3.0, 0.12
"""The same about what confirmed pieces of the material showed on this station: this spread is worth three pieces, the
others are what was seen; pieces of other shapes and in other poses come, so it never falls below the last."""

HUE_SPREAD = 0.3
"""Spread of the logarithm of red to green and of blue to green."""

CAP = 5.0
"""A difference counts at most so many spreads: gloss, dirt and a wrong name are possible."""

_MATERIALS = {
    "natural": (0.62, 0.60, 0.55), "transparent": (0.5, 0.5, 0.5), "clear": (0.5, 0.5, 0.5), "anthracite": (0.06,) * 3,
    "white": (0.75,) * 3, "grey": (0.33,) * 3, "gray": (0.33,) * 3, "black": (0.08,) * 3,
}  # fmt: skip
"""Linear albedo of what is called by these words in printing; other words are those of CSS."""


@dataclass(frozen=True)
class Look:
    """The colour of a piece. `brightness`: natural logarithm of its linear brightness over that of the belt. `red` and
    `blue`: logarithms of red to green and of blue to green, each over that of the belt; None from grey pictures."""

    brightness: float
    red: float | None = None
    blue: float | None = None


@dataclass(frozen=True)
class Expected:
    """How a material looks, and how far a piece of it may be off (spread of the brightness)."""

    look: Look
    spread: float


def expected(colour: str, seen: Sequence[Look] = ()) -> Expected | None:
    """How a material looks: as confirmed pieces of it (`seen`, at least three), else as the name of its colour says
    (a word of CSS or of printing, or #rrggbb); None when neither is known."""
    if len(seen) >= 3:
        reds = [look.red for look in seen if look.red is not None]
        blues = [look.blue for look in seen if look.blue is not None]
        brightness = median(look.brightness for look in seen)
        hues = (median(reds), median(blues)) if reds and blues else (None, None)
        off = sum((look.brightness - brightness) ** 2 for look in seen)
        spread = math.sqrt((SEEN_WEIGHT * SEEN_SPREAD**2 + off) / (SEEN_WEIGHT + len(seen)))
        return Expected(Look(brightness, *hues), max(spread, SEEN_LEAST))
    albedo = _albedo(colour)
    if albedo is None:
        return None
    red, green, blue = (max(value, 0.01) for value in albedo)
    brightness = math.log(((0.2126 * red + 0.7152 * green + 0.0722 * blue) * SHADE + GLARE) / BELT)
    return Expected(Look(brightness, math.log(red / green), math.log(blue / green)), NAMED_SPREAD)


def _albedo(colour: str) -> tuple[float, float, float] | None:
    """Linear red, green, blue (0 to 1) of a name; of "dyed black" it is the last word that counts."""
    words = colour.lower().replace("-", " ").replace("_", " ").split()
    for word in reversed(words):
        if word in _MATERIALS:
            red, green, blue = _MATERIALS[word]
            return red, green, blue
        try:
            code = ImageColor.getrgb(word)
        except ValueError:
            continue
        return _linear(code[0]), _linear(code[1]), _linear(code[2])
    return None


def _linear(code: int) -> float:
    """Albedo of a value of sRGB; prints are less bright than a screen."""
    share = code / 255.0
    return 0.75 * (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4)


def shares(look: Look, materials: Mapping[str, Expected | None]) -> dict[str, float]:
    """The chance of each material, given how a piece of one of them looks. All are equal when one is not known."""
    known = {name: one for name, one in materials.items() if one is not None}
    if len(known) < len(materials) or len(known) < 2:
        return {name: 1.0 / len(materials) for name in materials}
    costs = {name: _distance(look, one) for name, one in known.items()}
    least = min(costs.values())
    weights = {name: math.exp(least - cost) for name, cost in costs.items()}
    total = sum(weights.values())
    return {name: weight / total for name, weight in weights.items()}


def _distance(look: Look, one: Expected) -> float:
    """Minus log likelihood of a piece's look under a material."""
    away = min(abs(look.brightness - one.look.brightness) / one.spread, CAP)
    cost = 0.5 * away**2 + math.log(one.spread)
    for seen, wanted in ((look.red, one.look.red), (look.blue, one.look.blue)):
        if seen is not None and wanted is not None:
            cost += 0.5 * min(abs(seen - wanted) / HUE_SPREAD, CAP) ** 2
    return cost
