"""Photos from phones and tablets: checked before they are kept, and made small for lists and paper. No Django."""

import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps

from fabwright.errors import FormatError, LimitError

MAX_BYTES = 32 * 1024 * 1024
MAX_PIXELS = 50_000_000
"""What the largest phones in use take; decoded as RGB it is 150 MB."""
PREVIEW_PX = 1000
"""Longer side of a small picture: 85 mm on paper at 300 dpi."""

_OPENED = ("PNG", "JPEG")
_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "MPO": "image/jpeg"}
"""MPO is what phones write for a JPEG with a second picture (of another lens) behind it; the first one is used."""
_ENDINGS = {"image/png": "png", "image/jpeg": "jpg"}


@dataclass(frozen=True, slots=True)
class Picture:
    """A checked picture and its small copy (a JPEG without any metadata, turned as it was taken)."""

    data: bytes
    content_type: str
    width: int
    height: int
    preview: bytes

    @property
    def ending(self) -> str:
        """For a file's name."""
        return _ENDINGS[self.content_type]


def read_picture(data: bytes) -> Picture:
    """The picture, decoded once to the end.

    Raises:
        LimitError: too many bytes or pixels.
        FormatError: neither PNG nor JPEG, or damaged.
    """
    if len(data) > MAX_BYTES:
        raise LimitError(f"the picture has {len(data):,} bytes; at most {MAX_BYTES:,} are accepted", where="file")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the number of pixels is checked below
            image = Image.open(io.BytesIO(data), formats=_OPENED)
        width, height = image.size
        if width * height > MAX_PIXELS:
            raise LimitError(
                f"the picture has {width:,} x {height:,} = {width * height:,} pixels; at most {MAX_PIXELS:,} are "
                "accepted",
                where="file",
            )
        content_type = _TYPES[image.format or ""]
        return Picture(data, content_type, width, height, _preview(image))
    except Image.DecompressionBombError as error:
        raise LimitError(f"the picture has more than the {MAX_PIXELS:,} pixels accepted", where="file") from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise FormatError("not a PNG or JPEG picture, or a damaged one", where="file") from error


def _preview(image: Image.Image) -> bytes:
    """Decodes all of the picture; JPEGs at the least scale that is enough."""
    image.draft("RGB", (PREVIEW_PX, PREVIEW_PX))
    image.load()
    turned = ImageOps.exif_transpose(image)
    small = _on_white(turned)
    small.thumbnail((PREVIEW_PX, PREVIEW_PX))
    out = io.BytesIO()
    small.save(out, "JPEG", quality=80)
    return out.getvalue()


def _on_white(image: Image.Image) -> Image.Image:
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image.convert("RGB")
    image.thumbnail((PREVIEW_PX, PREVIEW_PX))
    layer = image.convert("RGBA")
    white = Image.new("RGBA", layer.size, "white")
    return Image.alpha_composite(white, layer).convert("RGB")
