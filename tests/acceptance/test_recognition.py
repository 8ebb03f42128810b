"""A tray is photographed by a simulated station, and each piece finds its part: over HTTP, with the workers running."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.running_service import FABWRIGHT, RunningService, started, wait_until
from tests.simulated_station import SimulatedStation, small_station, stl
from tests.webhook_receiver import LOOPBACK, Receiver

LINES = [("wall_bracket", "step", 2), ("hinge", "ring", 1), ("latch", "ring", 1), ("peg", "peg", 1)]
PIECES = ["step", "ring", "peg", "ring", "step"]


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with Receiver() as found:
        yield found


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    with started(tmp_path_factory.mktemp("eyes"), workers=1, FABWRIGHT_WEBHOOK_ALLOW=LOOPBACK) as service:
        yield service


def ok(answer: httpx.Response) -> Any:
    assert answer.is_success, f"{answer.request.url} {answer.status_code} {answer.text[:1000]}"
    return answer.json()


def prepare(client: httpx.Client, station: SimulatedStation, target: str) -> str:
    """Models, parts, a ready batch, the rig and a session; returns the session."""
    for event in ("scan.capture", "scan.assign"):
        ok(client.post("/api/webhook/", json={"event": event, "target": target}))
    for name in ("step", "ring", "peg"):
        ok(client.post("/api/model/", data={"id": name}, files={"geometry": (f"{name}.stl", stl(name))}))
    parts = [
        {"id": part, "title": part, "copies": copies, "model": model, "material": "PA12", "attributes": {}}
        for part, model, copies in LINES
    ]
    ok(client.put("/api/part/", json=parts))
    ok(client.post("/api/batch/", json={"id": "tray", "query": ""}))
    wait_until(lambda: ok(client.get("/api/batch/tray/"))["status"] == "READY", within_s=180)
    files = {name: (name, data) for name, data in station.rig_files().items()}
    ok(client.post("/api/rig/", files=files))
    return str(ok(client.post("/api/scan_session/", json={"batch": "tray"}))["uuid"])


def scan(client: httpx.Client, session: str, photos: dict[str, bytes]) -> tuple[str, dict[str, Any]]:
    """Posts photos; the uuid of the scan, and what its candidates are once recognition has looked."""
    files = {name: (f"{name}.png", data, "image/png") for name, data in photos.items()}
    posted = ok(client.post("/api/scan/", data={"scan_session": session}, files=files))
    assert posted["assignment"] is None  # answered before anybody has looked
    address = f"/api/scan/{posted['uuid']}/candidates/"

    def look() -> Any:
        found = ok(client.get(address))
        return found if found["status"] == "done" else None

    return posted["uuid"], wait_until(look, within_s=400)


@pytest.mark.timeout(900)  # a fresh clone compiles the kernels first
def test_pieces_of_a_tray_find_their_parts(running: RunningService, receiver: Receiver) -> None:
    station = small_station()
    with running.client("eyes", "Eye Works") as client:
        session = prepare(client, station, receiver.url)
        given = {}
        for number, model in enumerate(PIECES):
            uuid, found = scan(client, session, station.photos(model, seed=number))
            assert found["decision"] == "assigned", found
            given[uuid] = ok(client.get(f"/api/scan/{uuid}/"))["assignment"]["part_id"]
        assert sorted(given.values()) == ["hinge", "latch", "peg", "wall_bracket", "wall_bracket"]
        assert ok(client.get("/api/batch/tray/"))["counts"]["assigned"] == 5
        uuid, found = scan(client, session, station.photos("step", seed=20))
        assert found["decision"] == "ask"
        assert "one too many" in found["detail"]
        _, found = scan(client, session, station.photos("peg_longer"))
        assert found["decision"] != "assigned"

        def drawn() -> Any:
            return ok(client.get(f"/api/scan/{uuid}/candidates/"))["candidates"][0]["pictures"]

        picture = wait_until(drawn, within_s=120)[0]
        assert httpx.get(picture["url"]).content[:2] == b"\xff\xd8"
        wait_until(lambda: len(told(receiver, "scan.capture")) == 7, within_s=60)
        wait_until(lambda: len(told(receiver, "scan.assign")) == 5, within_s=60)
        assert {uuid: one["assignment"]["part_id"] for uuid, one in told(receiver, "scan.assign").items()} == given
        assert not any(one["assignment"]["manual"] for one in told(receiver, "scan.assign").values())


def test_shots_in_a_watched_folder_become_scans(running: RunningService, tmp_path: Path) -> None:
    rig = small_station()
    with running.client("folder", "Folder Works") as client:
        ok(client.post("/api/batch/", json={"id": "any", "query": ""}))
        ok(client.post("/api/rig/", files={name: (name, data) for name, data in rig.rig_files().items()}))
        session = ok(client.post("/api/scan_session/", json={"batch": "any"}))["uuid"]
        for camera, data in rig.photos("ring").items():
            (tmp_path / f"piece-7_{camera}.png").write_bytes(data)
        done = subprocess.run(
            [
                *FABWRIGHT, "vision", "station", "--url", running.url, "--session", session,
                "--folder", str(tmp_path), "--timeout-s", "2",
            ],
            env={**running.env, "FABWRIGHT_TOKEN": running.token("folder", "Folder Works")},
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        (scan,) = ok(client.get(f"/api/scan/?scan_session={session}"))["results"]
        assert done.stdout == f"piece-7 is scan {scan['uuid']}\n"
        assert len(scan["scan_urls"]) == 3
    assert len(list((tmp_path / "done" / "piece-7").iterdir())) == 3


def told(receiver: Receiver, event: str) -> dict[str, Any]:
    """What arrived of an event, by scan."""
    bodies = [arrival.json for arrival in list(receiver.arrivals)]
    return {body["data"]["uuid"]: body["data"] for body in bodies if body["hook"]["event"] == event}
