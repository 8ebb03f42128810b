"""Where signatures lie and of which version they are; here, so that it can be asked for without loading anything."""

from pathlib import Path

SIGNATURE_VERSION = 1
"""Raised whenever a signature of the same geometry would come out different."""


def signature_path(folder: Path, key: str) -> Path:
    """Where the signature of a geometry lies in the folder of an index."""
    return folder / "signatures" / key[:2] / f"{key}.sig"
