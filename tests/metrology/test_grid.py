"""The nearest cell that holds something."""

import numpy as np
import pytest
from scipy import ndimage

from fabwright.metrology.grid import nearest_holders


@pytest.mark.parametrize("share", [0.0, 0.002, 0.05, 0.9])
def test_every_cell_gets_a_nearest_one_as_scipy_finds(share: float):
    rng = np.random.default_rng(3)
    holds = np.where(rng.random((23, 17, 31)) < share, rng.permutation(23 * 17 * 31).reshape(23, 17, 31), -1)
    holds[4, 5, 6] = 12_345
    holds = holds.astype(np.int32)
    table = nearest_holders(holds)
    place = {int(holds[tuple(row)]): row for row in np.argwhere(holds >= 0)}
    cells = np.argwhere(np.ones_like(holds, bool))
    found = np.array([place[int(value)] for value in table.ravel()])
    expected = ndimage.distance_transform_edt(holds < 0).ravel()
    assert np.linalg.norm(found - cells, axis=1) == pytest.approx(expected)
    assert table[4, 5, 6] == 12_345
