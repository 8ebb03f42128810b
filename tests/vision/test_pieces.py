import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from fabwright.vision.pieces import pieces


@given(hnp.arrays(np.uint8, st.tuples(st.integers(1, 12), st.integers(1, 12)), elements=st.integers(0, 1)))
@pytest.mark.parametrize("holes", [False, True])
def test_the_pieces_are_those_that_opencv_finds(holes: bool, mask: np.ndarray) -> None:
    wanted = 1 - mask if holes else mask
    count, labels, stats, _ = cv2.connectedComponentsWithStats(wanted, connectivity=4 if holes else 8)
    found = pieces(mask, holes=holes)
    assert len(found.size) == count - 1
    theirs = {(labels == k).tobytes(): stats[k] for k in range(1, count)}
    for number in range(len(found.size)):
        alone = found.mask(found.just(number))
        rows, columns = found.pixels(found.just(number))
        assert np.array_equal(np.argwhere(alone), np.column_stack([rows, columns]))
        left, top, width, height, size = theirs.pop((alone > 0).tobytes())
        assert found.size[number] == size
        assert found.box[number].tolist() == [left, top, left + width, top + height]
    assert not theirs


def test_painting_touches_nothing_else() -> None:
    mask = np.array([[1, 0, 1], [1, 0, 0]], np.uint8)
    picture = np.full((2, 3), 7, np.uint8)
    pieces(mask).paint(np.array([True, False]), picture, 9)
    assert picture.tolist() == [[9, 7, 7], [9, 7, 7]]
