"""A receiver in a process of its own, which may be killed: `python tests/killable_receiver.py PORT LOG`.

Each request is one line of the log (time, id, event, subject, step, hash of the body), written before it is answered.
"""

import asyncio
import hashlib
import json
import sys
import time
from pathlib import Path


async def serve(port: int, log: Path) -> None:
    """Answers 204 to everything, until the process ends."""
    out = log.open("ab", buffering=0)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = [line.partition(b":") for line in head.lower().split(b"\r\n")[1:] if line]
                headers = {name.decode(): value.strip().decode() for name, _, value in lines}
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                arrived = time.time()
                said = json.loads(body)
                subject, step = said["data"].get("uuid", "-"), said["data"].get("step", 0)
                digest = hashlib.sha256(body).hexdigest()
                line = f"{arrived} {headers['webhook-id']} {said['hook']['event']} {subject} {step} {digest}\n"
                out.write(line.encode())
                writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", port, reuse_address=True, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
