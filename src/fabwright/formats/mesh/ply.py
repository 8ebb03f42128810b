"""PLY (Greg Turk's "The PLY Polygon File Format", 1994): ASCII and binary of either byte order."""

from dataclasses import dataclass
from dataclasses import field as list_field

import numpy as np
from numpy.typing import NDArray

from fabwright.errors import FormatError
from fabwright.formats.mesh import limits
from fabwright.formats.mesh.model import Float

_TYPES = {
    "char": "i1", "int8": "i1", "uchar": "u1", "uint8": "u1", "short": "i2", "int16": "i2", "ushort": "u2",
    "uint16": "u2", "int": "i4", "int32": "i4", "uint": "u4", "uint32": "u4", "float": "f4", "float32": "f4",
    "double": "f8", "float64": "f8",
}  # fmt: skip
_ORDERS = {"ascii": "", "binary_little_endian": "<", "binary_big_endian": ">"}
_MAX_HEADER = 65536


@dataclass
class Property:
    """A number per item, or a list of them when `count_type` is set (numpy type codes)."""

    name: str
    type: str
    count_type: str = ""


@dataclass
class Element:
    """One table of the file."""

    name: str
    count: int
    properties: list[Property] = list_field(default_factory=list)


@dataclass(frozen=True)
class Ply:
    """What is used of a PLY: points (n, 3), normals (n, 3) or None, triangles (m, 3) or None."""

    points: Float
    normals: Float | None
    faces: NDArray[np.int32] | None


def read_ply(data: bytes) -> Ply:
    """Read vertices, normals and faces (polygons cut into fans).

    Raises FormatError for a header that breaks the grammar, a body shorter or longer than the header states, or a
    face that names a vertex that is not there.
    """
    order, elements, at = _header(data)
    for element in elements:
        if element.name == "vertex":
            limits.check_points(element.count)
        if element.name == "face":
            limits.check_triangles(element.count)
    tables: dict[str, dict[str, NDArray[np.float64]]] = {}
    reader = _Ascii(data[at:]) if order == "" else _Binary(data, at, order)
    for element in elements:
        tables[element.name] = reader.table(element)
    reader.finish()
    vertex = tables.get("vertex", {})
    if not {"x", "y", "z"} <= vertex.keys():
        raise FormatError("an element `vertex` with x, y and z was expected", where="PLY header")
    points = np.column_stack([vertex["x"], vertex["y"], vertex["z"]])
    normals = (
        np.column_stack([vertex["nx"], vertex["ny"], vertex["nz"]]) if {"nx", "ny", "nz"} <= vertex.keys() else None
    )
    return Ply(points, normals, _triangles(tables.get("face"), len(points)))


def _header(data: bytes) -> tuple[str, list[Element], int]:
    end = data.find(b"end_header", 0, _MAX_HEADER)
    stop = data.find(b"\n", end)
    if end < 0 or stop < 0:
        raise FormatError("`end_header` was expected", where="PLY header")
    order: str | None = None
    elements: list[Element] = []
    for number, raw in enumerate(data[:end].decode("ascii", "replace").splitlines(), start=1):
        words = raw.split()
        match words:
            case ["ply"] | [] | ["comment", *_] | ["obj_info", *_]:
                continue
            case ["format", name, "1.0"] if name in _ORDERS:
                order = _ORDERS[name]
            case ["element", name, count] if count.isdecimal() and len(count) < 12:
                elements.append(Element(name, int(count)))
            case ["property", "list", count_type, item_type, name] if (
                elements and count_type in _TYPES and item_type in _TYPES
            ):
                if _TYPES[count_type].startswith("f"):
                    raise FormatError("the length of a list must be a whole number", where=f"PLY line {number}")
                elements[-1].properties.append(Property(name, _TYPES[item_type], _TYPES[count_type]))
            case ["property", item_type, name] if elements and item_type in _TYPES:
                elements[-1].properties.append(Property(name, _TYPES[item_type]))
            case _:
                raise FormatError(
                    f"a header statement was expected, `{raw.strip()[:40]}` found", where=f"PLY line {number}"
                )
    if order is None:
        raise FormatError("`format ascii|binary_little_endian|binary_big_endian 1.0` was expected", where="PLY header")
    return order, elements, stop + 1


class _Binary:
    def __init__(self, data: bytes, at: int, order: str) -> None:
        self.data, self.at, self.order = data, at, order

    def table(self, element: Element) -> dict[str, NDArray[np.float64]]:
        lists = [p for p in element.properties if p.count_type]
        if not lists:
            return self._fixed(element, {})
        if len(lists) == 1 and element.count:
            offset = self.at + sum(
                np.dtype(p.type).itemsize for p in element.properties[: element.properties.index(lists[0])]
            )
            length = self._number(lists[0].count_type, offset)
            lengths = {lists[0].name: length}
            try:
                table = self._fixed(element, lengths, advance=False)
            except FormatError:
                return self._ragged(element)
            if (table.pop("#") == length).all():
                self.at += element.count * self._dtype(element, lengths).itemsize
                return table
        return self._ragged(element)

    def _dtype(self, element: Element, lengths: dict[str, int]) -> np.dtype[np.void]:
        fields: list[tuple[str, str] | tuple[str, str, tuple[int]]] = []
        for p in element.properties:
            if p.count_type:
                fields += [("#" + p.name, self.order + p.count_type), (p.name, self.order + p.type, (lengths[p.name],))]
            else:
                fields.append((p.name, self.order + p.type))
        return np.dtype(fields)

    def _fixed(
        self, element: Element, lengths: dict[str, int], *, advance: bool = True
    ) -> dict[str, NDArray[np.float64]]:
        dtype = self._dtype(element, lengths)
        self._need(element.count * dtype.itemsize, element)
        records = np.frombuffer(self.data, dtype, element.count, self.at)
        if advance:
            self.at += element.count * dtype.itemsize
        table = {p.name: records[p.name].astype(np.float64) for p in element.properties}
        for name in lengths:
            table["#"] = records["#" + name].astype(np.float64)
        return table

    def _ragged(self, element: Element) -> dict[str, NDArray[np.float64]]:
        """Items of different lengths: lists become fans of triangles, one row of three per triangle."""
        fans: list[NDArray[np.float64]] = []
        for _ in range(element.count):
            for p in element.properties:
                length = 1
                if p.count_type:
                    self._need(np.dtype(p.count_type).itemsize, element)
                    length = self._number(p.count_type, self.at)
                    self.at += np.dtype(p.count_type).itemsize
                size = length * np.dtype(p.type).itemsize
                self._need(size, element)
                if p.count_type and p.name in FACE_LISTS:
                    fans.append(_fan(np.frombuffer(self.data, self.order + p.type, length, self.at).astype(np.float64)))
                self.at += size
        return {FACE_LISTS[0]: np.concatenate(fans) if fans else np.empty((0, 3))}

    def _number(self, code: str, at: int) -> int:
        if at + np.dtype(code).itemsize > len(self.data):
            raise FormatError("the file ends inside a list", where="PLY")
        number = int(np.frombuffer(self.data, self.order + code, 1, at)[0])
        if number < 0:
            raise FormatError("a list of negative length", where="PLY")
        return number

    def _need(self, size: int, element: Element) -> None:
        if self.at + size > len(self.data):
            raise FormatError(
                f"truncated: {element.count:,} of `{element.name}` were expected; "
                f"the file ends {self.at + size - len(self.data):,} bytes too early",
                where="PLY",
            )

    def finish(self) -> None:
        if self.at != len(self.data):
            raise FormatError(f"{len(self.data) - self.at:,} bytes more than the header states", where="PLY")


class _Ascii:
    def __init__(self, body: bytes) -> None:
        self.lines = [line for line in body.splitlines() if line.strip()]
        self.at = 0

    def table(self, element: Element) -> dict[str, NDArray[np.float64]]:
        lines = self.lines[self.at : self.at + element.count]
        if len(lines) < element.count:
            raise FormatError(
                f"truncated: {element.count:,} of `{element.name}` were expected, {len(lines):,} found", where="PLY"
            )
        self.at += element.count
        try:
            if not any(p.count_type for p in element.properties):
                numbers = np.array(b" ".join(lines).split(), dtype=np.bytes_).astype(np.float64)
                table = numbers.reshape(element.count, len(element.properties))
                return {p.name: table[:, k] for k, p in enumerate(element.properties)}
            return self._lists(element, lines)
        except (ValueError, IndexError) as error:
            raise FormatError(f"`{element.name}` does not have the numbers the header states", where="PLY") from error

    def _lists(self, element: Element, lines: list[bytes]) -> dict[str, NDArray[np.float64]]:
        fans: list[NDArray[np.float64]] = []
        for line in lines:
            words = line.split()
            at = 0
            for p in element.properties:
                length = 1
                if p.count_type:
                    length = int(words[at])
                    at += 1
                values = [float(word) for word in words[at : at + length]]
                if length < 0 or len(values) != length:
                    raise ValueError("a list is shorter than its length")
                if p.count_type and p.name in FACE_LISTS:
                    fans.append(_fan(np.array(values)))
                at += length
            if at != len(words):
                raise ValueError("more numbers than properties")
        return {FACE_LISTS[0]: np.concatenate(fans) if fans else np.empty((0, 3))}

    def finish(self) -> None:
        if self.at != len(self.lines):
            raise FormatError(f"{len(self.lines) - self.at:,} lines more than the header states", where="PLY")


FACE_LISTS = ("vertex_indices", "vertex_index")


def _fan(ring: NDArray[np.float64]) -> NDArray[np.float64]:
    if len(ring) < 3:
        raise FormatError("a face needs three or more vertices", where="PLY")
    return np.column_stack([np.full(len(ring) - 2, ring[0]), ring[1:-1], ring[2:]])


def _triangles(table: dict[str, NDArray[np.float64]] | None, points: int) -> NDArray[np.int32] | None:
    if table is None:
        return None
    rings = next((table[name] for name in FACE_LISTS if name in table), None)
    if rings is None or len(rings) == 0:
        return None
    if rings.shape[1] < 3:
        raise FormatError("a face needs three or more vertices", where="PLY")
    if rings.min() < 0 or rings.max() >= points:
        bad = rings.min() if rings.min() < 0 else rings.max()
        raise FormatError(f"a face names vertex {bad:.0f}; there are {points:,}, counted from 0", where="PLY")
    sides = rings.shape[1]
    fans = [rings[:, [0, k, k + 1]] for k in range(1, sides - 1)]
    limits.check_triangles(len(rings) * (sides - 2))
    return np.concatenate(fans).astype(np.int32)
