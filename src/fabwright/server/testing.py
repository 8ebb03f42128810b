"""A pytest plugin (`-p fabwright.server.testing`): every run gets a real PostgreSQL, the embedded one.

It must act before pytest-django reads the settings, which a conftest cannot. The processes of pytest-xdist find the
address in their environment and start nothing.
"""

import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from fabwright.server.database import EmbeddedDatabase

_FOLDER = "FABWRIGHT_TEST_FOLDER"


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    if _FOLDER not in os.environ:
        folder = Path(tempfile.mkdtemp(prefix="fabwright-test-"))
        (folder / "data").mkdir()
        os.environ[_FOLDER] = str(folder)
        os.environ["FABWRIGHT_DATA"] = str(folder / "data")
        os.environ["FABWRIGHT_SECRET_KEY"] = "a key for tests only, which nobody else needs to know"
        early_config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
        if not os.environ.get("DATABASE_URL"):
            database = EmbeddedDatabase(folder / "database")
            os.environ["DATABASE_URL"] = database.url
            early_config.add_cleanup(database.stop)
    return (yield)
