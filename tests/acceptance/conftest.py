"""Black box: the program is started as a user starts it, and called over HTTP."""

from collections.abc import Iterator

import pytest

from tests.running_service import RunningService, started


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """A running service with an embedded database of its own."""
    with started(tmp_path_factory.mktemp("service")) as service:
        yield service
