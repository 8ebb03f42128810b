"""Small pictures. Runs in the child process of a worker, so it knows no Django."""

import io

from PIL import Image

PREVIEW_PX = 800
"""Longer side of a small picture: what a station shows side by side for five cameras."""


def preview(data: bytes) -> bytes:
    """A PNG of at most `PREVIEW_PX` a side.

    Raises:
        OSError: the picture cannot be decoded.
    """
    with Image.open(io.BytesIO(data), formats=["PNG", "JPEG"]) as image:
        image.draft("RGB", (PREVIEW_PX, PREVIEW_PX))
        small = image if image.mode in ("L", "RGB") else image.convert("RGB")
        small.thumbnail((PREVIEW_PX, PREVIEW_PX))
        out = io.BytesIO()
        small.save(out, "PNG", compress_level=3)
    return out.getvalue()
