import os
import time

import pytest

from fabwright.errors import InputError
from fabwright.server.jobs.limited import ChildFailed, report_progress, run_limited
from tests import work_for_children


def test_work_runs_in_another_process_and_returns_its_result():
    assert run_limited(os.getpid) != os.getpid()


def test_an_error_of_the_work_arrives_with_its_place():
    with pytest.raises(InputError, match="no good") as caught:
        run_limited(work_for_children.refuse)
    assert caught.value.where == "field"


def test_work_that_takes_too_long_is_ended():
    before = time.monotonic()
    with pytest.raises(ChildFailed, match="gave up after 1 s"):
        run_limited(time.sleep, 60, time_limit_s=1)
    assert time.monotonic() - before < 20


def test_work_that_crashes_takes_nobody_along():
    with pytest.raises(ChildFailed, match="SIGSEGV|died"):
        run_limited(work_for_children.crash)
    assert run_limited(os.getpid) > 0


def test_work_that_eats_memory_is_stopped():
    with pytest.raises(ChildFailed, match="memory|died"):
        run_limited(work_for_children.eat_memory)


def test_progress_arrives_while_the_work_goes_on():
    seen: list[tuple[float, str]] = []
    run_limited(work_for_children.go_slowly, on_progress=lambda percent, note: seen.append((percent, note)))
    assert (50.0, "half way") in seen


def test_progress_outside_a_child_is_nobody_s_business():
    report_progress(10, "nobody listens")
