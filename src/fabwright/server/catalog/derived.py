"""What is derived from a mesh. Runs in the child process of a worker, so it knows no Django."""

from fabwright.formats.mesh import Mesh, read_mesh, thumbnail, to_glb


def derive_files(data: bytes, name: str) -> tuple[Mesh, bytes, bytes]:
    """The mesh, its GLB and its thumbnail (PNG).

    Raises:
        FormatError: the bytes are no mesh.
    """
    mesh = read_mesh(data, name=name)
    return mesh, to_glb(mesh), thumbnail(mesh)
