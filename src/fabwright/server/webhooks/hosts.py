"""What a lane knows of its hosts: who is slow or dead gets one request at a time, and pauses between them.

So however much is due to a dead host, it holds one connection now and then, and nothing of the others' share.
"""

import random
import time
from dataclasses import dataclass, field

IN_FLIGHT = 64  # requests of a lane
PER_HOST = 32  # requests to one host that answers
FAILING = 8  # requests to all failing hosts of a lane together
FAILURES = 3  # in a row, until a host counts as failing
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 300.0


@dataclass(slots=True)
class Host:
    """One host of a lane.

    Attributes:
        in_flight: requests that run.
        failures: in a row.
        pauses: so many in a row, each twice as long as the one before.
        paused_until: no request before (monotonic clock).
    """

    in_flight: int = 0
    failures: int = 0
    pauses: int = 0
    paused_until: float = 0.0

    @property
    def is_failing(self) -> bool:
        """Whether it is only probed, one request at a time."""
        return self.failures >= FAILURES


@dataclass(slots=True)
class Hosts:
    """The hosts of a lane by origin."""

    known: dict[str, Host] = field(default_factory=dict)

    def of(self, origin: str) -> Host:
        return self.known.setdefault(origin, Host())

    @property
    def in_flight(self) -> int:
        """Requests that run, to all hosts."""
        return sum(host.in_flight for host in self.known.values())

    def room(self, origin: str) -> int:
        """How many requests may be started to a host now."""
        host = self.of(origin)
        free = IN_FLIGHT - sum(other.in_flight for other in self.known.values() if not other.is_failing)
        if not host.is_failing:
            return max(0, min(PER_HOST - host.in_flight, free))
        probes = sum(other.in_flight for other in self.known.values() if other.is_failing)
        return 1 if not host.in_flight and probes < FAILING and time.monotonic() >= host.paused_until else 0

    def succeeded(self, origin: str) -> int:
        """A request was answered well. Returns how many had failed in a row until now."""
        host = self.of(origin)
        failures = host.failures
        host.failures, host.pauses, host.paused_until = 0, 0, 0.0
        return failures

    def failed(self, origin: str, *, pause_s: float = 0.0) -> None:
        """A request failed.

        Requests that ran at the same time and fail together are one reason to pause, not many.

        Args:
            pause_s: what the host has asked for.
        """
        host = self.of(origin)
        now = time.monotonic()
        host.failures += 1
        if pause_s:
            host.failures = max(host.failures, FAILURES)
            host.paused_until = max(host.paused_until, now + min(pause_s, LONGEST_PAUSE_S))
        elif host.is_failing and now >= host.paused_until:
            grown = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(host.pauses, 16))
            host.pauses += 1
            host.paused_until = now + grown * random.uniform(0.8, 1.2)
