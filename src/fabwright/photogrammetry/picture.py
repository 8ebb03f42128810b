"""What a person looks at: each photo with the model's outline, coloured by how far the piece is off."""

import cv2
import numpy as np
from numpy.typing import NDArray

from fabwright.metrology.picture import colours
from fabwright.photogrammetry.evidence import Evidence
from fabwright.photogrammetry.inspection import PhotoInspection
from fabwright.photogrammetry.outline import Seen, smoothed
from fabwright.photogrammetry.regions import CLIP_PX, REACH
from fabwright.photogrammetry.sizes import off_nominal

type Picture = NDArray[np.uint8]

LEAST_PX, MOST_PX = 420, 900
"""Longer side of a picture."""

MISSING, EXTRA = (200, 80, 20), (30, 20, 190)
"""Blue and red, as OpenCV orders colours."""


def deviation_photos(inspection: PhotoInspection, full_mm: float) -> dict[str, bytes]:
    """PNG by camera id, cropped to the piece, without lens distortion. Outlines are coloured from -`full_mm` (missing,
    blue) to `full_mm` (extra, red); what contradicts the model is filled in the same colours. Empty when the piece
    could not be placed."""
    return {
        one.camera.id: _png(_picture(one, proof, inspection, full_mm))
        for one, proof in zip(inspection.seen, inspection.proof, strict=True)
    }


def _picture(one: Seen, proof: Evidence, inspection: PhotoInspection, full_mm: float) -> Picture:
    assert inspection.placement is not None  # there is a view only of what was placed
    height, width = one.view.mask.shape
    zoom = float(np.clip(LEAST_PX / max(height, width), 1.0, 4.0)) * min(1.0, MOST_PX / max(height, width))
    photo = _stretched(one)
    for mask, colour in ((proof.missing, MISSING), (proof.extra, EXTRA)):
        photo[mask] = (0.5 * photo[mask] + 0.5 * np.array(colour)).astype(np.uint8)
    photo = np.asarray(cv2.resize(photo, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA), np.uint8)
    outline = one.outline
    gap = off_nominal(one, inspection.model.signature, inspection.placement)
    mean, trust = smoothed(np.clip(gap, -3 * CLIP_PX, 3 * CLIP_PX), outline.trust, outline.start, REACH)
    off = np.where((trust > 0.3) & ~((mean < 0) & proof.silent), mean * outline.scale, np.nan)
    table = np.rint(255 * colours(off, full_mm))[:, ::-1]
    for (x, y), colour in zip((outline.pixel + 0.5) * zoom, table, strict=True):
        cv2.circle(photo, (round(float(x)), round(float(y))), 1, tuple(float(v) for v in colour), -1, cv2.LINE_AA)
    return photo


def _stretched(one: Seen) -> Picture:
    """The photo in grey, stretched so that dark pieces are seen, as (h, w, 3)."""
    light = np.maximum(one.view.light, 0.0)
    inside = light[one.is_part]
    top = max(float(np.percentile(inside, 99)) if len(inside) else 0.0, 1e-4)
    grey = np.clip(215.0 * np.sqrt(np.clip(light / top, 0.0, 1.2)), 0, 255).astype(np.uint8)
    return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), np.uint8)


def _png(picture: Picture) -> bytes:
    done, data = cv2.imencode(".png", picture, [cv2.IMWRITE_PNG_COMPRESSION, 3])
    assert done  # OpenCV writes every 8-bit colour picture
    return bytes(data.tobytes())
