"""A measurement plan: which planes, holes, cylinders, distances and angles a piece is asked about.

A plan is JSON, in the model's frame, mm and degrees:

    {"features": [
      {"name": "base", "type": "plane", "at": [0, 0, 0], "normal": [0, 0, -1], "radius": 30, "lower": 0, "upper": 0.2},
      {"name": "bore", "type": "hole", "at": [10, 5, 0], "axis": [0, 0, 1], "diameter": 8, "lower": -0.1, "upper": 0.2},
      {"name": "pitch", "type": "distance", "of": ["bore", "pin"], "nominal": 40, "lower": -0.15, "upper": 0.15},
      {"name": "square", "type": "angle", "of": ["base", "side"], "nominal": 90, "lower": -0.3, "upper": 0.3}]}
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fabwright.errors import FormatError

TYPES = ("plane", "hole", "cylinder", "distance", "angle")
_KEYS = {
    "name", "type", "at", "normal", "axis", "diameter", "length", "radius", "of", "nominal", "lower", "upper",
}  # fmt: skip


@dataclass(frozen=True)
class Feature:
    """One line of a plan. `nominal` of planes is 0, of round features their diameter; `lower` and `upper` are the
    tolerances as deviations from it, None where nothing is asked."""

    name: str
    type: str
    nominal: float
    lower: float | None = None
    upper: float | None = None
    at: tuple[float, float, float] = (0.0, 0.0, 0.0)
    direction: tuple[float, float, float] = (0.0, 0.0, 1.0)
    radius: float = 10.0
    length: float = 0.0
    of: tuple[str, str] = ("", "")


def read_plan(source: str | bytes | Mapping[str, Any]) -> tuple[Feature, ...]:
    """Read a plan. Raises FormatError that names the feature and what was expected."""
    if isinstance(source, (str, bytes)):
        try:
            source = json.loads(source)
        except ValueError as error:
            raise FormatError(f"not JSON ({error})", where="plan") from error
    rows = source.get("features") if isinstance(source, Mapping) else None
    if not isinstance(rows, list) or not rows:
        raise FormatError("an object with a list `features` was expected", where="plan")
    features = tuple(_feature(row, f"plan.features[{k}]") for k, row in enumerate(rows))
    names = [feature.name for feature in features]
    for name in names:
        if names.count(name) > 1:
            raise FormatError(f"the name `{name}` stands twice", where="plan.features")
    return features


def _feature(row: Any, where: str) -> Feature:
    if not isinstance(row, Mapping):
        raise FormatError("an object was expected", where=where)
    unknown = sorted(set(row) - _KEYS)
    if unknown:
        raise FormatError(f"`{unknown[0]}` is not known; expected {', '.join(sorted(_KEYS))}", where=where)
    name, kind = row.get("name"), row.get("type")
    if not isinstance(name, str) or not name:
        raise FormatError("a name was expected", where=f"{where}.name")
    if kind not in TYPES:
        raise FormatError(f"`{kind}`: one of {', '.join(TYPES)} was expected", where=f"{where}.type")
    lower, upper = (None if row.get(key) is None else _number(row[key], f"{where}.{key}") for key in ("lower", "upper"))
    if kind in ("distance", "angle"):
        of = row.get("of")
        if not isinstance(of, list) or len(of) != 2 or not all(isinstance(item, str) for item in of):
            raise FormatError("two names were expected", where=f"{where}.of")
        nominal = _number(row.get("nominal"), f"{where}.nominal")
        return Feature(name, kind, nominal, lower, upper, of=(of[0], of[1]))
    at = _vector(row.get("at"), f"{where}.at")
    if kind == "plane":
        normal = _vector(row.get("normal"), f"{where}.normal", unit=True)
        radius = _number(row.get("radius", 10.0), f"{where}.radius")
        return Feature(name, kind, 0.0, lower, upper, at, normal, radius)
    axis = _vector(row.get("axis"), f"{where}.axis", unit=True)
    diameter = _number(row.get("diameter"), f"{where}.diameter")
    if diameter <= 0:
        raise FormatError(f"{diameter:g}: more than 0 mm was expected", where=f"{where}.diameter")
    length = _number(row.get("length", 0.0), f"{where}.length")
    return Feature(name, kind, diameter, lower, upper, at, axis, diameter / 2, length)


def _number(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < 1e9:
        raise FormatError(f"`{value}`: a number was expected", where=where)
    return float(value)


def _vector(value: Any, where: str, *, unit: bool = False) -> tuple[float, float, float]:
    if not isinstance(value, (list, tuple)) or len(value) != 3:
        raise FormatError("three numbers were expected", where=where)
    x, y, z = (_number(item, where) for item in value)
    length = math.hypot(x, y, z)
    if not unit:
        return x, y, z
    if length == 0:
        raise FormatError("a direction was expected, not zero", where=where)
    return x / length, y / length, z / length
