"""A real S3 server that checks signatures (SeaweedFS, from a wheel), for as long as a `with` lasts."""

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

_TRIES = 4
ACCESS_KEY, SECRET_KEY, BUCKET = "test-key", "test-secret", "test-blobs"


@dataclass(frozen=True)
class S3Server:
    endpoint: str
    bucket: str = BUCKET

    @property
    def address(self) -> str:
        return f"s3://{self.bucket}?endpoint={self.endpoint}"


@contextmanager
def s3_server(folder: Path) -> Iterator[S3Server]:
    """Starts the server with its data in `folder`; ready when the bucket takes an object."""
    (folder / "s3.json").write_text(
        json.dumps(
            {
                "identities": [
                    {
                        "name": "tests",
                        "credentials": [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}],
                        "actions": ["Admin", "Read", "Write", "List"],
                    }
                ]
            }
        )
    )
    server, process, ports = _started(folder)
    try:
        yield server
    finally:
        _end(process, ports)
        shutil.rmtree(folder, ignore_errors=True)


def _started(folder: Path) -> tuple[S3Server, subprocess.Popen[bytes], list[int]]:
    """Tries again with other ports when somebody took one between our looking and the server's binding."""
    for _ in range(_TRIES - 1):
        with suppress(RuntimeError):
            return _started_once(folder)
    return _started_once(folder)


def _started_once(folder: Path) -> tuple[S3Server, subprocess.Popen[bytes], list[int]]:
    program = Path(sys.executable).parent / "weed"
    ports = _free_ports(4)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([program, *_arguments(folder, ports)], stdout=log, stderr=log, cwd=folder)
    server = S3Server(f"http://127.0.0.1:{ports[3]}")
    try:
        _wait_until_ready(server, process, folder / "log")
    except BaseException:
        _end(process, ports)
        raise
    return server, process, ports


def _end(process: subprocess.Popen[bytes], ports: list[int]) -> None:
    process.kill()  # nothing of its data is wanted; a polite end takes 15 s
    process.wait()
    for port in ports:
        for socket_file in Path("/tmp").glob(f"seaweedfs-*-{port + 10_000}.sock"):
            socket_file.unlink(missing_ok=True)


def _arguments(folder: Path, ports: list[int]) -> list[str]:
    master, volume, filer, s3 = (str(port) for port in ports)
    return [
        *("-logtostderr", "server", "-dir", str(folder), "-ip", "127.0.0.1", "-ip.bind", "127.0.0.1"),
        *("-master.port", master, "-volume.port", volume, "-filer.port", filer, "-s3", "-s3.port", s3),
        *("-s3.config", str(folder / "s3.json"), "-s3.port.iceberg", "0", "-s3.port.lance", "0"),
        *("-master.telemetry=false", "-master.electionTimeout", "200ms", "-master.heartbeatInterval", "50ms"),
        *("-master.volumeSizeLimitMB", "64", "-volume.max", "16", "-volume.preStopSeconds", "0"),
        *("-filer.localSocket", str(folder / "filer.sock"), "-s3.localSocket", str(folder / "s3.sock")),
    ]


def _free_ports(count: int) -> list[int]:
    """Free ports whose neighbours 10,000 above, where the server puts its internal protocol, are free too."""
    with ExitStack() as held:
        ports: list[int] = []
        while len(ports) < count:
            pair = [held.enter_context(socket.socket()) for _ in range(2)]
            pair[0].bind(("127.0.0.1", 0))
            port = pair[0].getsockname()[1]
            if port + 10_000 > 65_535:
                continue
            try:
                pair[1].bind(("127.0.0.1", port + 10_000))
            except OSError:
                continue
            ports.append(port)
        return ports


def _wait_until_ready(server: S3Server, process: subprocess.Popen[bytes], log: Path) -> None:
    client = boto3.client(
        "s3",
        endpoint_url=server.endpoint,
        region_name="us-east-1",
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
        config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}, connect_timeout=1),
    )
    deadline = time.monotonic() + 60
    while True:
        try:
            client.create_bucket(Bucket=server.bucket)
            client.put_object(Bucket=server.bucket, Key="ready", Body=b"ready")
            return
        except (BotoCoreError, ClientError) as error:
            if process.poll() is not None or time.monotonic() > deadline:
                said = log.read_text(errors="replace")[-2000:]
                raise RuntimeError(f"the S3 server did not start: {error}\n{said}") from error
            time.sleep(0.1)
