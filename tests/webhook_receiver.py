"""A real receiver of webhooks: a small HTTP server on 127.0.0.1 that remembers what arrived, and when."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

LOOPBACK = "127.0.0.0/8"


@dataclass
class Arrival:
    """One request as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def message(self) -> str:
        """The stable id."""
        return self.headers["webhook-id"]


type Reply = Callable[[Arrival, Any], None]


def answer(status: int, body: bytes = b"", **headers: str) -> Reply:
    """A reply that says the same to everybody. Underscores in header names become dashes."""

    def reply(arrival: Arrival, handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return reply


@dataclass
class Receiver:
    """Listens while the `with` lasts. `reply` may be changed at any time.

    Args:
        port: 0 = a free one; another one to come back where a receiver has been.
    """

    reply: Reply = field(default_factory=lambda: answer(204))
    port: int = 0
    arrivals: list[Arrival] = field(default_factory=list)

    def __enter__(self) -> Self:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                headers = {name.lower(): value for name, value in self.headers.items()}
                arrival = Arrival(self.path, headers, body, time.time())
                receiver.arrivals.append(arrival)
                try:
                    receiver.reply(arrival, self)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True  # the sender has heard enough

            def log_message(self, format: str, *args: Any) -> None:
                """Quiet: the test looks at `arrivals`."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

            def handle_error(self, request: Any, client_address: Any) -> None:
                """Quiet: connections that the sender cuts are part of the tests."""

        self._server = Server(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def wait_for(self, count: int, within_s: float = 60.0) -> list[Arrival]:
        """The arrivals, once there are as many."""
        end = time.monotonic() + within_s
        while len(self.arrivals) < count:
            assert time.monotonic() < end, f"{len(self.arrivals)} of {count} arrived within {within_s} s"
            time.sleep(0.01)
        return list(self.arrivals)
