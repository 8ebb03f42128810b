"""Cells of the scanned surface, held against plain counting."""

import numpy as np
import pytest

from fabwright.metrology.cells import covered, directions_of, make_cells


def scene(count, seed=1):
    rng = np.random.default_rng(seed)
    return rng.uniform(-40, 60, (count, 3)), rng.normal(size=count), rng.integers(0, 6, count).astype(np.uint8)


@pytest.mark.parametrize("count", [600, 60_000])
def test_every_point_is_in_the_cell_of_its_cube_and_direction(count):
    points, off, codes = scene(count)
    cells = make_cells(points, off, codes, 5.0)
    cubes = np.floor((points - points.min(axis=0)) / 5.0).astype(int)
    _, expected, number = np.unique(np.column_stack([cubes, codes]), axis=0, return_inverse=True, return_counts=True)
    assert len(cells.count) == len(number)
    pairs = np.unique(np.column_stack([cells.of_point, expected]), axis=0)
    assert len(pairs) == len(number)  # one to one
    ours, theirs = pairs.T
    assert np.array_equal(cells.count[ours], number[theirs])
    assert np.allclose(cells.mean[ours], (np.bincount(expected, off) / number)[theirs])
    for k in range(3):
        assert np.allclose(cells.place[ours, k], (np.bincount(expected, points[:, k]) / number)[theirs])


def test_covered_is_what_has_a_usable_foot_on_its_side_of_the_wall():
    rng = np.random.default_rng(2)
    feet = np.column_stack([rng.uniform(0, 300, (40_000, 2)), np.zeros(40_000)])
    usable = feet[:, 0] < 150
    up = np.tile([0.0, 0.0, 1.0], (len(feet), 1))
    codes = directions_of(up, np.arange(len(feet), dtype=np.int32))
    assert set(codes) == {2}
    samples = np.array([[20.0, 20, 0], [140, 250, 0], [160, 20, 0], [20, 20, 0]])
    normals = np.array([[0.0, 0, 1], [0, 0, 1], [0, 0, 1], [0, 0, -1]])
    seen = covered(feet, usable, codes, samples, normals, np.full(3, -10.0), 3.0)
    assert list(seen) == [True, True, False, False]
