"""What the environment says: every setting of `docs/reference/interface.md`, read and checked in one place."""

import ipaddress
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from fabwright.errors import ConfigurationError

type Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Environment:
    """The settings of one installation.

    Attributes:
        data: folder of the embedded database, the blobs and the secret key.
        database_url: a PostgreSQL address; empty = the embedded database in `data`.
        blobs: an absolute folder, or `s3://bucket?endpoint=...`.
        blobs_backup: the same for what is kept long (images of archived scans).
        base_url: what addresses in answers start with, without a slash at the end; empty = as the client called us.
        signed_url_s: life of a signed address in seconds.
        webhook_allow: private networks that webhooks may reach.
    """

    data: Path
    database_url: str
    blobs: str
    blobs_backup: str
    secret_key: str
    base_url: str
    signed_url_s: int
    webhook_allow: tuple[Network, ...]

    @staticmethod
    def read(environ: Mapping[str, str] = os.environ) -> "Environment":
        """Reads the environment.

        Raises:
            ConfigurationError: a setting is wrong; names it and what was expected.
        """
        data = Path(environ.get("FABWRIGHT_DATA") or "fabwright-data").absolute()
        return Environment(
            data=data,
            database_url=_database_url(environ.get("DATABASE_URL", "")),
            blobs=_blobs("FABWRIGHT_BLOBS", environ, data / "blobs"),
            blobs_backup=_blobs("FABWRIGHT_BLOBS_BACKUP", environ, data / "blobs-backup"),
            secret_key=environ.get("FABWRIGHT_SECRET_KEY") or _kept_secret(data),
            base_url=_base_url(environ.get("FABWRIGHT_BASE_URL", "")),
            signed_url_s=_seconds("FABWRIGHT_SIGNED_URL_S", environ.get("FABWRIGHT_SIGNED_URL_S", "")),
            webhook_allow=_networks("FABWRIGHT_WEBHOOK_ALLOW", environ.get("FABWRIGHT_WEBHOOK_ALLOW", "")),
        )


def _database_url(value: str) -> str:
    if value and urlsplit(value).scheme not in ("postgres", "postgresql"):
        raise ConfigurationError("must be a postgresql:// address", where="DATABASE_URL")
    return value


def _blobs(name: str, environ: Mapping[str, str], otherwise: Path) -> str:
    value = environ.get(name, "")
    if not value:
        return str(otherwise)
    if value.startswith("s3://"):
        from fabwright.server.files.s3 import S3Location  # loads boto3, which only its users should pay for

        S3Location.parse(value)
        return value
    if "://" in value:
        raise ConfigurationError("must be a folder or s3://bucket?endpoint=...", where=name)
    return str(Path(value).absolute())


def _base_url(value: str) -> str:
    if value:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ConfigurationError("must be an http:// or https:// address", where="FABWRIGHT_BASE_URL")
    return value.rstrip("/")


def _seconds(name: str, value: str) -> int:
    if not value:
        return 3600
    if not value.isdecimal() or not 1 <= int(value) <= 604_800:  # a week is the most that S3 signs for
        raise ConfigurationError(f"must be whole seconds from 1 to 604800, got {value!r}", where=name)
    return int(value)


def _networks(name: str, value: str) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(part.strip()) for part in value.split(",") if part.strip())
    except ValueError as error:
        raise ConfigurationError(f"must be a comma list of networks such as 10.0.0.0/8: {error}", where=name) from error


def _kept_secret(data: Path) -> str:
    """The key kept in the data folder, made on first use; a passing one where there is no data folder yet."""
    path = data / "secret-key"
    if path.exists():
        return path.read_text(encoding="ascii").strip()
    secret = secrets.token_urlsafe(48)
    if data.is_dir():
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_text(encoding="ascii").strip()
        with os.fdopen(descriptor, "w") as file:
            file.write(secret)
    return secret
