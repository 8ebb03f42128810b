"""3MF core specification 1.3 (meshes, components, build items) and the `path` of the production extension.

Read by hand: the archive is checked before anything is unpacked, and the XML before anything is built from it.
"""

import io
import posixpath
import zipfile
from dataclasses import dataclass, field

import numpy as np
from lxml import etree
from numpy.typing import NDArray

from fabwright.errors import FormatError, LimitError
from fabwright.formats.mesh import limits
from fabwright.formats.mesh.model import Float

CORE = "{http://schemas.microsoft.com/3dmanufacturing/core/2015/02}"
PRODUCTION = "{http://schemas.microsoft.com/3dmanufacturing/production/2015/06}"
START_PART = "http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"
UNITS_MM = {"micron": 1e-3, "millimeter": 1.0, "centimeter": 10.0, "inch": 25.4, "foot": 304.8, "meter": 1000.0}


@dataclass
class Object:
    """One object resource: its own mesh, or components of others as (path, id, transform)."""

    kind: str = "model"
    vertices: list[float] = field(default_factory=list)
    triangles: list[int] = field(default_factory=list)
    components: list[tuple[str, str, Float]] = field(default_factory=list)


@dataclass
class Part:
    """One model part of the package."""

    unit_mm: float = 1.0
    objects: dict[str, Object] = field(default_factory=dict)
    items: list[tuple[str, str, Float]] = field(default_factory=list)


def read_3mf(data: bytes) -> tuple[Float, NDArray[np.int32]]:
    """Corners (n, 3) in mm and triangles (m, 3) of everything that the build lists.

    Raises FormatError for a broken package or model and LimitError for an archive that unpacks too large.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except zipfile.BadZipFile as error:
        raise FormatError(f"not a whole ZIP archive ({error})", where="3MF") from error
    with archive:
        _check_archive(archive)
        package = _Package(archive)
        root = package.start()
        main = package.part(root)
        corners: list[Float] = []
        faces: list[NDArray[np.int32]] = []
        for path, key, matrix in main.items:
            package.collect(path or root, key, matrix, corners, faces, 0)
        if not main.items:
            raise FormatError("the build lists nothing; at least one item was expected", where="3MF build")
    if not faces:
        raise FormatError("the build holds no triangles; at least one was expected", where="3MF build")
    return np.concatenate(corners), np.concatenate(faces)


def _check_archive(archive: zipfile.ZipFile) -> None:
    entries = archive.infolist()
    if len(entries) > limits.MAX_ARCHIVE_ENTRIES:
        raise LimitError(f"{len(entries):,} entries, at most {limits.MAX_ARCHIVE_ENTRIES:,} are accepted", where="3MF")
    size = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if size > limits.MAX_ARCHIVE_BYTES:
        raise LimitError(f"unpacks to {size:,} bytes, at most {limits.MAX_ARCHIVE_BYTES:,} are accepted", where="3MF")
    if size > 1 << 20 and size > packed * limits.MAX_ARCHIVE_RATIO:
        raise LimitError(f"unpacks to more than {limits.MAX_ARCHIVE_RATIO} times its size", where="3MF")
    if any(entry.flag_bits & 1 for entry in entries):
        raise FormatError("an entry is encrypted", where="3MF")


class _Package:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.parts: dict[str, Part] = {}
        self.triangles = 0

    def start(self) -> str:
        """The path of the root model part, as the package's relations name it."""
        for _, element in _elements(self._read("_rels/.rels"), "_rels/.rels"):
            if element.get("Type") == START_PART:
                return posixpath.normpath(str(element.get("Target"))).lstrip("/")
        raise FormatError("no relation to a 3D model was found", where="3MF _rels/.rels")

    def part(self, path: str) -> Part:
        if path not in self.parts:
            self.parts[path] = _parse(self._read(path), path)
        return self.parts[path]

    def collect(
        self, path: str, key: str, matrix: Float, corners: list[Float], faces: list[NDArray[np.int32]], depth: int
    ) -> None:
        """Append the triangles of an object and of its components, moved by `matrix` (4, 3) in mm."""
        if depth > limits.MAX_COMPONENT_DEPTH:
            raise LimitError(f"components nested deeper than {limits.MAX_COMPONENT_DEPTH}", where=f"3MF {path}")
        part = self.part(path)
        if key not in part.objects:
            raise FormatError(f"object {key} is used but not defined", where=f"3MF {path}")
        thing = part.objects[key]
        if thing.kind not in ("model", "solidsupport", "surface") or (thing.kind == "solidsupport" and depth == 0):
            return
        if thing.triangles:
            vertices = np.array(thing.vertices).reshape(-1, 3)
            triangles = np.array(thing.triangles, np.int64).reshape(-1, 3)
            if triangles.min() < 0 or triangles.max() >= len(vertices):
                raise FormatError(
                    f"object {key}: a triangle names a vertex beyond the {len(vertices)} that are there",
                    where=f"3MF {path}",
                )
            self.triangles += len(triangles)
            limits.check_triangles(self.triangles)
            if np.linalg.det(matrix[:3]) < 0:
                triangles = triangles[:, ::-1]
            faces.append((triangles + sum(map(len, corners))).astype(np.int32))
            corners.append((vertices @ matrix[:3] + matrix[3]) * part.unit_mm)
        for inner_path, inner, inner_matrix in thing.components:
            joined = np.vstack([inner_matrix[:3] @ matrix[:3], inner_matrix[3] @ matrix[:3] + matrix[3]])
            self.collect(inner_path or path, inner, joined, corners, faces, depth + 1)

    def _read(self, path: str) -> bytes:
        try:
            with self.archive.open(path) as entry:
                data = entry.read(limits.MAX_ARCHIVE_BYTES + 1)
        except KeyError as error:
            raise FormatError(f"`{path}` was expected in the package", where="3MF") from error
        except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, ValueError) as error:
            raise FormatError(f"`{path}` cannot be unpacked ({error})", where="3MF") from error
        if len(data) > limits.MAX_ARCHIVE_BYTES:
            raise LimitError("an entry is larger than its directory states", where=f"3MF {path}")
        return data


def _elements(data: bytes, path: str) -> "etree.iterparse[tuple[str, etree._Element]]":
    """End events of all elements. No entity is expanded, nothing is fetched, and a document type is refused."""
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data or b"\0" in data[:64]:
        raise FormatError("a document type or an encoding other than UTF-8 is not allowed", where=f"3MF {path}")
    return etree.iterparse(
        io.BytesIO(data), events=("end",), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )


def _parse(data: bytes, path: str) -> Part:
    part = Part()
    mesh = Object()
    try:
        for _, element in _elements(data, path):
            tag = element.tag
            if tag == CORE + "vertex":
                mesh.vertices += (float(element.get("x", "")), float(element.get("y", "")), float(element.get("z", "")))
                element.clear()
            elif tag == CORE + "triangle":
                mesh.triangles += (int(element.get("v1", "")), int(element.get("v2", "")), int(element.get("v3", "")))
                element.clear()
            elif tag in (CORE + "vertices", CORE + "triangles"):
                limits.check_triangles(len(mesh.triangles) // 3)
                element.clear()
            elif tag == CORE + "component":
                mesh.components.append(_reference(element))
            elif tag == CORE + "object":
                mesh.kind = element.get("type", "model")
                part.objects[element.get("id", "")] = mesh
                mesh = Object()
                element.clear()
            elif tag == CORE + "item":
                part.items.append(_reference(element))
            elif tag == CORE + "model":
                part.unit_mm = _unit(element.get("unit", "millimeter"), path)
    except etree.XMLSyntaxError as error:
        raise FormatError(f"not well-formed XML ({error.msg})", where=f"3MF {path}") from error
    except ValueError as error:
        raise FormatError(f"a number was expected ({error})", where=f"3MF {path}") from error
    return part


def _unit(name: str, path: str) -> float:
    if name not in UNITS_MM:
        raise FormatError(f"unit `{name[:20]}` is none of {', '.join(UNITS_MM)}", where=f"3MF {path}")
    return UNITS_MM[name]


def _reference(element: etree._Element) -> tuple[str, str, Float]:
    """(path or empty, object id, matrix (4, 3) for row vectors, section 3.3 of the specification)."""
    words = element.get("transform", "1 0 0 0 1 0 0 0 1 0 0 0").split()
    if len(words) != 12:
        raise ValueError(f"a transform has 12 numbers, {len(words)} found")
    matrix = np.array([float(word) for word in words]).reshape(4, 3)
    return str(element.get(PRODUCTION + "path", "")).lstrip("/"), element.get("objectid", ""), matrix
