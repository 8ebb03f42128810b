"""One parent over the processes of a service: starts them, restarts what dies, ends all of them together."""

import contextlib
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

log = logging.getLogger("fabwright.supervisor")

_QUICK_DEATH_S = 10.0
_LONGEST_PAUSE_S = 10.0
_LAST_WORDS_S = 8.0  # for a child without a parent to end in order


@dataclass(slots=True)
class Child:
    """A process that is kept alive."""

    name: str
    arguments: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    pause_s: float = 0.0
    due_at: float = 0.0


@dataclass(slots=True)
class Supervisor:
    """Keeps children alive until `stop`. A child that dies quickly is restarted with growing pauses."""

    children: list[Child] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    def add(self, name: str, *arguments: str, after_s: float = 0.0) -> None:
        """A further child: `fabwright <arguments>`, started after so many seconds."""
        child = Child(name, [sys.executable, "-m", "fabwright", *arguments], due_at=time.monotonic() + after_s)
        self.children.append(child)

    def run(self) -> None:
        """Starts all and watches over them until `stopping` is set."""
        while not self.stopping.is_set():
            self.look()
            self.stopping.wait(0.1)

    def look(self) -> None:
        """Restarts what has died and is due."""
        now = time.monotonic()
        for child in self.children:
            if child.process is not None and child.process.poll() is None:
                continue
            if child.process is not None and child.due_at == 0.0:
                # Who ends quickly by itself will do so again, and waits ever longer; who was killed starts at once.
                is_sick = now - child.started_at < _QUICK_DEATH_S and child.process.returncode > 0
                child.pause_s = min(_LONGEST_PAUSE_S, child.pause_s * 2 or 0.2) if is_sick else 0.0
                child.due_at = now + child.pause_s
                log.warning("%s ended with %s; starting it again", child.name, child.process.returncode)
            if now >= child.due_at:
                self._start(child, now)

    def _start(self, child: Child, now: float) -> None:
        # A session of its own: Ctrl-C in the terminal reaches the parent alone, which then ends all in order.
        child.process = subprocess.Popen(
            child.arguments,
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr.fileno(),  # standard output carries the one line `ready` and nothing else
            start_new_session=True,
            env={**os.environ, "FABWRIGHT_PARENT": str(os.getpid())},
        )
        child.started_at, child.due_at = now, 0.0

    def stop(self, grace_s: float = 8.0) -> None:
        """Asks all children to end, and kills those that have not after `grace_s`."""
        self.stopping.set()
        alive = [child.process for child in self.children if child.process and child.process.poll() is None]
        for process in alive:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
        end = time.monotonic() + grace_s
        for process in alive:
            try:
                process.wait(max(0.0, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def end_with_parent() -> None:
    """Called in a child: ends it in order when its parent is gone (killed without a chance to say so)."""
    parent = os.environ.get("FABWRIGHT_PARENT")
    if parent:
        end_with(int(parent))


def end_with(parent: int) -> None:
    """Ends this process soon after its parent is another one than `parent`."""
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1.0)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_LAST_WORDS_S)
    os._exit(1)
