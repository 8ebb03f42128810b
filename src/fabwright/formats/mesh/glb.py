"""GLB, the binary container of glTF 2.0, for viewers."""

import json
import struct

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fabwright.formats.mesh.model import Mesh


def to_glb(mesh: Mesh, colors: ArrayLike | None = None) -> bytes:
    """One GLB with the mesh; `colors` per vertex (n, 3 or 4) or per triangle (m, 3 or 4), 0-1 or uint8, linear RGB.

    Positions stay in millimetres in the buffer; the node scales to metres and turns z up into y up, as glTF wants it.
    Without normals in the file every viewer shades the facets flat, which shows a part as it is.
    """
    positions, indices = mesh.vertices, mesh.faces
    table = None if colors is None else _bytes(np.asarray(colors))
    if table is not None and len(table) == len(mesh.faces) and len(table) != len(mesh.vertices):
        positions = mesh.vertices[mesh.faces].reshape(-1, 3)
        indices = np.arange(len(positions), dtype=np.int32).reshape(-1, 3)
        table = np.repeat(table, 3, axis=0)
    if table is not None and len(table) != len(positions):
        raise ValueError(f"{len(table)} colours for {len(mesh.vertices)} vertices and {len(mesh.faces)} triangles")
    place = positions.astype(np.float32)
    chunks = [place.tobytes(), indices.astype(np.uint32).tobytes()] + ([] if table is None else [table.tobytes()])
    attributes = {"POSITION": 0} | ({} if table is None else {"COLOR_0": 2})
    accessors: list[dict[str, object]] = [
        {
            "bufferView": 0, "componentType": 5126, "count": len(place), "type": "VEC3",
            "min": place.min(axis=0).tolist(), "max": place.max(axis=0).tolist(),
        },
        {"bufferView": 1, "componentType": 5125, "count": indices.size, "type": "SCALAR"},
    ]  # fmt: skip
    if table is not None:
        accessors.append(
            {"bufferView": 2, "componentType": 5121, "normalized": True, "count": len(table), "type": "VEC4"}
        )
    views: list[dict[str, int]] = []
    offset = 0
    for k, chunk in enumerate(chunks):
        views.append(
            {"buffer": 0, "byteOffset": offset, "byteLength": len(chunk), "target": 34963 if k == 1 else 34962}
        )
        offset += len(chunk)
    grey = [1.0, 1.0, 1.0, 1.0] if table is not None else [0.72, 0.74, 0.77, 1.0]
    document = {
        "asset": {"version": "2.0", "generator": "fabwright"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0, "name": mesh.name, "scale": [0.001] * 3, "rotation": [-(0.5**0.5), 0.0, 0.0, 0.5**0.5]}],
        "meshes": [{"primitives": [{"attributes": attributes, "indices": 1, "material": 0}]}],
        "materials": [
            {
                "doubleSided": True,
                "pbrMetallicRoughness": {"baseColorFactor": grey, "metallicFactor": 0.0, "roughnessFactor": 0.8},
            }
        ],
        "accessors": accessors,
        "bufferViews": views,
        "buffers": [{"byteLength": offset}],
    }
    text = json.dumps(document, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    body = b"".join(chunks)
    body += b"\0" * (-len(body) % 4)
    total = 12 + 8 + len(text) + 8 + len(body)
    head = struct.pack("<III", 0x46546C67, 2, total) + struct.pack("<II", len(text), 0x4E4F534A)
    return head + text + struct.pack("<II", len(body), 0x004E4942) + body


def _bytes(colors: NDArray[np.generic]) -> NDArray[np.uint8]:
    """(k, 4) uint8, opaque unless told otherwise."""
    table = (
        colors if colors.dtype == np.uint8 else np.rint(np.clip(colors.astype(np.float64), 0, 1) * 255).astype(np.uint8)
    )
    if table.shape[1] == 3:
        table = np.column_stack([table, np.full(len(table), 255, np.uint8)])
    return np.ascontiguousarray(table, dtype=np.uint8)
