"""Meshes and measured points: read with suspicion, written for viewers and machines. Millimetres throughout."""

from fabwright.formats.mesh.glb import to_glb
from fabwright.formats.mesh.model import Mesh, PointCloud, make_mesh
from fabwright.formats.mesh.read import read_mesh, read_points
from fabwright.formats.mesh.stl import write_stl
from fabwright.formats.mesh.thumbnail import shade, thumbnail

__all__ = [
    "Mesh",
    "PointCloud",
    "make_mesh",
    "read_mesh",
    "read_points",
    "shade",
    "thumbnail",
    "to_glb",
    "write_stl",
]
