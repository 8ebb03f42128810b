"""What kind of frame a panel is, and what each member is in it."""

import math
from collections.abc import Sequence

import shapely

from fabwright.formats.fnc.bodies import Body, outline_of
from fabwright.formats.mtf.table import FrameType, Role
from fabwright.timber.panel import Panel
from fabwright.timber.part import Category

_SLOPING = math.sin(math.radians(2.0))
_BY_CATEGORY: dict[Category, Role] = {
    "top_rail": "PLATE",
    "bottom_rail": "PLATE",
    "extra_top": "PLATE",
    "extra_bottom": "PLATE",
    "stud": "STUD",
    "rafter": "RAFTER",
    "joist": "JOIST",
    "header": "BLOCK",
    "blocking": "BLOCK",
}


def frame_type(panel: Panel, bodies: Sequence[Body]) -> FrameType:
    """A roof is a roof; with a sloping member a wall is a gable and anything else a truss; the rest is a frame."""
    if panel.kind == "roof":
        return "ROOF"
    if not any(_slopes(body) for body in bodies) or panel.kind == "floor":
        return "FRAME"
    return "GABLE" if panel.kind == "wall" else "TRUSS"


def roles_of(kind: FrameType, bodies: Sequence[Body]) -> list[Role]:
    """What each member is: by its category, else by how it lies."""
    if kind == "TRUSS":
        return _truss_roles(bodies)
    return [_BY_CATEGORY.get(body.member.category) or _by_lie(kind, body) for body in bodies]


def pitch_of(panel: Panel, kind: FrameType, bodies: Sequence[Body], roles: Sequence[Role]) -> float:
    """Degrees: of a roof's surface against the level, else of the steepest top chord, rafter or plate."""
    if kind == "ROOF":
        return math.degrees(math.asin(max(-1.0, min(1.0, abs(panel.frame.y[2])))))
    slopes = [
        math.degrees(math.atan2(abs(body.axis[1]), abs(body.axis[0])))
        for body, role in zip(bodies, roles, strict=True)
        if role in ("TC", "RAFTER", "PLATE") and abs(body.axis[0]) > _SLOPING
    ]
    return max(slopes, default=0.0)


def _slopes(body: Body) -> bool:
    return abs(body.axis[0]) > _SLOPING and abs(body.axis[1]) > _SLOPING


def _by_lie(kind: FrameType, body: Body) -> Role:
    if _slopes(body):
        return "RAFTER"
    is_level = abs(body.axis[1]) <= _SLOPING
    if kind == "ROOF":
        return "PURLIN" if is_level else "RAFTER"
    return "BLOCK" if is_level else "STUD"


def _truss_roles(bodies: Sequence[Body]) -> list[Role]:
    """Top chords have nothing above their middle, bottom chords nothing below; the rest are webs."""
    outlines = outline_of([body.solid for body in bodies])
    roles: list[Role] = []
    for index, (body, outline) in enumerate(zip(bodies, outlines, strict=True)):
        others = shapely.union_all([one for k, one in enumerate(outlines) if k != index])
        x, y = outline.centroid.x, outline.centroid.y
        is_upright = abs(body.axis[0]) <= _SLOPING
        if is_upright:
            roles.append("WEB")
        elif not shapely.LineString([(x, y), (x, y + 1e5)]).intersects(others):
            roles.append("TC")
        elif not shapely.LineString([(x, y), (x, y - 1e5)]).intersects(others):
            roles.append("BC")
        else:
            roles.append("WEB")
    return roles
