"""Whether a plate that was read back is the plate that was asked for, work by work."""

import math
from collections.abc import Sequence

from fabwright.errors import VerificationError
from fabwright.formats.plates.plate import Hole, Path, Plate, signed_area
from fabwright.timber import Contour

TOLERANCE = 0.01  # mm: machine files carry three decimals or more


def compare_plates(asked: Plate, found: Plate, name: str) -> None:
    """Sizes, outline, cut-outs, holes, pockets, paths, marks and nails.

    Args:
        name: of the file or program, for the error.

    Raises:
        VerificationError: names the piece, the work and both values.
    """
    where = f"{name}, {asked.reference}".rstrip(", ")
    for what in ("length", "width", "thickness"):
        a, b = getattr(asked, what), getattr(found, what)
        if abs(a - b) > TOLERANCE:
            raise VerificationError(f"{what} {a:g} was asked, the file says {b:g}", where=where)
    _compare_contours((asked.outline,), (found.outline,), "outline", where)
    _compare_contours(asked.cutouts, found.cutouts, "cut-out", where)
    _compare_holes(asked.holes, found.holes, where)
    areas = sorted(asked.areas, key=lambda a: (a.side, *_box(a.contour)))
    others = sorted(found.areas, key=lambda a: (a.side, *_box(a.contour)))
    if [(a.side, round(a.depth, 2), len(a.islands)) for a in areas] != [
        (a.side, round(a.depth, 2), len(a.islands)) for a in others
    ]:
        raise VerificationError("the pockets differ in number, side or depth", where=where)
    _compare_contours([a.contour for a in areas], [a.contour for a in others], "pocket", where)
    _compare_contours([i for a in areas for i in a.islands], [i for a in others for i in a.islands], "island", where)
    _compare_paths(asked.paths, found.paths, "path", where)
    _compare_paths(asked.marks, found.marks, "mark", where)
    if [n.text for n in asked.notes] and len(asked.notes) != len(found.notes):
        raise VerificationError(f"{len(asked.notes)} texts were asked, the file has {len(found.notes)}", where=where)


def _compare_contours(asked: Sequence[Contour], found: Sequence[Contour], what: str, where: str) -> None:
    """Same number, boxes and areas, wherever a contour starts and whichever way it runs."""
    if len(asked) != len(found):
        raise VerificationError(f"{len(asked)} {what}s were asked, the file has {len(found)}", where=where)
    for a, b in zip(sorted(asked, key=_measures), sorted(found, key=_measures), strict=True):
        first, second = _measures(a), _measures(b)
        if any(abs(p - q) > TOLERANCE for p, q in zip(first[:4], second[:4], strict=True)):
            raise VerificationError(
                f"a {what} in {_said(first[:4])} was asked, the file has {_said(second[:4])}", where=where
            )
        # rounding of corners moves the area by the length of the boundary times the rounding
        reach = sum(abs(v) for v in first[:4]) + 1.0
        if abs(first[4] - second[4]) > TOLERANCE * reach + 1e-5 * first[4]:
            raise VerificationError(
                f"a {what} of {first[4]:.1f} mm2 was asked, the file has {second[4]:.1f}", where=where
            )


def _compare_holes(asked: Sequence[Hole], found: Sequence[Hole], where: str) -> None:
    if len(asked) != len(found):
        raise VerificationError(f"{len(asked)} drillings were asked, the file has {len(found)}", where=where)
    for a, b in zip(sorted(asked, key=_hole_key), sorted(found, key=_hole_key), strict=True):
        same = a.side == b.side and (a.depth is None) == (b.depth is None)
        numbers = ((a.x, b.x), (a.y, b.y), (a.diameter, b.diameter), (a.depth or 0.0, b.depth or 0.0))
        if not same or any(abs(p - q) > TOLERANCE for p, q in numbers):
            raise VerificationError(f"{a} was asked, the file has {b}", where=where)


def _hole_key(hole: Hole) -> tuple[float, ...]:
    depth = math.inf if hole.depth is None else hole.depth
    return (hole.side, round(hole.x, 1), round(hole.y, 1), round(hole.diameter, 1), depth)


def _compare_paths(asked: Sequence[Path], found: Sequence[Path], what: str, where: str) -> None:
    if len(asked) != len(found):
        raise VerificationError(f"{len(asked)} {what}s were asked, the file has {len(found)}", where=where)
    for a, b in zip(sorted(asked, key=_path_key), sorted(found, key=_path_key), strict=True):
        same = (a.side, a.is_saw, a.position) == (b.side, b.is_saw, b.position)
        same = same and (a.depth is None) == (b.depth is None) and abs((a.depth or 0.0) - (b.depth or 0.0)) <= TOLERANCE
        first, second = a.contour.points(), b.contour.points()
        ends = (*first[0], *first[-1]), (*second[0], *second[-1])
        if not same or any(abs(p - q) > TOLERANCE for p, q in zip(*ends, strict=True)):
            raise VerificationError(f"a {what} from {ends[0][:2]} to {ends[0][2:]} is not in the file", where=where)


def _path_key(path: Path) -> tuple[float | str, ...]:
    points = path.contour.points()
    ends = tuple(round(value, 1) for point in (points[0], points[-1]) for value in point)
    return (path.side, path.is_saw, path.position, *ends, -1.0 if path.depth is None else path.depth)


def _box(contour: Contour) -> tuple[float, float, float, float]:
    points = contour.points(0.01)
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return (round(min(xs), 2), round(min(ys), 2), round(max(xs), 2), round(max(ys), 2))


def _measures(contour: Contour) -> tuple[float, float, float, float, float]:
    return (*_box(contour), abs(signed_area(contour)))


def _said(box: Sequence[float]) -> str:
    return f"({box[0]:g}, {box[1]:g}) to ({box[2]:g}, {box[3]:g})"
