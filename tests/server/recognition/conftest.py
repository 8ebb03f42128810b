from pathlib import Path
from typing import Any

import pytest

from fabwright.server.recognition import jobs
from fabwright.server.sorting.jobs import process_batch
from fabwright.server.sorting.models import Batch
from tests.server.checking import ATTRIBUTES, Api, api, file
from tests.simulated_station import SimulatedStation, small_station, stl

__all__ = ["api"]

MODELS = ("step", "ring", "peg", "peg_longer")


@pytest.fixture(autouse=True)
def own_data_folder(tmp_path: Path, settings: Any) -> None:
    """Signatures are brought into the data folder: each test has one of its own."""
    settings.DATA = tmp_path


@pytest.fixture(scope="session")
def belt() -> SimulatedStation:
    return small_station()


class Floor:
    """A company with models, a rig and a batch that is ready; calls run the jobs that a worker would run."""

    def __init__(self, api: Api, station: SimulatedStation) -> None:
        self.api = api
        self.station = station

    def line(self, key: str, model: str, copies: int = 1, material: str = "PA12", tray: str = "1") -> dict[str, Any]:
        """An order line to PUT."""
        attributes = {"tray": tray}
        return {
            "id": key, "title": key, "copies": copies, "model": model, "material": material, "attributes": attributes,
        }  # fmt: skip

    def open(self, *lines: dict[str, Any], batch: str = "1") -> str:
        """Makes a batch of the lines ready and starts a session."""
        self.api.put("part/", list(lines))
        self.api.post("batch/", {"id": batch, "query": f"tray={batch}"})
        process_batch.func(batch=Batch.objects.get(key=batch).pk)
        return self.api.session(batch)

    def upload(self, session: str, photos: dict[str, bytes]) -> str:
        """A scan that nobody has looked at yet."""
        files = {name: file(f"{name}.png", data) for name, data in photos.items()}
        return str(self.api.post("scan/", {"scan_session": session, **files}, form=True)["uuid"])

    def scan(self, session: str, photos: dict[str, bytes]) -> tuple[str, dict[str, Any]]:
        """A scan and what recognition says of it."""
        scan = self.upload(session, photos)
        jobs.recognise.func(scan=scan)
        return scan, self.api.get(f"scan/{scan}/candidates/")

    def part_of(self, scan: str) -> str | None:
        """What the scan is assigned to."""
        assignment = self.api.get(f"scan/{scan}/")["assignment"]
        return None if assignment is None else str(assignment["part_id"])


@pytest.fixture
def floor(api: Api, belt: SimulatedStation) -> Floor:
    api.put("part_attribute/", ATTRIBUTES)
    for name in MODELS:
        api.post("model/", {"id": name, "geometry": file(f"{name}.stl", stl(name))}, form=True)
    files = {name: file(name, data) for name, data in belt.rig_files().items()}
    api.post("rig/", files, form=True)
    return Floor(api, belt)
