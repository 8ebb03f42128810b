"""The control code of mill and saw paths: ones = tool, tens = 1 overcut or 2 undercut, hundreds = radius correction.

Which of 100 and 200 is which side differs between the descriptions 3.4 and 3.7, so it is a setting of the machine
(formats.md 9.1). Test it with the cut-out of a window before the first panel.
"""

from typing import Literal

from fabwright.bridge.program import Material, signed_area
from fabwright.timber import Contour

Correction = Literal["3.4", "3.7"]
GLUE = 3

_OVERCUT, _UNDERCUT = 10, 20
_HUNDREDS: dict[Correction, dict[Material, int]] = {
    "3.4": {"both": 0, "left": 100, "right": 200},  # 100 "right": the workpiece lies left of the line
    "3.7": {"both": 0, "right": 100, "left": 200},  # 100 "left": the workpiece lies right of the line
}


def control_code(path: Contour, material: Material, correction: Correction, *, is_saw: bool) -> int:
    """The code of a path; a saw runs over the corners of an outer contour and stays within those of an opening."""
    tens = 0
    if is_saw and path.is_closed:
        is_outer = (signed_area(path) > 0) == (material == "left")
        tens = _OVERCUT if is_outer else _UNDERCUT
    return _HUNDREDS[correction][material] + tens + 1


def material_side(code: int, correction: Correction) -> Material:
    """On which side of its path a code says that the workpiece lies."""
    hundreds = abs(code) // 100 % 10 * 100
    sides = {value: side for side, value in _HUNDREDS[correction].items()}
    return sides.get(hundreds, "both")
