"""Heavy or hostile work in a child process: it may crash, hang or eat memory there without taking us along."""

import contextlib
import ctypes
import multiprocessing
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import TimeoutError as FutureTimeoutError
from pathlib import Path
from typing import Any

from pebble import ProcessExpired, ProcessPool

from fabwright.errors import FabwrightError

MEMORY_BYTES = 6 * 1024**3  # address space of the child; the largest honest IFC seen needs a third of it
FILES, RECOGNITION = "files", "recognition"
"""The child processes of a worker: the one for anything, and the one that keeps rigs and models at hand."""

_CALLS_PER_CHILD = {FILES: 200, RECOGNITION: 5000}  # a fresh child now and then returns what native libraries leak
_LOOK_S = 0.2  # how often progress is looked at

_lock = threading.Lock()
_pools: dict[str, ProcessPool] = {}
_progress_file: Path | None = None  # in the child: where this call's progress goes


class ChildFailed(FabwrightError):
    """The work took too long, too much memory, or crashed the child process."""

    code = "work_failed"


def run_limited[R](
    function: Callable[..., R],
    *args: Any,
    time_limit_s: float = 600.0,
    on_progress: Callable[[float, str], None] | None = None,
    child: str = FILES,
    **kwargs: Any,
) -> R:
    """Calls `function(*args, **kwargs)` in a child process of this worker and returns its result.

    Args:
        function: a module-level function; arguments and result are pickled.
        time_limit_s: after this the child is killed.
        on_progress: called in this process with (percent, note) whenever the child called `report_progress`.
        child: which of the children; each does one call at a time.

    Raises:
        ChildFailed: the child ran out of time or memory or crashed; says which.
        Exception: whatever the function raised.
    """
    with tempfile.NamedTemporaryFile(prefix="fabwright-progress-") as progress:
        future = _pool(child).schedule(_call, args=(progress.name, function, args, kwargs), timeout=time_limit_s)
        last = ""
        while True:
            try:
                result: R = future.result(timeout=_LOOK_S)
                return result
            except FutureTimeoutError as error:
                if future.done():
                    raise ChildFailed(f"gave up after {time_limit_s:g} s") from error
            except ProcessExpired as error:
                raise ChildFailed(f"the process that worked on it died ({_why(error)})") from error
            except MemoryError as error:
                raise ChildFailed(f"needed more than {MEMORY_BYTES / 1024**3:.0f} GiB of memory") from error
            now = Path(progress.name).read_text(encoding="utf-8", errors="replace")
            if on_progress is not None and now != last and now.endswith("\n"):
                last = now
                percent, _, note = now.rstrip("\n").partition(" ")
                on_progress(float(percent), note)


def report_progress(percent: float, note: str = "") -> None:
    """Tells how far the work is (0 to 100); does nothing outside a limited child."""
    if _progress_file is not None:
        line = f"{percent:.1f} {note[:200]}".replace("\n", " ") + "\n"
        _progress_file.write_text(line, encoding="utf-8")


def stop_child() -> None:
    """Ends the child processes, whatever they do."""
    with _lock:
        for pool in _pools.values():
            pool.stop()
        for pool in _pools.values():
            pool.join(timeout=2)
        _pools.clear()


def _pool(child: str) -> ProcessPool:
    with _lock:
        pool = _pools.get(child)
        if pool is None or not pool.active:
            pool = _pools[child] = ProcessPool(
                max_workers=1,
                max_tasks=_CALLS_PER_CHILD[child],
                context=multiprocessing.get_context("spawn"),
                initializer=_prepare_child,
                initargs=(os.getpid(),),
            )
        return pool


def _call(progress: str, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    global _progress_file
    _progress_file = Path(progress)
    try:
        return function(*args, **kwargs)
    finally:
        _progress_file = None


def _prepare_child(parent: int) -> None:
    """Limits for the child, and its end when its parent is gone (also by kill -9)."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        with contextlib.suppress(OSError):
            ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1.0)
    os._exit(1)


def _why(error: ProcessExpired) -> str:
    code = getattr(error, "exitcode", None)
    if isinstance(code, int) and code < 0:
        return signal.Signals(-code).name
    return f"exit code {code}"
