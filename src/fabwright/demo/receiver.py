"""A customer's system: a small server that keeps what webhooks bring."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Receiver:
    """Where it listens, and the messages that have arrived, in their order."""

    address: str = ""
    arrived: list[dict[str, Any]] = field(default_factory=list)

    def counts(self) -> Counter[str]:
        """How many messages of each event have arrived."""
        return Counter(message["hook"]["event"] for message in list(self.arrived))


@contextmanager
def listening() -> Iterator[Receiver]:
    """A receiver on a free port of this machine; it answers 204 to everything."""
    kept = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept.arrived.append(json.loads(body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nothing: the demo prints what arrived at its end."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    kept.address = f"http://127.0.0.1:{server.server_port}/events"
    try:
        yield kept
    finally:
        server.shutdown()
        server.server_close()
