"""Blobs in a bucket of any S3 server. Only plain verbs are used: no tags, no access lists, no server-side checksums."""

import io
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast
from urllib.parse import parse_qsl, unquote, urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from fabwright.errors import ConfigurationError
from fabwright.server.files.disposition import DEFAULT_CONTENT_TYPE, check_content_type, content_disposition
from fabwright.server.files.errors import BlobExists, BlobMissing, BlobUnavailable
from fabwright.server.files.keys import check_key, check_prefix
from fabwright.server.files.port import Entry, Stat
from fabwright.server.files.signing import check_expires_s

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

_MISSING = {"NoSuchKey", "404", "NotFound"}
_REUSED = 0.2
"""The part of its life during which an address of the usual life is given out again."""
_SPOOL = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class S3Location:
    """Where the bucket is.

    Attributes:
        endpoint: address of the server; empty = AWS.
        public_endpoint: under which address clients reach the same server; empty = the same.
        prefix: put before every key, without slashes around it; empty = none.
    """

    bucket: str
    endpoint: str = ""
    public_endpoint: str = ""
    region: str = "us-east-1"
    prefix: str = ""

    @staticmethod
    def parse(address: str) -> "S3Location":
        """Reads `s3://bucket?endpoint=http://host:port&public_endpoint=...&region=...&prefix=...`.

        Raises:
            ConfigurationError: another scheme, no bucket, an unknown parameter, or an endpoint without http(s).
        """
        parts = urlsplit(address)
        options = dict(parse_qsl(parts.query))
        prefix = unquote(options.pop("prefix", "") or parts.path).strip("/")
        known = {name: options.pop(name, "") for name in ("endpoint", "public_endpoint", "region")}
        if parts.scheme != "s3" or not parts.netloc or options:
            raise ConfigurationError(
                "expected s3://bucket?endpoint=http://host:port (also: public_endpoint, region, prefix)",
                where="FABWRIGHT_BLOBS",
            )
        for name in ("endpoint", "public_endpoint"):
            if known[name] and urlsplit(known[name]).scheme not in ("http", "https"):
                raise ConfigurationError(f"{name} must start with http:// or https://", where="FABWRIGHT_BLOBS")
        known["region"] = known["region"] or "us-east-1"
        return S3Location(parts.netloc, prefix=prefix, **known)


class S3Store:
    """A BlobStore in a bucket; keys of the server come from the usual AWS variables.

    Args:
        location: the bucket.
        expires_s: life of signed addresses when nothing else is asked for.
    """

    def __init__(self, location: S3Location, *, expires_s: int) -> None:
        self._location = location
        self._expires_s = check_expires_s(expires_s)
        # Signing takes a third of a millisecond, which a page of a hundred files would feel.
        self._presigned = lru_cache(maxsize=8192)(self._presign)

    def put(
        self, key: str, data: bytes | BinaryIO, *, content_type: str = DEFAULT_CONTENT_TYPE, create: bool = False
    ) -> Stat:
        name = self._name(key)
        check_content_type(content_type)
        with _rewindable(data) as body:
            for last_try in (False, False, True):
                body.seek(0)
                if self._put(name, key, body, content_type, create=create, last_try=last_try):
                    break
        return self.stat(key)

    def _put(self, name: str, key: str, body: BinaryIO, content_type: str, *, create: bool, last_try: bool) -> bool:
        condition = {"IfNoneMatch": "*"} if create else {}
        try:
            with _answering(key):
                self._client.put_object(
                    Bucket=self._location.bucket,
                    Key=name,
                    Body=body,
                    ContentType=content_type,
                    **condition,  # type: ignore[arg-type]
                )
        except BlobUnavailable as error:
            code = error.__cause__.response["Error"]["Code"] if isinstance(error.__cause__, ClientError) else ""
            if code in ("PreconditionFailed", "412"):
                raise BlobExists(f"there is a blob {key!r} already", where="blob key") from None
            if code in ("ConditionalRequestConflict", "409") and not last_try:
                return False  # another writer of the same key is under way: see who won
            raise
        return True

    def open(self, key: str, *, offset: int = 0, length: int | None = None) -> BinaryIO:
        name = self._name(key)
        if length == 0:
            self.stat(key)
            return io.BytesIO()
        last = "" if length is None else str(offset + length - 1)
        wanted = {"Range": f"bytes={offset}-{last}"} if offset or length is not None else {}
        try:
            with _answering(key):
                answer = self._client.get_object(Bucket=self._location.bucket, Key=name, **wanted)  # type: ignore[arg-type]
        except BlobUnavailable as error:
            if isinstance(error.__cause__, ClientError) and error.__cause__.response["Error"]["Code"] in (
                "InvalidRange",
                "416",
            ):
                return io.BytesIO()  # begins at the end or beyond
            raise
        return io.BufferedReader(_Body(key, cast(BinaryIO, answer["Body"])))

    def read(self, key: str) -> bytes:
        with self.open(key) as stream:
            return stream.read()

    @contextmanager
    def as_file(self, key: str) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(prefix="fabwright-") as folder:
            path = Path(folder) / Path(key).name
            with self.open(key) as stream, path.open("wb") as target:
                shutil.copyfileobj(stream, target, 1024 * 1024)
            yield path

    def stat(self, key: str) -> Stat:
        name = self._name(key)
        with _answering(key):
            answer = self._client.head_object(Bucket=self._location.bucket, Key=name)
        return Stat(
            key,
            answer["ContentLength"],
            answer["LastModified"],
            answer["ETag"].strip('"'),
            answer.get("ContentType", DEFAULT_CONTENT_TYPE),
        )

    def exists(self, key: str) -> bool:
        try:
            self.stat(key)
        except BlobMissing:
            return False
        return True

    def delete(self, key: str) -> None:
        name = self._name(key)
        with _answering(key):
            self._client.delete_object(Bucket=self._location.bucket, Key=name)

    def delete_prefix(self, prefix: str) -> int:
        count = 0
        batch: list[str] = []
        for entry in self.list_prefix(prefix):
            batch.append(self._name(entry.key))
            if len(batch) == 1000:  # as many as one request may delete
                count += self._delete_many(batch)
                batch = []
        return count + self._delete_many(batch)

    def _delete_many(self, names: list[str]) -> int:
        if not names:
            return 0
        with _answering(""):
            answer = self._client.delete_objects(
                Bucket=self._location.bucket, Delete={"Objects": [{"Key": name} for name in names], "Quiet": True}
            )
        if failed := answer.get("Errors"):
            raise BlobUnavailable(f"{len(failed)} blobs could not be deleted: {failed[0].get('Message', '')}")
        return len(names)

    def list_prefix(self, prefix: str) -> Iterator[Entry]:
        return self._list(f"{check_prefix(prefix)}/")

    def _list(self, prefix: str) -> Iterator[Entry]:
        before = f"{self._location.prefix}/" if self._location.prefix else ""
        with _answering(prefix):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._location.bucket, Prefix=before + prefix
            )
            for page in pages:
                for found in page.get("Contents", []):
                    yield Entry(found["Key"].removeprefix(before), found["Size"], found["LastModified"])

    def signed_get(
        self,
        key: str,
        *,
        download_name: str | None = None,
        content_type: str | None = None,
        expires_s: int | None = None,
        inline: bool = False,
    ) -> str:
        shown_as = download_name if download_name is not None else check_key(key).rpartition("/")[2]
        wanted = {
            "Bucket": self._location.bucket,
            "Key": self._name(key),
            "ResponseContentDisposition": content_disposition(shown_as, inline=inline),
        }
        if content_type is not None or inline:
            wanted["ResponseContentType"] = check_content_type(content_type or DEFAULT_CONTENT_TYPE, inline=inline)
        if expires_s is not None:
            return self._presign(tuple(wanted.items()), check_expires_s(expires_s), 0)
        return self._presigned(tuple(wanted.items()), self._expires_s, int(time.time() / (self._expires_s * _REUSED)))

    def _presign(self, wanted: tuple[tuple[str, str], ...], expires_s: int, _window: int) -> str:
        return self._public_client.generate_presigned_url("get_object", Params=dict(wanted), ExpiresIn=expires_s)

    def check(self) -> None:
        with _answering(""):
            self._client.head_bucket(Bucket=self._location.bucket)

    def _name(self, key: str) -> str:
        prefix = self._location.prefix
        return f"{prefix}/{check_key(key)}" if prefix else check_key(key)

    @cached_property
    def _client(self) -> "S3Client":
        return self._connect(self._location.endpoint)

    @cached_property
    def _public_client(self) -> "S3Client":
        public = self._location.public_endpoint
        return self._connect(public) if public else self._client

    def _connect(self, endpoint: str) -> "S3Client":
        config = Config(
            signature_version="s3v4",
            s3={"addressing_style": "path" if endpoint else "auto"},
            retries={"mode": "standard", "total_max_attempts": 3},
            connect_timeout=5,
            read_timeout=60,
            max_pool_connections=32,
            # The newer checksum trailers are refused by several servers that speak S3.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        session = boto3.session.Session()
        return session.client("s3", endpoint_url=endpoint or None, region_name=self._location.region, config=config)


class _Body(io.RawIOBase):
    """The body of an answer as a raw stream whose failures have the port's name."""

    def __init__(self, key: str, body: BinaryIO) -> None:
        self._key = key
        self._body = body

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        with _answering(self._key):
            chunk = self._body.read(len(buffer))
        buffer[: len(chunk)] = chunk
        return len(chunk)

    def close(self) -> None:
        self._body.close()
        super().close()


@contextmanager
def _rewindable(data: bytes | BinaryIO) -> Iterator[BinaryIO]:
    """The data as a file that can rewind, for the signature and for another try."""
    if isinstance(data, bytes):
        yield io.BytesIO(data)
        return
    with tempfile.SpooledTemporaryFile(max_size=_SPOOL) as spool:
        shutil.copyfileobj(data, spool, 1024 * 1024)
        yield cast(BinaryIO, spool)


@contextmanager
def _answering(key: str) -> Iterator[None]:
    """Errors of the server under the names that the port promises."""
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if key and code in _MISSING:
            raise BlobMissing(f"there is no blob {key!r}", where="blob key") from None
        raise BlobUnavailable(f"the S3 server refused: {error}") from error
    except BotoCoreError as error:
        raise BlobUnavailable(f"the S3 server does not answer: {error}") from error
