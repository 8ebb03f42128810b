"""Turns about the vertical that the hull of a part cannot tell: round parts and polygons with something inside.

The search knows a part by its hull and keeps a few yaws of each resting pose. Where the hull is round or has many
equal corners, what tells the yaw (notches, lugs, a bore off the middle) lies within; then the other turns are tried by
drawing.
"""

import numpy as np

from fabwright.vision.hull import turned
from fabwright.vision.rig import Floats
from fabwright.vision.search import Hypothesis
from fabwright.vision.signature import Signature

STEP_DEG = 5
ROUND_STEP_DEG = 15
MANY = 4
"""With fewer equal turns than this the search has found them all."""

SLACK_MM = 0.3
SLACK = 0.004
"""Hulls are equal when they differ by less than this, in mm and as a share of the size."""


def equal_turns(corners: Floats) -> tuple[Floats, list[float]]:
    """Of corners (n, 3) as placed: the axis (2,) of their symmetry, and the turns in radians, more than `MANY` or none,
    that bring their outline from above onto itself."""
    angles = np.radians(np.arange(0, 360, STEP_DEG))
    across = np.column_stack([np.cos(angles), np.sin(angles)])
    reach = (corners[:, :2] @ across.T).max(axis=0)
    axis = 2.0 * (reach @ across) / len(angles)
    centred = reach - across @ axis
    off = np.array([np.abs(np.roll(centred, k) - centred).max() for k in range(len(angles))])
    good = off < max(SLACK_MM, SLACK * float(centred.mean()))
    good[[0, 1, -1]] = False
    if good.sum() > len(angles) // 2:  # round
        chosen = np.arange(ROUND_STEP_DEG // STEP_DEG, len(angles), ROUND_STEP_DEG // STEP_DEG)
    else:
        chosen = np.flatnonzero(good & (off <= np.roll(off, 1)) & (off < np.roll(off, -1)))
    return axis, [float(angles[k]) for k in chosen] if len(chosen) >= MANY else []


def others(found: Hypothesis, signature: Signature) -> list[Hypothesis]:
    """The hypothesis in all turns that its hull cannot tell from the one found; mostly none."""
    axis, turns = equal_turns(found.place(signature.corners))
    out = []
    middle = np.array([axis[0], axis[1], 0.0])
    for turn in turns:
        c, s = np.cos(turn), np.sin(turn)
        about = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
        centre = about @ (found.centre - middle) + middle
        rotation = turned(found.rotation, 0.0, 0.0, turn)
        tilt = about[:2, :2] @ found.tilt
        out.append(Hypothesis(found.model, found.pose, rotation, centre, found.scale, found.error_mm, tilt))
    return out
