"""What is derived from a mesh. Runs in the child process of a worker, so it knows no Django; and only there are the
mesh readers loaded (they bring a compiler of 90 MB along).
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fabwright.formats.mesh import Mesh


def derive_files(data: bytes, name: str) -> "tuple[Mesh, bytes, bytes]":
    """The mesh, its GLB and its thumbnail (PNG).

    Raises:
        FormatError: the bytes are no mesh.
    """
    from fabwright.formats.mesh import read_mesh, thumbnail, to_glb

    mesh = read_mesh(data, name=name)
    return mesh, to_glb(mesh), thumbnail(mesh)
