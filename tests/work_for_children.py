"""Things that the tests let a limited child do. A module of its own, for the child must be able to import it."""

import os
import signal
import time

from fabwright.errors import InputError
from fabwright.server.jobs.limited import report_progress


def refuse() -> None:
    raise InputError("no good", where="field")


def crash() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def eat_memory() -> int:
    return len(bytearray(32 * 1024**3))


def go_slowly() -> None:
    report_progress(50, "half way")
    time.sleep(1.0)
