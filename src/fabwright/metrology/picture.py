"""Deviations as colours: on a subdivided copy of the model, for pictures and for viewers."""

import io
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.spatial import cKDTree

from fabwright.formats.mesh import Mesh, make_mesh, shade, to_glb
from fabwright.metrology import cells as surface_cells
from fabwright.metrology.inspection import Inspection
from fabwright.metrology.nearest import Float

UNSEEN = (0.55, 0.55, 0.58)
STOPS = np.array(
    [
        [0.10, 0.18, 0.55], [0.15, 0.45, 0.85], [0.35, 0.75, 0.85], [0.45, 0.78, 0.45],
        [0.95, 0.85, 0.35], [0.93, 0.50, 0.18], [0.70, 0.08, 0.12],
    ]
)  # fmt: skip
"""From missing (blue) over nominal (green) to extra (red); the ends are darker, for print and colour blindness."""
VIEWS: dict[str, tuple[float, float, float]] = {
    "front left, above": (-0.62, -1.0, 0.72),
    "back right, above": (0.62, 1.0, 0.72),
    "above": (0.0, -0.02, 1.0),
    "below": (0.0, -0.02, -1.0),
}
_MAX_FACES = 60_000


@dataclass(frozen=True, eq=False)
class Painted:
    """The model in small triangles, and per triangle the local deviation in mm, NaN where the scan shows nothing."""

    mesh: Mesh = field(repr=False)
    deviation: Float = field(repr=False)


def paint(inspection: Inspection) -> Painted:
    """Local deviations on the model. Raises ValueError for a scan that could not be placed."""
    mesh = _subdivided(inspection.reference.mesh, inspection.reference.diagonal_mm / 90)
    lengths = np.maximum(np.linalg.norm(mesh.face_crosses, axis=1, keepdims=True), 1e-12)
    centres = mesh.vertices[mesh.faces].mean(axis=1)
    return Painted(mesh, local_deviations(inspection, centres, mesh.face_crosses / lengths))


def local_deviations(inspection: Inspection, places: Float, normals: Float) -> Float:
    """(n,) local mean of the deviation, mm, at places of the model's surface with these unit normals; NaN where the
    scan shows nothing near. Raises ValueError for a scan that could not be placed."""
    result = inspection.result
    if result is None:
        raise ValueError("the scan could not be placed, so there are no deviations")
    cells = result.cells
    codes = np.zeros(len(cells.count), np.uint8)
    codes[cells.of_point] = surface_cells.directions_of(inspection.reference.tree.normals, result.near.face)
    solid = cells.count >= max(3.0, 0.25 * cells.typical)
    aside = 3 * cells.size_mm  # both sides of a wall are kept apart by a fourth to sixth coordinate
    known = np.hstack([_feet(inspection)[solid], _unit(codes[solid]) * aside])
    sought = np.hstack([places, _dominant(normals) * aside])
    answer = cKDTree(known).query(sought, k=1, distance_upper_bound=4 * cells.size_mm)
    found = np.isfinite(np.asarray(answer[0]))
    deviation = np.full(len(places), np.nan)
    deviation[found] = cells.mean[solid][np.asarray(answer[1])[found]]
    return deviation


def colours(deviation: Float, full_mm: float) -> Float:
    """(n, 3) colours for deviations; `full_mm` and beyond is the end of the scale."""
    at = np.clip(np.nan_to_num(deviation) / full_mm, -1, 1) * 0.5 + 0.5
    table = np.column_stack([np.interp(at, np.linspace(0, 1, len(STOPS)), STOPS[:, k]) for k in range(3)])
    table[np.isnan(deviation)] = UNSEEN
    return table


def deviation_glb(inspection: Inspection, full_mm: float) -> bytes:
    """GLB of the model coloured by deviation, for a viewer."""
    return painted_glb(paint(inspection), full_mm)


def painted_glb(painted: Painted, full_mm: float) -> bytes:
    """GLB with colours at the vertices (the mean of their triangles): a third of the size of coloured triangles."""
    faces, count = painted.mesh.faces, len(painted.mesh.vertices)
    seen = np.isfinite(painted.deviation)
    corners = faces[seen].ravel()
    number = np.bincount(corners, minlength=count)
    total = np.bincount(corners, weights=np.repeat(painted.deviation[seen], 3), minlength=count)
    deviation = np.where(number > 0, total / np.maximum(number, 1), np.nan)
    return to_glb(painted.mesh, colours(deviation, full_mm))


def deviation_pictures(painted: Painted, full_mm: float, size: int = 400) -> dict[str, bytes]:
    """PNG by the name of its view."""
    pictures: dict[str, bytes] = {}
    for name, eye in VIEWS.items():
        picture = shade(painted.mesh, size, eye=eye, colors=colours(painted.deviation, full_mm))
        pictures[name] = _png(picture)
    return pictures


def scale_bar(full_mm: float) -> bytes:
    """PNG of the colour scale alone, left missing, right extra."""
    table = colours(np.linspace(-full_mm, full_mm, 512), full_mm)
    return _png(np.repeat(np.rint(table * 255).astype(np.uint8)[None], 16, axis=0))


def _png(picture: NDArray[np.uint8]) -> bytes:
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "PNG", compress_level=3)
    return out.getvalue()


def _feet(inspection: Inspection) -> Float:
    """(cells, 3): mean of the feet of each cell's points, so that cells lie on the model however far they deviate."""
    result = inspection.result
    assert result is not None
    cells = result.cells
    return np.column_stack(
        [
            np.bincount(cells.of_point, weights=result.near.foot[:, k], minlength=len(cells.count)) / cells.count
            for k in range(3)
        ]
    )


def _unit(codes: NDArray[np.uint8]) -> Float:
    return np.vstack([np.eye(3), -np.eye(3)])[codes]


def _dominant(normals: Float) -> Float:
    axis = np.abs(normals).argmax(axis=1)
    sign = normals[np.arange(len(normals)), axis] < 0
    return _unit((axis + 3 * sign).astype(np.uint8))


def _subdivided(mesh: Mesh, edge_mm: float) -> Mesh:
    """Each triangle cut in halves across its longest edge until none is longer than `edge_mm` or there are 60,000."""
    corners = mesh.vertices[mesh.faces]
    while len(corners) < _MAX_FACES:
        edges = np.linalg.norm(np.roll(corners, -1, axis=1) - corners, axis=2)
        longest = edges.argmax(axis=1)
        split = np.flatnonzero(edges.max(axis=1) > edge_mm)
        if not len(split):
            break
        first = longest[split]
        a, b, c = (corners[split, (first + k) % 3] for k in range(3))
        middle = (a + b) / 2
        rest = np.delete(corners, split, axis=0)
        corners = np.concatenate([rest, np.stack([a, middle, c], axis=1), np.stack([middle, b, c], axis=1)])
    return make_mesh(corners.reshape(-1, 3), name=mesh.name)
