"""A variant that is a little longer than the model it was taken for."""

from dataclasses import replace

import numpy as np
import pytest
import trimesh

from fabwright.vision import Signature, compute
from fabwright.vision.hull import turned
from fabwright.vision.ideal import ideal_views, resting
from fabwright.vision.rig import Rig
from fabwright.vision.search import Hypothesis
from fabwright.vision.stretch import Stretch, stretch
from fabwright.vision.verify import refine, stages


def block(*extents: float) -> Signature:
    box = trimesh.creation.box(extents)
    return compute(np.asarray(box.vertices), np.asarray(box.faces, np.int32), closed=True)


def askew(shape: Signature) -> Hypothesis:
    """On the belt at a turn at which no edge follows the pixels."""
    place = resting(shape, 0)
    return replace(place, rotation=turned(place.rotation, 0.0, 0.0, 0.4))


def stretched(rig: Rig, piece: Signature, model: Signature) -> Stretch:
    views = ideal_views(rig, piece, askew(piece))
    prepared = stages(rig, views)
    fit = refine(prepared, model, askew(model), rig, widths=(2.0, 1.0, 1.0, 1.0))
    return stretch(prepared, model, fit)


def test_the_right_model_does_not_want_to_be_stretched(rig: Rig) -> None:
    model = block(60.0, 30.0, 14.0)
    found = stretched(rig, model, model)
    assert found.gain < 3.0
    assert np.abs(found.mm).max() < 0.05


@pytest.mark.parametrize("axis", [0, 1])
def test_a_longer_piece_says_along_which_axis_and_by_how_much(rig: Rig, axis: int) -> None:
    size = np.array([60.0, 30.0, 14.0])
    found = stretched(rig, block(*(size + 0.25 * np.eye(3)[axis])), block(*size))
    assert found.gain > 15.0
    assert int(np.argmax(np.abs(found.mm / size))) == axis
    assert 0.1 < found.mm[axis] < 0.3


def test_a_piece_larger_all_over_is_a_matter_of_scale(rig: Rig) -> None:
    model = block(60.0, 30.0, 14.0)
    assert stretched(rig, block(60.12, 30.06, 14.028), model).gain < 3.0
