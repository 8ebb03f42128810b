"""The programs in examples/ run as their first lines say."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from fabwright.demo.house import build_house
from fabwright.formats.ifc import write_ifc
from tests.running_service import FABWRIGHT, RunningService, started, wait_until
from tests.simulated_station import stl
from tests.webhook_receiver import LOOPBACK

EXAMPLES = Path(__file__).parents[2] / "examples"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.xdist_group("service")]


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    with started(tmp_path_factory.mktemp("examples"), workers=1, FABWRIGHT_WEBHOOK_ALLOW=LOOPBACK) as service:
        yield service


def run(folder: Path, *command: str) -> str:
    """What a program prints, run in a folder."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@contextmanager
def listening(secret: str, port: int = 0) -> Iterator[tuple[str, list[str]]]:
    """The receiver of the examples: its address, and the lines that it has printed when it is over."""
    command = [sys.executable, str(EXAMPLES / "receive_webhooks.py"), str(port), secret]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    lines: list[str] = []
    try:
        yield process.stdout.readline().strip().removeprefix("listening on "), lines
    finally:
        process.terminate()
        lines += process.stdout.read().splitlines()
        process.wait(timeout=10)


def test_a_first_report_leaves_a_list_and_a_file_for_the_saw(local: RunningService, tmp_path: Path) -> None:
    write_ifc(build_house()[:2], tmp_path / "house.ifc")
    program = str(EXAMPLES / "first_report.py")
    said = run(tmp_path, sys.executable, program, local.url, local.token("first", "First Works"), "house.ifc")
    assert "2 panels were read from house.ifc" in said
    assert (tmp_path / "wood_bom.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "wood_btl.zip").read_bytes().startswith(b"PK")


def test_a_first_scan_says_which_part_it_is_twice(local: RunningService, tmp_path: Path) -> None:
    models = tmp_path / "stl"
    models.mkdir()
    for name in ("step", "peg"):
        (models / f"{name}.stl").write_bytes(stl(name))
    places = ["--models", "stl", "--out", "scans"]
    run(tmp_path, *FABWRIGHT, "vision", "simulate", *places, "--scans", "1", "--cameras", "3")
    for _ in range(2):  # a newcomer starts it again
        program = [sys.executable, str(EXAMPLES / "first_scan.py")]
        said = run(tmp_path, *program, local.url, local.token("first", "First Works"), "stl", "scans")
        assert said.startswith("scan-0000: assigned: "), said


def test_the_receiver_takes_signed_events_once_and_refuses_others(local: RunningService) -> None:
    with local.client("hooks", "Hook Works") as client:
        made = client.post("/api/webhook/", json={"event": "batch.advance", "target": "http://127.0.0.1:1/"}).json()
        with listening(made["secret"]) as (address, lines):
            client.patch(f"/api/webhook/{made['id']}/", json={"target": address}).raise_for_status()
            client.post(f"/api/webhook/{made['id']}/test/").raise_for_status()

            def arrived() -> bool:
                log = client.get("/api/webhook_delivery/", params={"webhook": made["id"]}).json()["results"]
                return any(one["state"] == "delivered" for one in log)

            wait_until(arrived)
            forged = {"webhook-id": "msg_1", "webhook-timestamp": "1", "webhook-signature": "v1,AAAA"}
            assert httpx.post(address, content=b"{}", headers=forged).status_code == 401
    assert [line.split()[0] for line in lines] == ["webhook.test"]
