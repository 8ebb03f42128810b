"""What is kept of one geometry so that it can be recognised: mesh, hull, support function, resting poses.

A signature depends on the geometry and on SIGNATURE_VERSION only, never on a rig: the same file serves every station.
It is one small file, addressed by the hash of the geometry, and complete: recognition needs no model file.
"""

import hashlib
import json
import zlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fabwright.errors import FormatError, InputError
from fabwright.vision import geometry
from fabwright.vision.layout import SIGNATURE_VERSION
from fabwright.vision.rig import Floats

_MAGIC = b"FWSIG\x00"
_QUANTA = 65535


@dataclass(frozen=True, eq=False)
class Signature:
    """One geometry, about its own bounding-box centre (all arrays in mm, float64 unless said otherwise).

    `key`: content address. `origin` (3,): the centre in the model file's frame. `points` (n, 3), `faces` (m, 3) int32;
    `closed`: consistently turned and watertight. `corners` (k, 3): convex hull. `rotations` (p, 3, 3) and
    `probabilities` (p,): resting poses, likeliest first. `support` int16 octahedral map in units of `unit` mm.
    """

    key: str
    origin: Floats
    points: Floats
    faces: NDArray[np.int32]
    closed: bool
    corners: Floats
    rotations: Floats
    probabilities: Floats
    support: NDArray[np.int16]
    unit: float
    volume_mm3: float

    @cached_property
    def extents(self) -> Floats:
        """Size along the model's axes, (3,) mm."""
        return np.asarray(np.ptp(self.corners, axis=0))

    @cached_property
    def normals(self) -> Floats:
        """Unit normals (m, 3) of the faces."""
        from fabwright.vision.raster import face_normals

        return face_normals(self.points, self.faces)


def geometry_key(points: Floats, faces: NDArray[np.int32]) -> str:
    """Hash of the triangles as a set, to 0.1 micrometre, moved to the bounding box's corner: equal for a binary and an
    ASCII file of one shape, for another order of triangles and for another place in space."""
    grid = np.rint((points - points.min(axis=0)) * 1e4).astype(np.int64)
    corners = grid[faces]
    order = np.lexsort(corners.transpose(2, 0, 1), axis=1)[:, :1]
    # begin every triangle with its smallest corner, keeping its turn
    turn = (order + np.arange(3)) % 3
    flat = np.take_along_axis(corners, turn[:, :, None], axis=1).reshape(len(faces), 9)
    flat = flat[np.lexsort(flat.T[::-1])]
    digest = hashlib.sha256(flat.astype("<i8").tobytes())
    digest.update(f"v{SIGNATURE_VERSION}".encode())
    return digest.hexdigest()[:40]


def compute(points: Floats, faces: NDArray[np.int32], *, closed: bool, key: str | None = None) -> Signature:
    """The signature of a mesh. Raises InputError when it is empty, flat or not finite."""
    if not len(faces) or not len(points):
        raise InputError("the model is empty")
    if not np.isfinite(points).all():
        raise InputError("the model has a coordinate that is not a number")
    name = key or geometry_key(points, faces)
    origin = (points.min(axis=0) + points.max(axis=0)) / 2.0
    centred = points - origin
    hull = geometry.convex_hull(centred)
    if float(np.ptp(hull.corners, axis=0).max()) > 5000.0:
        raise InputError("the model is larger than 5 m: is it in millimetres?")
    centre = geometry.centre_of_mass(centred, faces, hull)
    poses = geometry.resting_poses(hull, centre)
    table, unit = support_table(hull.corners)
    return Signature(
        key=name,
        origin=origin,
        points=centred,
        faces=faces,
        closed=closed,
        corners=hull.corners,
        rotations=np.array([pose.rotation for pose in poses]),
        probabilities=np.array([pose.probability for pose in poses]),
        support=table,
        unit=unit,
        volume_mm3=_volume(centred, faces),
    )


def support_table(corners: Floats) -> tuple[NDArray[np.int16], float]:
    """The support function of corners (n, 3) as an octahedral map, and the mm that its unit stands for."""
    values = geometry.support(corners, geometry.octahedral_directions().reshape(-1, 3))
    unit = max(float(np.abs(values).max()), 1e-6) / 32767.0
    table = np.rint(values / unit).astype(np.int16)
    return table.reshape(geometry.SUPPORT_GRID, geometry.SUPPORT_GRID), unit


def _volume(points: Floats, faces: NDArray[np.int32]) -> float:
    a, b, c = points[faces[:, 0]], points[faces[:, 1]], points[faces[:, 2]]
    return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6.0)


def pack(signature: Signature) -> bytes:
    """Bytes of a signature; vertices to 1/65535 of the extent, differences compressed."""
    low = signature.points.min(axis=0)
    size = np.maximum(np.ptp(signature.points, axis=0), 1e-9)
    order, faces = _ordered(signature.faces, len(signature.points))
    grid = np.rint((signature.points[order] - low) / size * _QUANTA).astype(np.uint16)
    steps = np.diff(faces.ravel(), prepend=0).astype("<i4")
    hull = np.rint((signature.corners - low) / size * _QUANTA).clip(0, _QUANTA).astype("<u2")
    blobs = {
        "points": _planes(np.diff(grid, axis=0, prepend=np.zeros((1, 3), np.uint16)).astype("<u2")),
        "faces": _planes(steps),
        "hull": _planes(hull),
        "rotations": signature.rotations.astype("<f4").tobytes(),
        "probabilities": signature.probabilities.astype("<f4").tobytes(),
        "support": _planes(np.diff(signature.support, axis=1, prepend=np.int16(0)).astype("<i2")),
    }
    packed = {name: zlib.compress(blob, 6) for name, blob in blobs.items()}
    header = {
        "version": SIGNATURE_VERSION,
        "key": signature.key,
        "origin": signature.origin.tolist(),
        "low": low.tolist(),
        "size": size.tolist(),
        "closed": signature.closed,
        "unit": signature.unit,
        "volume_mm3": signature.volume_mm3,
        "blobs": {name: len(blob) for name, blob in packed.items()},
    }
    text = json.dumps(header, separators=(",", ":")).encode()
    return _MAGIC + len(text).to_bytes(4, "little") + text + b"".join(packed.values())


def unpack(data: bytes, *, where: str = "") -> Signature:
    """A signature from its bytes. Raises FormatError when they are damaged or of another version."""
    try:
        header, blobs = _split(data)
        if header["version"] != SIGNATURE_VERSION:
            raise FormatError(f"signature version {header['version']} is not {SIGNATURE_VERSION}", where=where)
        low, size = np.array(header["low"]), np.array(header["size"])
        grid = np.cumsum(_whole(blobs["points"], "<u2", 3), axis=0, dtype=np.uint16)
        corners = _whole(blobs["hull"], "<u2", 3)
        steps = _whole(blobs["faces"], "<i4", 1)
        table = _whole(blobs["support"], "<i2", geometry.SUPPORT_GRID)
        return Signature(
            key=header["key"],
            origin=np.array(header["origin"]),
            points=grid * (size / _QUANTA) + low,
            faces=np.ascontiguousarray(np.cumsum(steps.ravel(), dtype=np.int32).reshape(-1, 3)),
            closed=bool(header["closed"]),
            corners=corners * (size / _QUANTA) + low,
            rotations=np.frombuffer(blobs["rotations"], "<f4").reshape(-1, 3, 3).astype(np.float64),
            probabilities=np.frombuffer(blobs["probabilities"], "<f4").astype(np.float64),
            support=np.cumsum(table, axis=1, dtype=np.int16),
            unit=float(header["unit"]),
            volume_mm3=float(header["volume_mm3"]),
        )
    except (ValueError, KeyError, TypeError, zlib.error, IndexError) as error:
        raise FormatError("the signature is damaged", where=where) from error


def _split(data: bytes) -> tuple[dict[str, Any], dict[str, bytes]]:
    if data[: len(_MAGIC)] != _MAGIC:
        raise ValueError("no signature")
    start = len(_MAGIC) + 4
    length = int.from_bytes(data[len(_MAGIC) : start], "little")
    header = json.loads(data[start : start + length])
    place, blobs = start + length, {}
    for name, size in header["blobs"].items():
        blobs[name] = zlib.decompress(data[place : place + size])
        place += size
    return header, blobs


def _planes(values: NDArray[Any]) -> bytes:
    """Bytes of an array, first all low bytes, then all higher ones: compresses better."""
    flat = np.ascontiguousarray(values)
    return flat.view(np.uint8).reshape(-1, flat.dtype.itemsize).T.tobytes()


def _whole(blob: bytes, dtype: str, columns: int) -> NDArray[Any]:
    size = np.dtype(dtype).itemsize
    joined = np.ascontiguousarray(np.frombuffer(blob, np.uint8).reshape(size, -1).T)
    return joined.view(dtype).reshape(-1, columns)


def _ordered(faces: NDArray[np.int32], count: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Vertices in the order of their first use, so that differences are small; unused ones are dropped."""
    used, first = np.unique(faces.ravel(), return_index=True)
    order = used[np.argsort(first)]
    number = np.zeros(count, np.int32)
    number[order] = np.arange(len(order), dtype=np.int32)
    return order.astype(np.int64), number[faces]


def read(path: Path) -> Signature:
    """Read a signature file."""
    return unpack(path.read_bytes(), where=str(path))
