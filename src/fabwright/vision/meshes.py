"""Models from files, through the one reader of meshes."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fabwright.errors import FormatError, InputError
from fabwright.formats.mesh import read_mesh
from fabwright.vision.rig import Floats

LARGEST_MM = 5000.0
"""What is larger lies on no belt."""


@dataclass(frozen=True)
class Shape:
    """A welded mesh in mm: `points` (n, 3), `faces` (m, 3), and whether it is closed and consistently turned."""

    points: Floats
    faces: NDArray[np.int32]
    closed: bool


def load_shape(path: Path) -> Shape:
    """Read a model file. Raises FormatError or LimitError when its bytes are wrong."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FormatError(f"cannot be read: {error.strerror}", where=str(path)) from error
    return read_shape(data, path.name)


def read_shape(data: bytes, name: str) -> Shape:
    """A model from the bytes of its file. Raises FormatError or LimitError when they are wrong, InputError when the
    model is empty or larger than 5 m."""
    mesh = read_mesh(data, name=name)
    if not len(mesh.faces):
        raise InputError("the model is empty")
    if not float(np.ptp(mesh.vertices, axis=0).max()) <= LARGEST_MM:
        raise InputError("the model is larger than 5 m: is it in millimetres?")
    faces = np.array(mesh.faces, np.int32)
    return Shape(np.array(mesh.vertices, np.float64), faces, is_closed(faces))


def is_closed(faces: NDArray[np.int32]) -> bool:
    """Every edge is used once in each direction: watertight and consistently turned."""
    if not len(faces):
        return False
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]).astype(np.int64)
    base = int(faces.max()) + 1
    there, back = edges[:, 0] * base + edges[:, 1], edges[:, 1] * base + edges[:, 0]
    there.sort()
    back.sort()
    return bool((there[1:] != there[:-1]).all() and (there == back).all())
