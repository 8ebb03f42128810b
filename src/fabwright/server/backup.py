"""Everything of an embedded installation in one file, and back: database, blobs, secret key.

The file is a plain tar: `manifest.json`, `database.dump` (PostgreSQL's custom format), `secret-key`, `blobs/...`. The
database is dumped first: a blob is always stored before the row that names it, so every row of the dump finds its blob.
"""

import json
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from fabwright import __version__
from fabwright.errors import ConfigurationError, FormatError, InputError
from fabwright.server.database import EmbeddedDatabase
from fabwright.server.environment import Environment

FORMAT = 1
_FOLDERS = ("blobs", "blobs-backup")

type Progress = Callable[[int, int], None]


def backup(environment: Environment, target: Path, progress: Progress) -> int:
    """Writes everything to `target`; it appears whole or not at all. May run beside the service.

    Args:
        progress: called with (files done, files in all).

    Returns:
        How many blobs are in it.

    Raises:
        ConfigurationError: database or blobs are not in the data folder.
    """
    _refuse_other_places(environment)
    if not (environment.data / "database" / "PG_VERSION").exists():
        raise InputError(f"there is no installation in {environment.data}", where="--data")
    database = EmbeddedDatabase(environment.data / "database")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".fabwright-backup-", dir=target.parent) as folder:
        dump, incoming = Path(folder) / "database.dump", Path(folder) / "backup.tar"
        _run(database, "pg_dump", "--format=custom", f"--file={dump}", database.url)
        blobs = list(_blobs(environment.data))
        with tarfile.open(incoming, "w") as archive:
            manifest = Path(folder) / "manifest.json"
            manifest.write_text(json.dumps({"format": FORMAT, "fabwright": __version__, "blobs": len(blobs)}))
            for path in (manifest, dump, environment.data / "secret-key"):
                archive.add(path, path.name)
            for done, path in enumerate(blobs, 1):
                archive.add(path, str(path.relative_to(environment.data)))
                progress(done, len(blobs))
        incoming.replace(target)
    return len(blobs)


def restore(source: Path, data: Path, progress: Progress) -> int:
    """Brings a backup back into a data folder that holds no installation yet.

    Returns:
        How many blobs were in it.

    Raises:
        InputError: the folder holds an installation.
        FormatError: the file is no backup, or one of a later format.
    """
    if (data / "database").exists() or any((data / folder).exists() for folder in _FOLDERS):
        raise InputError(f"{data} holds an installation already; choose an empty folder", where="--data")
    data.mkdir(parents=True, exist_ok=True)
    try:
        with tarfile.open(source, "r:") as archive:
            manifest = _manifest(archive)
            members = [member for member in archive.getmembers() if member.name != "manifest.json"]
            for done, member in enumerate(members, 1):
                archive.extract(member, data, filter="data")
                progress(done, len(members))
    except tarfile.TarError as error:
        raise FormatError(f"is no backup: {error}", where=str(source)) from error
    dump = data / "database.dump"
    database = EmbeddedDatabase(data / "database")
    try:
        options = ("--exit-on-error", "--no-owner", "--clean", "--if-exists")
        _run(database, "pg_restore", *options, f"--dbname={database.url}", str(dump))
    finally:
        database.stop()
    dump.unlink()
    return int(manifest["blobs"])


def _refuse_other_places(environment: Environment) -> None:
    if environment.database_url:
        raise ConfigurationError("names a server of its own; back it up with pg_dump", where="DATABASE_URL")
    if Path(environment.blobs) != environment.data / "blobs":
        raise ConfigurationError("lie outside the data folder; back them up where they are", where="FABWRIGHT_BLOBS")


def _blobs(data: Path) -> Iterator[Path]:
    for folder in _FOLDERS:
        for path in sorted((data / folder).rglob("*")):
            if path.is_file() and ".incoming" not in path.parts:
                yield path


def _manifest(archive: tarfile.TarFile) -> dict[str, int | str]:
    try:
        file = archive.extractfile("manifest.json")
        manifest: dict[str, int | str] = json.load(file) if file else {}
    except (KeyError, ValueError) as error:
        raise FormatError("is no backup: it has no manifest", where=str(archive.name)) from error
    if manifest.get("format") != FORMAT:
        raise FormatError(f"has the format {manifest.get('format')}, expected {FORMAT}", where=str(archive.name))
    return manifest


def _run(database: EmbeddedDatabase, program: str, *arguments: str) -> None:
    result = subprocess.run(
        [str(database.program(program)), *arguments],
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    if result.returncode != 0:
        raise ConfigurationError(f"{program} failed: {result.stderr.strip()[-1000:]}")
