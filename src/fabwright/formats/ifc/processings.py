"""What of a part's processings the body tells, and what must be told as text in a property set.

The body of a part shows every processing that takes material away. Reading it back gives parameters, but not always
the same ones: a tenon is seen as four laps. So the writer tries: only where the body gives exactly the part's own
processings is it left to speak for itself; else all processings stand as text beside it.
"""

import math
from collections.abc import Iterable
from functools import lru_cache

import msgspec

from fabwright.errors import FabwrightError
from fabwright.timber import Board, Member
from fabwright.timber.frame import Vec
from fabwright.timber.planes import removed_cells
from fabwright.timber.process import Drilling, Process
from fabwright.timber.recover_body import recover_stick
from fabwright.timber.solid import part_solid

MAX_TEXT = 1_000_000
COMPLETE = "Complete"
"""The property that says that the text holds all processings, whatever the body shows."""
_SAME = 1e-6


def is_seen(part: Member | Board, process: Process) -> bool:
    """Whether a processing takes material away as a body of planes or a drill hole."""
    if not process.process:
        return False
    try:
        return isinstance(process, Drilling) or bool(removed_cells(part, process))
    except FabwrightError:
        return False


def told(part: Member | Board) -> tuple[tuple[Process, ...], bool]:
    """The processings that must be told as text, and whether these are all of the part's."""
    hidden = tuple(process for process in part.processes if not is_seen(part, process))
    seen = tuple(process for process in part.processes if is_seen(part, process))
    if not seen:
        return hidden, False
    if isinstance(part, Member) and _comes_back(part.box, seen):
        return hidden, False
    return part.processes, True


@lru_cache(maxsize=4096)
def _comes_back(box: Vec, processes: tuple[Process, ...]) -> bool:
    """Whether the body of a stick gives these processes, no others and without doubt."""
    part = Member(length=box[0], height=box[1], width=box[2], processes=processes)
    try:
        found = recover_stick(part_solid(part), box, keep=True)
    except FabwrightError:
        return False
    return not found.doubts and _same(found.processes, processes)


def _same(found: Iterable[Process], wanted: Iterable[Process]) -> bool:
    left = list(wanted)
    for process in found:
        match = next((other for other in left if _alike(process, other)), None)
        if match is None:
            return False
        left.remove(match)
    return not left


def _alike(a: Process, b: Process) -> bool:
    if type(a) is not type(b):
        return False
    for name in a.__struct_fields__:
        x, y = getattr(a, name), getattr(b, name)
        if isinstance(x, float) and isinstance(y, float | int):
            if not math.isclose(x, y, abs_tol=_SAME):
                return False
        elif x != y:
            return False
    return True


def to_text(process: Process) -> str:
    """The JSON form of a process."""
    return msgspec.json.encode(process, order="deterministic").decode()


def from_text(text: str) -> Process:
    """The process of a JSON form.

    Raises:
        ValueError: not a process; says what was expected.
    """
    if len(text) > MAX_TEXT:
        raise ValueError(f"a processing of {len(text)} characters, at most {MAX_TEXT} are read")
    try:
        process: Process = msgspec.json.decode(text, type=Process)
    except msgspec.MsgspecError as error:
        raise ValueError(f"a processing that cannot be read: {error}") from error
    return process
