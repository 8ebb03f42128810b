"""Pictures as files."""

import io

from PIL import Image, ImageDraw


def picture(width: int = 640, height: int = 480, kind: str = "JPEG", label: str = "") -> bytes:
    """A picture with something in it."""
    image = Image.new("RGB", (width, height), (214, 205, 190))
    draw = ImageDraw.Draw(image)
    for at in range(0, width, max(8, width // 12)):
        draw.line((at, 0, width - at, height), fill=(120, 90, 60), width=3)
    draw.text((10, 10), label, fill=(20, 20, 20))
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()
