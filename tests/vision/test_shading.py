import numpy as np
import pytest

from fabwright.vision.shading import Surface, shading_cost, strange_pixels, surface
from fabwright.vision.threads import one_by_one

ZOOM, FOCAL = 1.0, 3000.0


def plate(groove: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Faces and inverse depth of a plate, 600 mm away, that fills its picture up to 20 pixels; `groove`: its width."""
    face = np.full((120, 160), -1, np.int32)
    face[20:100, 20:140] = 0
    near = np.where(face >= 0, np.float32(1 / 600), np.float32(0))
    if groove:
        near[20:100, 80 : 80 + groove] = np.float32(1 / 602)
        face[20:100, 80 : 80 + groove] = 1
    return face, near


def seen(face: np.ndarray, near: np.ndarray, light: np.ndarray) -> Surface:
    return surface(face, near, FOCAL, ZOOM, light.astype(np.float32), np.ones(face.shape, np.uint8))


def test_a_plate_is_nowhere_hollow_and_a_groove_is_deep() -> None:
    light = np.zeros((120, 160))
    assert seen(*plate(), light).hollow.max() == pytest.approx(0.0, abs=1e-4)
    hollow = seen(*plate(groove=4), light).hollow
    assert hollow[40:80, 80:84].min() > 0.5
    assert hollow[40:80, 90:].max() == pytest.approx(0.0, abs=1e-4)


def test_light_that_the_model_explains_leaves_nothing_and_a_mark_is_counted() -> None:
    face, near = plate(groove=4)
    normals = np.array([[0.0, 0.0, 1.0], [0.0, 0.6, 0.8]])
    light = np.where(face == 0, 0.5, np.where(face == 1, 0.3, 0.02))
    one = seen(face, near, light)
    clean = shading_cost([one], normals, 0.5)
    assert clean.pixels == one.use.sum()
    assert np.sqrt(clean.cost / clean.pixels) < 0.05
    assert strange_pixels(one, clean.tones, 0.5) == 0
    marked = light.copy()
    marked[50:56, 110:122] = 0.3
    other = seen(face, near, marked)
    found = shading_cost([other], normals, 0.5, one_by_one)
    assert found.cost > 5 * clean.cost
    assert 40 < strange_pixels(other, found.tones, 0.5) < 120


def test_a_view_without_the_part_has_no_pixels() -> None:
    face = np.full((30, 30), -1, np.int32)
    one = seen(face, np.zeros((30, 30), np.float32), np.ones((30, 30)))
    found = shading_cost([one], np.zeros((0, 3)), 0.5)
    assert (found.pixels, strange_pixels(one, found.tones, 0.5)) == (0.0, 0)
