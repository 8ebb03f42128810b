"""The nails that hold a frame together: those that the design draws, and those computed for the joints of rails with
what stands between them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from fabwright.errors import InputError, LimitError
from fabwright.formats.fnc.bodies import Body, Patch, bodies_of, patch, rod
from fabwright.formats.fnc.document import FncOptions, Tool
from fabwright.timber.frame import Vec
from fabwright.timber.panel import Panel
from fabwright.timber.part import Fastener

DRAWN = ("frame_nail_line", "frame_nail_single")
RAILS: tuple[str, ...] = ("bottom_rail", "top_rail")
_ON_FACE_MM = 2.0  # how far a drawn head may lie off the face that it enters
_OUTSIDE = 0.05  # share of a nail that may stand out: the rim of its head where it enters a face aslant
_LATER = ("extra_top", "extra_bottom")  # members that are put on when the frame is nailed
_SLACK_MM = 0.01


@dataclass(frozen=True)
class Nail:
    """One nail, in panel axes.

    Attributes:
        at: where it enters.
        direction: unit vector of the way it goes.
        through, into: the member that it goes through, and the one that it holds.
        depth: in `into`, mm.
        drawn: whether the design draws it.
    """

    at: Vec
    direction: Vec
    tool: Tool
    through: Body
    into: Body
    depth: float
    drawn: bool

    @property
    def joint(self) -> str:
        """Numbers of both members."""
        return f"{self.through.number}-{self.into.number}"

    @property
    def tip(self) -> Vec:
        """Where it ends."""
        return _along(self.at, self.direction, self.tool.length)


def frame_nails(
    panel: Panel, options: FncOptions, bodies: Sequence[Body] | None = None, *, needed: bool = True
) -> tuple[Nail, ...]:
    """The nails of a frame: drawn ones first, then those of the joints that have none.

    Args:
        bodies: of the frame, where they are known already.
        needed: whether a frame without any nail is an error.

    Raises:
        LimitError: the frame is larger than the machine takes; names assembly, option and limit.
        InputError: a nail cannot be driven as asked, or there is nothing to nail; names assembly, joint and option.
    """
    _check_limits(panel, options)
    found = bodies_of(panel) if bodies is None else bodies
    rails = options.rails or ((*RAILS, "header") if panel.kind == "floor" else RAILS)
    nails: list[Nail] = []
    if options.source != "computed":
        for fastener in panel.fasteners:
            if fastener.category in DRAWN:
                nails.extend(_drawn(panel, fastener, found, options))
    if options.source != "drawn":
        done = {frozenset((nail.through.number, nail.into.number)) for nail in nails}
        for through, into, direction, area in joints(found, rails):
            if frozenset((through.number, into.number)) not in done:
                nails.extend(_computed(panel, through, into, direction, area, options))
    if needed and not nails:
        if options.source == "drawn":
            raise InputError("no frame nails are drawn in the design", where=f"assembly {panel.name}, option source")
        raise InputError(
            f"no member ends at a rail; as rails count {' and '.join(rails)}",
            where=f"assembly {panel.name}, option rails",
        )
    for nail in nails:
        _check(panel, nail, found, options)
    return tuple(nails)


def joints(bodies: Sequence[Body], rails: Sequence[str]) -> Iterator[tuple[Body, Body, Vec, Patch]]:
    """(rail, member, direction from the rail into the member, where they meet) of every end that meets a rail."""
    through = [body for body in bodies if body.member.category in rails]
    for rail in through:
        for body in bodies:
            if body.member.category in rails:
                continue
            x, y, z = body.axis
            for direction in ((x, y, z), (-x, -y, -z)):  # into the member from its start, and from its end
                if abs(float(np.dot(direction, rail.axis))) > 0.999:
                    continue  # end to end: no nail goes through
                area = patch(rail, body, direction)
                if area is not None:
                    yield rail, body, direction, area


def _check_limits(panel: Panel, options: FncOptions) -> None:
    length, height, _ = panel.size
    for option, value, limit in (
        ("max_length", length, options.max_length),
        ("max_height", height, options.max_height),
    ):
        if limit is not None and value > limit + _SLACK_MM:
            raise LimitError(
                f"measures {value:g} mm, {option} of the machine is {limit:g} mm", where=f"assembly {panel.name}"
            )


# -- computed -----------------------------------------------------------------------------------------------------


def _computed(
    panel: Panel, through: Body, into: Body, direction: Vec, area: Patch, options: FncOptions
) -> Iterator[Nail]:
    """Nails spread evenly over the depth of a joint, in the middle of its width."""
    tool, count = options.tools[0], options.nails_per_joint
    where = _where(panel, through, into)
    low, high = area.area.bounds[1], area.area.bounds[3]
    step = (high - low) / count
    if count > 1 and step < options.nail_spacing - _SLACK_MM:
        raise InputError(
            f"{count} nails over {high - low:.1f} mm stand {step:.1f} mm apart, nail_spacing is"
            f" {options.nail_spacing:g} mm",
            where=f"{where}, option nail_spacing",
        )
    inner = _inner(area, options, where)
    x = float(area.area.centroid.x)
    for index in range(count):
        y = low + (index + 0.5) * step
        if inner.distance(shapely.Point(x, y)) > _SLACK_MM:
            raise InputError(
                f"nail {index + 1} of {count} would stand nearer than {options.edge_distance:g} mm to an edge",
                where=f"{where}, option edge_distance",
            )
        yield _driven(area.place(x, y), direction, tool, through, into, options, where)


def _inner(area: Patch, options: FncOptions, where: str) -> shapely.Polygon:
    inner = area.area.buffer(-options.edge_distance, join_style="mitre")
    if inner.is_empty:
        left, low, right, high = area.area.bounds
        raise InputError(
            f"the members meet on {right - left:.1f} x {high - low:.1f} mm, too little for an edge distance of"
            f" {options.edge_distance:g} mm",
            where=f"{where}, option edge_distance",
        )
    return inner


def _driven(
    point: Vec,
    direction: Vec,
    tool: Tool,
    through: Body,
    into: Body,
    options: FncOptions,
    where: str,
    *,
    drawn: bool = False,
) -> Nail:
    """The nail on a line through a point, entering `through` at its outer face."""
    first, second = through.interval(point, direction), into.interval(point, direction)
    if first is None or second is None:
        raise InputError("the nail's line misses one of the members", where=where)
    depth = first[0] + tool.length - second[0]
    if depth < options.min_penetration - _SLACK_MM:
        raise InputError(
            f"a nail of {tool.length:g} mm goes {max(depth, 0.0):.1f} mm into {into.label}, min_penetration is"
            f" {options.min_penetration:g} mm",
            where=f"{where}, option min_penetration",
        )
    if first[0] + tool.length > second[1] + _SLACK_MM:
        raise InputError(f"a nail of {tool.length:g} mm comes out of {into.label}", where=f"{where}, option tools")
    return Nail(_along(point, direction, first[0]), direction, tool, through, into, depth, drawn)


# -- drawn --------------------------------------------------------------------------------------------------------


def _drawn(panel: Panel, fastener: Fastener, bodies: Sequence[Body], options: FncOptions) -> Iterator[Nail]:
    name = fastener.reference or fastener.name or fastener.article or "?"
    for number, point in enumerate(fastener.places, 1):
        where = f"assembly {panel.name}, nail {number} of {name}"
        direction = fastener.frame.z
        tool = _tool(fastener, options, where)
        through = _holding(bodies, point, direction, 1.0)
        into = _holding(bodies, point, direction, tool.length - 1.0)
        if through is None or into is None or through is into:
            what = "does not start in a member" if through is None else "does not end in another member"
            raise InputError(f"driven along {_text(direction)} from {_text(point)} it {what} of the frame", where=where)
        interval = through.interval(point, direction)
        if interval is None or abs(interval[0]) > _ON_FACE_MM:
            raise InputError(f"its head at {_text(point)} does not lie on a face of {through.label}", where=where)
        where = f"{where}, {_where(panel, through, into)}"
        area = patch(through, into, direction)
        if area is None:
            raise InputError(f"{through.label} and {into.label} do not meet", where=where)
        if _inner(area, options, where).distance(area.local(point)) > _SLACK_MM:
            raise InputError(
                f"it stands nearer than {options.edge_distance:g} mm to an edge",
                where=f"{where}, option edge_distance",
            )
        yield _driven(point, direction, tool, through, into, options, where, drawn=True)


def _tool(fastener: Fastener, options: FncOptions, where: str) -> Tool:
    """The gun with this nail; a nail that states no size is shot by the first one."""
    for tool in options.tools:
        if (fastener.length is None or abs(fastener.length - tool.length) < 0.5) and (
            fastener.diameter is None or abs(fastener.diameter - tool.diameter) < 0.05
        ):
            return tool
    nail = " x ".join(f"{size:g}" for size in (fastener.diameter, fastener.length) if size is not None)
    raise InputError(f"no gun shoots nails of {nail} mm", where=f"{where}, option tools")


def _holding(bodies: Sequence[Body], point: Vec, direction: Vec, way: float) -> Body | None:
    """The body that a line is in after so many mm."""
    for body in bodies:
        interval = body.interval(point, direction)
        if interval is not None and interval[0] <= way <= interval[1]:
            return body
    return None


# -- checks -------------------------------------------------------------------------------------------------------


def _stays(nail: Nail, options: FncOptions) -> bool:
    """Whether the whole nail is in the wood of both members.

    Its line is, and its edge distance is kept; only notches, holes, or an edge distance below its own size can let it
    out all the same, and then its body is looked at.
    """
    plain = nail.through.is_plain and nail.into.is_plain
    if plain and options.edge_distance >= nail.tool.diameter:
        return True
    body = rod(nail.at, nail.direction, nail.tool.length, nail.tool.diameter)
    within = (body ^ nail.through.solid).volume() + (body ^ nail.into.solid).volume()
    return bool(within >= (1.0 - _OUTSIDE) * body.volume())


def _check(panel: Panel, nail: Nail, bodies: Sequence[Body], options: FncOptions) -> None:
    """The whole nail is in wood, its head is free, and it is in no opening.

    Raises:
        InputError: names assembly and joint.
    """
    where = _where(panel, nail.through, nail.into)
    if not _stays(nail, options):
        raise InputError(f"a nail from {_text(nail.at)} does not stay within both members", where=where)
    before = _along(nail.at, nail.direction, -1.0)
    for other in bodies:
        if other is nail.through or other.member.category in _LATER or not other.surrounds(before):
            continue
        interval = other.interval(before, nail.direction)
        if interval is not None and interval[0] < -_SLACK_MM and interval[1] > _SLACK_MM:
            raise InputError(
                f"a nail from {_text(nail.at)} cannot be driven: {other.label} covers its head (what is put on"
                " afterwards has the category extra_top or extra_bottom)",
                where=where,
            )
    line = shapely.LineString([nail.at[:2], nail.tip[:2]])
    for opening in panel.openings:
        if line.intersects(shapely.Polygon(opening.outline.points()).buffer(-1.0)):
            raise InputError(f"a nail from {_text(nail.at)} lies in the opening {opening.name or '?'}", where=where)


def _where(panel: Panel, through: Body, into: Body) -> str:
    return f"assembly {panel.name}, joint {through.number}-{into.number} of {through.label} and {into.label}"


def _along(point: Vec, direction: Vec, way: float) -> Vec:
    x, y, z = (a + way * b for a, b in zip(point, direction, strict=True))
    return (x, y, z)


def _text(vector: Vec) -> str:
    return "(" + ", ".join(f"{value:.1f}" for value in vector) + ")"
