"""What the scanner delivered: points, sorted along space, with what is known about their density."""

from dataclasses import dataclass, field

import numpy as np

from fabwright.errors import FormatError
from fabwright.formats.mesh import Mesh, PointCloud, read_mesh, read_points
from fabwright.metrology.order import Float, spatially_sorted
from fabwright.metrology.sampling import sample_surface, thin

MIN_POINTS = 500
"""Below this nothing is measured."""
_MESH_SAMPLES = (200_000, 1_000_000)


@dataclass(frozen=True, eq=False)
class Scan:
    """Measured points (n, 3) in mm in the scanner's frame, in spatial order. `mesh` when the scanner made one."""

    points: Float = field(repr=False)
    mesh: Mesh | None = field(default=None, repr=False)
    sha1: str = ""
    name: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def volume_mm3(self) -> float | None:
        """Enclosed volume of a closed scan mesh, else None."""
        return self.mesh.volume if self.mesh is not None and self.mesh.watertight else None


def scan_of(source: Mesh | PointCloud | Float) -> Scan:
    """A scan from a mesh (sampled evenly by area), a point cloud, or an array (n, 3) in mm.

    Raises FormatError when fewer than 500 finite points are there.
    """
    if isinstance(source, Mesh):
        count = int(np.clip(2 * len(source.vertices), *_MESH_SAMPLES))
        points = sample_surface(source, count)[0]
        return Scan(_sorted(points), source, source.sha1, source.name, source.warnings)
    if isinstance(source, PointCloud):
        return Scan(_sorted(source.points), None, source.sha1, source.name, source.warnings)
    points = np.asarray(source, np.float64).reshape(-1, 3)
    if np.isfinite(points).all():
        return Scan(_sorted(points))
    finite = np.isfinite(points).all(axis=1)
    note = f"{int((~finite).sum()):,} points are not finite and were left out"
    return Scan(_sorted(points[finite]), warnings=(note,))


def read_scan(data: bytes, *, name: str = "") -> Scan:
    """A scan from a file: STL, OBJ, 3MF or PLY with faces as mesh; PLY without faces or lines of numbers as points.

    Units are millimetres and never guessed: a scan in other units is for `inspect` to refuse. Raises FormatError.
    """
    lower = name.lower()
    if lower.endswith((".xyz", ".txt", ".csv", ".asc")) or (data.startswith(b"ply") and not _has_faces(data)):
        return scan_of(read_points(data, name=name))
    return scan_of(read_mesh(data, name=name, guess_units=False))


def _has_faces(data: bytes) -> bool:
    head = data[: data.find(b"end_header")].split()
    return any(
        a == b"element" and b == b"face" and n != b"0" for a, b, n in zip(head, head[1:], head[2:], strict=False)
    )


def _sorted(points: Float) -> Float:
    if len(points) < MIN_POINTS:
        raise FormatError(f"{len(points):,} finite points; at least {MIN_POINTS} were expected", where="scan")
    return spatially_sorted(points)


def scanned_area(points: Float, guess_mm2: float) -> float:
    """Rough area of the scanned surface in mm²: occupied cells of a grid that about 3,000 cells of the guess make."""
    cell = float(np.sqrt(guess_mm2 / 3000))
    rows = points[:: max(1, len(points) // 60_000)]
    return len(thin(rows, cell)) * cell * cell / 1.5  # a surface cuts 1.5 cells per cell of its area on average
