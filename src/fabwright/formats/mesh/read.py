"""One door for all mesh files: the bytes tell the format, the name only settles what they leave open."""

import hashlib

import numpy as np

from fabwright.errors import FormatError
from fabwright.formats.mesh import limits, obj, ply, stl, threemf
from fabwright.formats.mesh.model import Float, Mesh, PointCloud, make_mesh


def read_mesh(data: bytes, *, name: str = "", guess_units: bool = True) -> Mesh:
    """Read STL (binary or ASCII), 3MF, OBJ or PLY into a Mesh in millimetres.

    The bytes are checked before they are used: lengths against stated counts, finite numbers, limits. `name` is the
    file name and used only where the bytes fit two formats. `guess_units` takes metres, with a warning, when the
    largest side of a file without units is under 1.5. Raises FormatError (what was expected) or LimitError.
    """
    if not data:
        raise FormatError("the file is empty", where=name)
    if data.startswith(b"PK\x03\x04"):
        corners, faces = threemf.read_3mf(data)
        return make_mesh(corners, faces, source=data, name=name)
    if _is_ply(data):
        table = ply.read_ply(data)
        if table.faces is None:
            raise FormatError("the file holds points without faces; a mesh was expected", where="PLY")
        return make_mesh(table.points, table.faces, source=data, name=name, guess_units=guess_units)
    if not stl.is_binary(data):
        if stl.is_ascii(data):
            return make_mesh(stl.read_ascii(data), source=data, name=name, guess_units=guess_units)
        if name.lower().endswith(".obj") or (not name.lower().endswith(".stl") and obj.is_obj(data)):
            corners, faces = obj.read_obj(data)
            return make_mesh(corners, faces, source=data, name=name, guess_units=guess_units)
        if name and not name.lower().endswith(".stl"):
            raise FormatError("none of STL, 3MF, OBJ and PLY", where=name)
    return make_mesh(stl.read_binary(data), source=data, name=name, guess_units=guess_units)


def read_points(data: bytes, *, name: str = "") -> PointCloud:
    """Read measured points: PLY (with or without faces), lines of `x y z` (.xyz, .csv), or a mesh's vertices.

    Points that are not finite (scanners write them for pixels without measurement) are left out with a warning.
    Units are taken as millimetres and never guessed. Raises FormatError when nothing is left.
    """
    if not data:
        raise FormatError("the file is empty", where=name)
    normals: Float | None = None
    if _is_ply(data):
        table = ply.read_ply(data)
        points, normals = table.points, table.normals
    elif name.lower().endswith((".xyz", ".txt", ".csv", ".asc")):
        points = _read_lines(data)
    else:
        points = read_mesh(data, name=name, guess_units=False).vertices
    warnings: list[str] = []
    finite = np.isfinite(points).all(axis=1) & (np.abs(points) < limits.MAX_COORDINATE_MM).all(axis=1)
    if not finite.all():
        warnings.append(f"{int((~finite).sum()):,} of {len(points):,} points are not finite and were left out")
        points = points[finite]
        normals = None if normals is None else normals[finite]
    if len(points) == 0:
        raise FormatError("no finite point; at least one was expected", where=name or "points")
    sha1 = hashlib.sha1(data, usedforsecurity=False).hexdigest()
    return PointCloud(np.ascontiguousarray(points), normals, sha1, name, tuple(warnings))


def _is_ply(data: bytes) -> bool:
    return data.startswith((b"ply\n", b"ply\r"))


def _read_lines(data: bytes) -> Float:
    lines = [line for line in data.replace(b",", b" ").replace(b";", b" ").splitlines() if line.strip()]
    limits.check_points(len(lines))
    heading = next((k for k, line in enumerate(lines[:20]) if _is_number(line.split()[0])), len(lines))
    del lines[:heading]
    if not lines:
        raise FormatError("lines of `x y z` were expected", where="points")
    width = len(lines[0].split())
    try:
        table = np.array(b" ".join(lines).split(), dtype=np.bytes_).astype(np.float64).reshape(-1, width)
    except ValueError as error:
        raise FormatError(f"lines of {width} numbers were expected ({error})", where="points") from error
    if width < 3:
        raise FormatError(f"three numbers a line were expected, {width} found", where="points")
    return np.ascontiguousarray(table[:, :3])


def _is_number(word: bytes) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True
