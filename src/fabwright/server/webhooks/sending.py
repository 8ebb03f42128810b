"""One request to one receiver, bounded in time and size, and what came of it."""

import asyncio
import ssl
import time
from collections.abc import Mapping, Sequence
from datetime import datetime

import httpcore
import httpx
from msgspec import Struct
from standardwebhooks.webhooks import Webhook as Signer

from fabwright import __version__
from fabwright.server.environment import Network
from fabwright.server.webhooks.addresses import GuardedBackend, Refused

TOTAL_S = 15.0  # from the first look-up of the name to the status line
CONNECT_S = 5.0
ANSWER_S = 2.0  # for the rest of the answer, which changes nothing any more
KEPT_BYTES = 2048
READ_BYTES = 16_384
"""Answers up to this size are read to their end, so that the connection can be used again; longer ones are cut off."""
IDLE_S = 20.0  # connections are kept open for so long
HIDDEN = "***"


class Answer(Struct):
    """What came of a request.

    Attributes:
        status: of HTTP; None when there was no answer.
        error: why not; empty when there was one.
        address: the network address that was dialled.
        body: the first `KEPT_BYTES` of the answer.
        retry_after: as the receiver wrote it.
    """

    status: int | None = None
    error: str = ""
    address: str = ""
    body: bytes = b""
    retry_after: str = ""
    latency_ms: int = 0

    @property
    def is_delivered(self) -> bool:
        """Only 2xx is a delivery. A redirect is none: nobody has judged where it leads."""
        return self.status is not None and 200 <= self.status < 300


def signed(message: str, body: bytes, secrets: Sequence[str], now: datetime) -> dict[str, str]:
    """The three headers of Standard Webhooks; one signature for each live secret.

    Args:
        message: the stable id of the message.
    """
    if not secrets:
        return {"webhook-id": message, "webhook-timestamp": str(int(now.timestamp()))}
    text = body.decode()
    signatures = " ".join(Signer(secret).sign(message, now, text) for secret in secrets)
    return {
        "webhook-id": message,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signatures,
    }


def headers_of(extra: Mapping[str, str], signature: Mapping[str, str]) -> dict[str, str]:
    """All headers of a request but those of HTTP itself."""
    return (
        {"content-type": "application/json", "user-agent": f"Fabwright/{__version__}"}
        | {name.lower(): value for name, value in extra.items()}
        | dict(signature)
    )


def shown_headers(headers: Mapping[str, str], extra: Mapping[str, str]) -> dict[str, str]:
    """Headers as the log may show them: extra ones by name only."""
    secret = {name.lower() for name in extra}
    return {name: HIDDEN if name in secret else value for name, value in headers.items()}


class Sender:
    """Posts to receivers over connections that are kept open. Follows no redirects, uses no proxy, keeps no cookies.

    Connections are kept in a list per host, not in the pool of httpcore: that one looks at each of its connections
    several times for each request, and how many there may be is decided elsewhere (`hosts`).
    """

    def __init__(self, allowed: Sequence[Network]) -> None:
        self._trust = httpcore.default_ssl_context()
        self._trust.load_default_certs(ssl.Purpose.SERVER_AUTH)  # a factory's own authority, where the machine has one
        self._backend = GuardedBackend(allowed)
        self._idle: dict[str, list[httpcore.AsyncHTTPConnection]] = {}
        self._urls: dict[str, tuple[httpcore.URL, bytes]] = {}

    async def post(self, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Posts once. Never raises for anything that a receiver or the network does."""
        started = time.monotonic()
        try:
            async with asyncio.timeout(TOTAL_S):
                answer = await self._post(target, headers, body)
        except TimeoutError:
            answer = Answer(error=f"no answer within {TOTAL_S:g} s")
        except Refused as error:
            answer = Answer(error=str(error)[:300])
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, OSError, ValueError) as error:
            answer = Answer(error=f"{type(error).__name__}: {error}"[:300].rstrip(": "))
        answer.latency_ms = round((time.monotonic() - started) * 1000)
        return answer

    async def _post(self, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        url, host = self._url(target)
        request = httpcore.Request(
            "POST",
            url,
            headers=[
                (b"host", host),
                (b"content-length", str(len(body)).encode()),
                *((name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()),
            ],
            content=body,
            extensions={"timeout": {"connect": CONNECT_S, "read": TOTAL_S, "write": TOTAL_S}},
        )
        kept = await self._kept(url.origin)
        if kept is not None:
            try:
                return await self._exchange(kept, request)
            except (httpcore.RemoteProtocolError, httpcore.ReadError, httpcore.WriteError):
                pass  # the receiver has closed it, perhaps while we wrote; that says nothing of the receiver
        return await self._exchange(self._new(url.origin), request)

    async def _exchange(self, connection: httpcore.AsyncHTTPConnection, request: httpcore.Request) -> Answer:
        """One request over a connection, which is kept afterwards if it can be."""
        try:
            response = await connection.handle_async_request(request)
            try:
                answer = await _read(response)
            finally:
                await response.aclose()
            if connection.is_idle():
                self._idle.setdefault(str(request.url.origin), []).append(connection)
            return answer
        finally:
            if not connection.is_idle():
                await connection.aclose()

    def _new(self, origin: httpcore.Origin) -> httpcore.AsyncHTTPConnection:
        return httpcore.AsyncHTTPConnection(
            origin, ssl_context=self._trust, keepalive_expiry=IDLE_S, network_backend=self._backend
        )

    async def _kept(self, origin: httpcore.Origin) -> httpcore.AsyncHTTPConnection | None:
        """An open connection to a host, the one that was used last."""
        waiting = self._idle.get(str(origin), [])
        while waiting:
            connection = waiting.pop()
            if not connection.has_expired():
                return connection
            await connection.aclose()
        return None

    def _url(self, target: str) -> tuple[httpcore.URL, bytes]:
        if target not in self._urls:
            url = httpx.URL(target)
            parts = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
            self._urls[target] = parts, url.netloc
        return self._urls[target]

    async def aclose(self) -> None:
        """Closes all connections."""
        for connections in self._idle.values():
            for connection in connections:
                await connection.aclose()
        self._idle.clear()
        self._backend.close()


async def _read(response: httpcore.Response) -> Answer:
    found = {name.lower(): value for name, value in response.headers}
    stream = response.extensions.get("network_stream")
    peer = stream.get_extra_info("server_addr") if stream is not None else None
    return Answer(
        status=response.status,
        address=str(peer[0]) if peer else "",
        body=await _beginning(response),
        retry_after=found.get(b"retry-after", b"").decode("latin-1")[:64],
    )


async def _beginning(response: httpcore.Response) -> bytes:
    """The first bytes of an answer; stops reading when it is long, slow or breaks off."""
    kept, read = b"", 0
    try:
        async with asyncio.timeout(ANSWER_S):
            async for chunk in response.aiter_stream():
                kept = (kept + chunk[: KEPT_BYTES - len(kept)]) if len(kept) < KEPT_BYTES else kept
                read += len(chunk)
                if read > READ_BYTES:
                    break
    except (TimeoutError, httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException):
        return kept  # the status has been given; what follows is only for the log
    return kept
