"""A receiver of webhooks that checks signatures and takes every event once.

    .venv/bin/python examples/receive_webhooks.py 8090 whsec_...

The secret is shown once, in the answer that made the webhook. Without one, signatures are not checked.
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks import Webhook, WebhookVerificationError


def main(port: int, secret: str | None) -> None:
    """Prints what arrives, until Ctrl-C."""
    seen: set[str] = set()  # a real receiver keeps it where its own data is, in the same transaction

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if secret:
                try:
                    Webhook(secret).verify(body, dict(self.headers))
                except WebhookVerificationError as error:
                    self.send_error(401, str(error))
                    return
            message = self.headers["webhook-id"]
            if message not in seen:  # an event may come twice: its answer may have been lost on the way
                seen.add(message)
                event = json.loads(body)
                print(event["hook"]["event"], json.dumps(event["data"])[:200], flush=True)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing beside the events."""

    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        print(f"listening on http://127.0.0.1:{server.server_port}/", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    main(int(sys.argv[1]), sys.argv[2] if len(sys.argv) == 3 else None)
