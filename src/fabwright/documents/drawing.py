"""A small drawing: paths, circles and texts in mm of paper, from the upper left corner. The template draws it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Point = tuple[float, float]
Stroke = Literal["", "outline", "edge", "hidden", "axis", "dim", "hair", "light", "mark"]
Fill = Literal["", "wood", "cut", "white", "plate", "waste", "hole", "mark", "offcut"]
Anchor = Literal["start", "middle", "end"]


@dataclass
class Drawing:
    """What is drawn, in drawing order.

    Attributes:
        width, height: mm of paper.
    """

    width: float
    height: float
    items: list[dict[str, Any]] = field(default_factory=list)

    def path(
        self, rings: Sequence[Sequence[Point]], *, stroke: Stroke = "edge", fill: Fill = "", closed: bool = True
    ) -> None:
        """One or more rings (holes are rings within a ring) or, when not closed, lines."""
        rings = [[_rounded(point) for point in ring] for ring in rings if len(ring) > 1]
        if rings:
            self.items.append({"kind": "path", "rings": rings, "stroke": stroke, "fill": fill, "closed": closed})

    def line(self, *points: Point, stroke: Stroke = "edge") -> None:
        """A line through points."""
        self.path([points], stroke=stroke, closed=False)

    def circle(self, centre: Point, radius: float, *, stroke: Stroke = "edge", fill: Fill = "") -> None:
        """A circle."""
        x, y = _rounded(centre)
        self.items.append({"kind": "circle", "x": x, "y": y, "r": round(radius, 3), "stroke": stroke, "fill": fill})

    def text(
        self,
        at: Point,
        text: str,
        *,
        size_pt: float = 6.0,
        anchor: Anchor = "middle",
        turn: float = 0.0,
        tone: Literal["dim", "ink"] = "dim",
    ) -> None:
        """Text at half its height on a point; turned by 90 degrees (reading downwards) it hangs below the point."""
        x, y = _rounded(at)
        self.items.append(
            {
                "kind": "text", "x": x, "y": y, "text": text, "size": size_pt,
                "anchor": anchor, "turn": turn, "tone": tone,
            }
        )  # fmt: skip

    def data(self) -> dict[str, Any]:
        """What the template reads."""
        return {"width": round(self.width, 3), "height": round(self.height, 3), "items": self.items}


def _rounded(point: Point) -> Point:
    return (round(point[0], 3) + 0.0, round(point[1], 3) + 0.0)
