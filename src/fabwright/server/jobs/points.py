"""Named points at which tests may kill a worker, to prove that nothing is lost or done twice."""

import os
import signal
from pathlib import Path

_VARIABLE = "FABWRIGHT_KILL_AT"


def reached(point: str) -> None:
    """Marks a point of a job. Does nothing, unless the file that FABWRIGHT_KILL_AT names holds this point's name:
    then the file is removed (so that it happens once) and this process is killed as by `kill -9`.
    """
    order = os.environ.get(_VARIABLE)
    if order and _is_ordered(Path(order), point):
        os.kill(os.getpid(), signal.SIGKILL)


def _is_ordered(path: Path, point: str) -> bool:
    try:
        if path.read_text(encoding="ascii").strip() != point:
            return False
        path.unlink()
    except FileNotFoundError:  # nothing is ordered, or another worker was faster
        return False
    return True
