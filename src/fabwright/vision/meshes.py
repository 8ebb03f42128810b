"""Models from files, through the one reader of meshes."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fabwright.vision.rig import Floats


@dataclass(frozen=True)
class Shape:
    """A welded mesh in mm: `points` (n, 3), `faces` (m, 3), and whether it is closed and consistently turned."""

    points: Floats
    faces: NDArray[np.int32]
    closed: bool


def load_shape(path: Path) -> Shape:
    """Read an STL file. Raises FormatError when its bytes are wrong, InputError when it is empty."""
    import trimesh

    mesh = trimesh.load(path, process=True)
    points, faces = np.asarray(mesh.vertices, np.float64), np.asarray(mesh.faces, np.int32)
    return Shape(points, np.ascontiguousarray(faces), is_closed(faces))


def is_closed(faces: NDArray[np.int32]) -> bool:
    """Every edge is used once in each direction: watertight and consistently turned."""
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]).astype(np.int64)
    base = int(faces.max()) + 1
    there, back = edges[:, 0] * base + edges[:, 1], edges[:, 1] * base + edges[:, 0]
    there.sort()
    back.sort()
    return bool((there[1:] != there[:-1]).all() and (there == back).all())
