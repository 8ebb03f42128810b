"""How much a host may take of its lane."""

import pytest

from fabwright.server.webhooks import hosts
from fabwright.server.webhooks.hosts import FAILING, IN_FLIGHT, PER_HOST, Hosts


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(hosts, "time", clock)
    monkeypatch.setattr(hosts.random, "uniform", lambda low, high: 1.0)
    return clock


def test_a_host_that_answers_has_half_of_a_lane_at_most(clock: Clock) -> None:
    lane = Hosts()
    assert lane.room("a") == PER_HOST
    lane.of("a").in_flight = PER_HOST
    assert lane.room("a") == 0
    assert lane.room("b") == IN_FLIGHT - PER_HOST


def test_a_failing_host_is_probed_once_after_each_pause_and_pauses_grow_to_five_minutes(clock: Clock) -> None:
    lane = Hosts()
    for _ in range(PER_HOST):  # they all fail together, and are one reason to pause
        lane.failed("a")
    pauses = []
    for _ in range(12):
        begun = clock.now
        while not lane.room("a"):
            clock.now += 0.25
        assert lane.room("a") == 1
        pauses.append(clock.now - begun)
        lane.failed("a")
    assert pauses == [0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    lane.succeeded("a")
    assert lane.room("a") == PER_HOST


def test_failing_hosts_take_nothing_of_the_room_of_others(clock: Clock) -> None:
    lane = Hosts()
    for number in range(20):
        for _ in range(3):
            lane.failed(f"dead {number}")
    clock.now += 1
    probed = 0
    for number in range(20):
        if lane.room(f"dead {number}"):
            lane.of(f"dead {number}").in_flight += 1
            probed += 1
    assert probed == FAILING
    assert lane.room("alive") == PER_HOST


def test_a_host_that_asks_for_a_pause_gets_it(clock: Clock) -> None:
    lane = Hosts()
    lane.failed("a", pause_s=20)
    clock.now += 19
    assert lane.room("a") == 0
    clock.now += 1.5
    assert lane.room("a") == 1
