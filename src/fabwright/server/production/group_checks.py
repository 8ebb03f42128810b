"""The eight checks of a multipanel group, and where its panels lie. Plain numbers; no database.

The vendor names the limits (minimum height, least and greatest width of a panel, transport width, least and greatest
count), consecutive priorities, and that there are eight checks; the eighth is ours: panels that go through the machine
as one have the same height and thickness. See docs/decisions/0030-multipanel-groups.md.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

SAME_SIZE_MM = 1.0  # panels of one height may differ by this much


class PanelFigures(NamedTuple):
    """A panel of a group: extents along X, Y and Z in mm, None before its design is analysed."""

    name: str
    priority: int | None
    width: float | None
    height: float | None
    thickness: float | None


@dataclass(frozen=True, slots=True)
class Limits:
    """The project's settings; None: no limit."""

    minimum_height: float | None = None
    minimum_width: float | None = None
    maximum_width: float | None = None
    maximum_transport_width: float | None = None
    minimum_count: int = 2
    maximum_count: int | None = None


class Check(NamedTuple):
    """One check: its name, whether it holds, and a sentence for people."""

    check: str
    passed: bool
    message: str


def offsets(widths: Sequence[float], gap: float) -> list[float]:
    """Where each panel starts, mm from the start of the group."""
    starts, at = [], 0.0
    for width in widths:
        starts.append(round(at, 3))
        at += width + gap
    return starts


def total_width(widths: Sequence[float], gap: float) -> float:
    """Sum of widths and of the gaps between neighbours, mm."""
    return round(sum(widths) + gap * max(0, len(widths) - 1), 3)


def run_checks(panels: Sequence[PanelFigures], gap: float, limits: Limits) -> list[Check]:
    """All eight, in a fixed order, whether or not they hold."""
    return [
        _least_count(len(panels), limits.minimum_count),
        _most_count(len(panels), limits.maximum_count),
        _priorities(panels),
        _each("minimum_height", panels, "height", limits.minimum_height, least=True),
        _each("minimum_width", panels, "width", limits.minimum_width, least=True),
        _each("maximum_width", panels, "width", limits.maximum_width, least=False),
        _transport(panels, gap, limits.maximum_transport_width),
        _same_size(panels),
    ]


def mm(value: float) -> str:
    """A length for people: whole millimetres where it is one, else a decimal."""
    return f"{value:.0f} mm" if abs(value - round(value)) < 0.05 else f"{value:.1f} mm"


def _least_count(count: int, limit: int) -> Check:
    return Check("minimum_count", count >= limit, f"{count} panels; at least {limit} are needed.")


def _most_count(count: int, limit: int | None) -> Check:
    if limit is None:
        return Check("maximum_count", True, f"{count} panels; no limit is set.")
    return Check("maximum_count", count <= limit, f"{count} panels; at most {limit} are allowed.")


def _priorities(panels: Sequence[PanelFigures]) -> Check:
    given = [panel.priority for panel in panels]
    if all(one is None for one in given):
        return Check("priorities", True, "No panel has a priority; the order of the group counts.")
    without = [panel.name for panel in panels if panel.priority is None]
    if without:
        return Check("priorities", False, f"Without a priority: {_names(without)}; the others have one.")
    numbers = [one for one in given if one is not None]
    follows = all(after == before + 1 for before, after in zip(numbers, numbers[1:], strict=False))
    said = ", ".join(map(str, numbers))
    return Check("priorities", follows, f"Priorities {said} {'follow' if follows else 'do not follow'} each other.")


def _each(name: str, panels: Sequence[PanelFigures], side: str, limit: float | None, *, least: bool) -> Check:
    word = "at least" if least else "at most"
    if limit is None:
        return Check(name, True, "No limit is set.")
    unknown = _unknown(panels)
    if unknown:
        return Check(name, False, unknown)
    holds: Callable[[float], bool] = (lambda value: value >= limit) if least else (lambda value: value <= limit)
    wrong = [f"{panel.name} ({mm(value)})" for panel in panels if not holds(value := getattr(panel, side))]
    if wrong:
        return Check(name, False, f"The {side} must be {word} {mm(limit)}: {_names(wrong)}.")
    return Check(name, True, f"The {side} of every panel is {word} {mm(limit)}.")


def _transport(panels: Sequence[PanelFigures], gap: float, limit: float | None) -> Check:
    unknown = _unknown(panels)
    if unknown:
        return Check("transport_width", False, unknown)
    total = total_width([panel.width or 0.0 for panel in panels], gap)
    said = f"Widths and gaps are {mm(total)} together"
    if limit is None:
        return Check("transport_width", True, f"{said}; no limit is set.")
    return Check("transport_width", total <= limit, f"{said}; at most {mm(limit)} are allowed.")


def _same_size(panels: Sequence[PanelFigures]) -> Check:
    unknown = _unknown(panels)
    if unknown:
        return Check("same_size", False, unknown)
    for side in ("height", "thickness"):
        values = [getattr(panel, side) for panel in panels]
        if values and max(values) - min(values) > SAME_SIZE_MM:
            said = ", ".join(f"{panel.name} {mm(getattr(panel, side))}" for panel in panels)
            return Check("same_size", False, f"The {side} must be the same: {said}.")
    return Check("same_size", True, "All panels have the same height and thickness.")


def _unknown(panels: Sequence[PanelFigures]) -> str:
    names = [panel.name for panel in panels if panel.width is None]
    return f"The size is not known yet: {_names(names)}." if names else ""


def _names(names: Sequence[str]) -> str:
    shown = ", ".join(names[:20])
    return shown if len(names) <= 20 else f"{shown} and {len(names) - 20} more"
