"""Processings that a body cannot show, as text in a property set: nail lines, markings, texts, and what is unusual."""

import msgspec

from fabwright.timber.process import DoubleCut, Drilling, JackRafterCut, Lap, Process

MAX_TEXT = 1_000_000


def by_geometry(process: Process) -> bool:
    """Whether a process stands in the body alone: reading the body gives it back, nothing of it is lost."""
    if not isinstance(process, JackRafterCut | DoubleCut | Lap | Drilling):
        return False
    if process.name or process.priority or process.comment or not process.process:
        return False
    if isinstance(process, Lap):
        is_square = process.angle == 90.0 and process.slope == 0.0 and process.limits is None
        return is_square and process.lead_angle_parallel and process.lead_inclination_parallel
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
