"""Where the members of a plane frame meet, and what kind of joint that is."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import shapely

from fabwright.formats.fnc.bodies import GAP_MM, Body, outline_of
from fabwright.formats.mtf.table import JointKind, Role

_TOUCH_MM2 = 5.0  # overlap of outlines widened by the gap; a corner that touches has less
_TOGETHER_MM = 20.0  # meetings nearer than this that share a member are one joint; in a truss one narrowest width
_PARALLEL = 0.996
_RANK: tuple[JointKind, ...] = ("PEAK", "HEEL", "SPLICE", "WEB", "LAP")
_CHORDS = ("TC", "RAFTER")


@dataclass(frozen=True)
class Meeting:
    """A joint: indices of the members in order, its place in the panel's X and Y, its kind."""

    members: tuple[int, ...]
    x: float
    y: float
    kind: JointKind


def meetings(bodies: Sequence[Body], roles: Sequence[Role], *, is_truss: bool = False) -> list[Meeting]:
    """The joints of a frame, from left to right and from below upwards.

    Args:
        is_truss: what meets at a node of a truss is one joint, though the members touch at several places.
    """
    together = min(width_of(body) for body in bodies) if is_truss else _TOGETHER_MM
    outlines = outline_of([body.solid for body in bodies])
    wide = [outline.buffer(GAP_MM, join_style="mitre") for outline in outlines]
    tree = shapely.STRtree(wide)
    found: list[Meeting] = []
    for i, shape in enumerate(wide):
        for j in sorted(int(index) for index in tree.query(shape)):
            if j <= i:
                continue
            common = shape.intersection(wide[j])
            if common.area < _TOUCH_MM2 or not _same_depth(bodies[i], bodies[j]):
                continue
            at = common.centroid
            kind = _kind(bodies, roles, outlines, i, j, at)
            found.append(Meeting((i, j), float(at.x), float(at.y), kind))
    return sorted(_joined(found, together), key=lambda one: (round(one.x, 3), round(one.y, 3), one.members))


def _same_depth(one: Body, other: Body) -> bool:
    a, b = one.solid.bounding_box(), other.solid.bounding_box()
    return bool(a[2] - GAP_MM <= b[5] and b[2] - GAP_MM <= a[5])


def _kind(
    bodies: Sequence[Body],
    roles: Sequence[Role],
    outlines: Sequence[shapely.Polygon],
    i: int,
    j: int,
    at: shapely.Point,
) -> JointKind:
    a, b = bodies[i], bodies[j]
    ends = (_at_end(a, at), _at_end(b, at))
    if outlines[i].intersection(outlines[j]).area > _TOUCH_MM2:
        return "LAP"  # they lie on each other
    if abs(sum(x * y for x, y in zip(a.axis, b.axis, strict=True))) > _PARALLEL:
        return "SPLICE" if all(ends) and _collinear(a, b) else "LAP"
    chords = [role in _CHORDS for role in (roles[i], roles[j])]
    if all(chords) and all(ends):
        return "PEAK"
    if any(chords) and {roles[i], roles[j]} & {"BC", "PLATE"}:
        return "HEEL"
    return "WEB"


def _at_end(body: Body, at: shapely.Point) -> bool:
    """Whether a place lies within one and a half widths of an end."""
    x, y, _ = body.member.frame.origin
    ex, ey, _ = body.axis
    way = (at.x - x) * ex + (at.y - y) * ey
    reach = 1.5 * max(body.member.section)
    return bool(way < reach or way > body.member.length - reach)


def _collinear(one: Body, other: Body) -> bool:
    middle = other.member.frame.place((other.member.length / 2, other.member.height / 2, other.member.width / 2))
    local = one.member.frame.local(middle)
    return math.hypot(local[1] - one.member.height / 2, local[2] - one.member.width / 2) < 1.0


def width_of(body: Body) -> float:
    """Width in the plane of the frame, mm."""
    return body.member.width if abs(body.member.frame.y[2]) > 0.5 else body.member.height


def _joined(found: list[Meeting], together: float) -> list[Meeting]:
    """Meetings at one place that share members become one joint, in the middle of them."""
    groups: list[list[Meeting]] = []
    for one in found:
        for group in groups:
            first = group[0]
            near = math.dist((one.x, one.y), (first.x, first.y)) <= together
            if near and any(set(one.members) & set(other.members) for other in group):
                group.append(one)
                break
        else:
            groups.append([one])
    return [
        Meeting(
            members=tuple(sorted({index for one in group for index in one.members})),
            x=sum(one.x for one in group) / len(group),
            y=sum(one.y for one in group) / len(group),
            kind=min((one.kind for one in group), key=_RANK.index),
        )
        for group in groups
    ]
