import numpy as np
import pytest
import trimesh
from hypothesis import given, settings
from hypothesis import strategies as st

from fabwright.errors import FormatError, InputError
from fabwright.vision import signature
from tests.vision.conftest import PARTS, bracket


def arrays(mesh: trimesh.Trimesh) -> tuple[np.ndarray, np.ndarray]:
    return np.array(mesh.vertices), np.array(mesh.faces, np.int32)


@pytest.mark.parametrize("name", list(PARTS))
def test_a_signature_survives_packing(name: str) -> None:
    points, faces = arrays(PARTS[name])
    made = signature.compute(points, faces, closed=True)
    back = signature.unpack(signature.pack(made))
    assert back.key == made.key
    assert np.abs(back.points[back.faces] - made.points[made.faces]).max() < 1e-3
    assert np.array_equal(back.support, made.support)
    assert np.allclose(back.rotations, made.rotations, atol=1e-6)
    assert np.allclose(back.corners, made.corners, atol=1e-3)
    assert back.extents == pytest.approx(PARTS[name].extents, abs=1e-3)


def test_the_key_ignores_order_and_place() -> None:
    points, faces = arrays(bracket())
    rng = np.random.default_rng(3)
    shuffled = rng.permutation(len(points))
    where = np.argsort(shuffled).astype(np.int32)
    turned = np.roll(where[faces], 1, axis=1)[rng.permutation(len(faces))]
    key = signature.geometry_key(points, faces)
    assert signature.geometry_key(points[shuffled] + np.array([5, -3, 2]), turned) == key


def test_the_key_tells_a_mirror_image_and_a_small_change() -> None:
    points, faces = arrays(bracket())
    key = signature.geometry_key(points, faces)
    assert signature.geometry_key(*arrays(bracket(mirror=True))) != key
    assert signature.geometry_key(points * [1.001, 1, 1], faces) != key


def test_meshes_that_cannot_be_recognised_are_refused() -> None:
    points, faces = arrays(bracket())
    with pytest.raises(InputError, match="empty"):
        signature.compute(points, faces[:0], closed=False)
    broken = points.copy()
    broken[0, 0] = np.nan
    with pytest.raises(InputError, match="not a number"):
        signature.compute(broken, faces, closed=False)
    with pytest.raises(InputError, match="larger than 5 m"):
        signature.compute(points * 1000, faces, closed=True)


WHOLE = signature.pack(signature.compute(*arrays(bracket()), closed=True))


@settings(max_examples=60)
@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=8))
def test_damaged_signatures_are_refused_or_still_a_signature(at: int, patch: bytes) -> None:
    data = WHOLE[:at] + patch + WHOLE[at + len(patch) :]
    try:
        found = signature.unpack(data)
    except FormatError:
        return
    assert found.faces.shape[1] == 3


@given(st.integers(0, len(WHOLE) - 1))
def test_a_cut_off_signature_is_refused(length: int) -> None:
    with pytest.raises(FormatError, match="damaged"):
        signature.unpack(WHOLE[:length])


def test_signatures_stay_small() -> None:
    assert len(WHOLE) < 10_000
