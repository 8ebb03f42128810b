"""kill -9 of workers at every named point of imports and analyses: each file is read, once, by somebody."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from fabwright.demo.house import build_house
from tests.making_helpers import ifc_of
from tests.running_service import RunningService, started, wait_until
from tests.small_factory import made

pytestmark = [pytest.mark.crash, pytest.mark.slow, pytest.mark.xdist_group("crash")]

HOUSE = build_house()
JOBS = Path(__file__).parents[2] / "src/fabwright/server/designs/jobs.py"
POINTS = re.findall(r'reached\("((?:import|analysis)\.\w+)"\)', JOBS.read_text(encoding="utf-8"))
DESIGNS = "/api/v2/constructibles/assembly_designs/"


@pytest.fixture(scope="module")
def kill_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kill")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, kill_folder: Path) -> Iterator[RunningService]:
    data = tmp_path_factory.mktemp("import-crash")
    with started(data, workers=2, FABWRIGHT_KILL_AT=str(kill_folder)) as service:
        yield service


@pytest.fixture(scope="module")
def client(service: RunningService) -> Iterator[httpx.Client]:
    with service.client() as client:
        yield client


def got(client: httpx.Client, address: str) -> Any:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    return answer.json()


def upload(client: httpx.Client, address: str, panels: int, **fields: str) -> Any:
    file = ("house.ifc", ifc_of(HOUSE[:panels]), "application/x-step")
    answer = client.post(address, files={"file": file}, data=fields)
    assert answer.is_success, answer.text
    return answer.json()


def test_an_import_makes_its_designs_once_although_workers_die_at_every_point(
    client: httpx.Client, kill_folder: Path
) -> None:
    points = [point for point in POINTS if point.startswith("import.")]
    assert len(points) == 3
    for point in points:
        (kill_folder / point).touch()
    project = made(client, "/api/v2/company/projects/", {"name": "Killed"})["uuid"]
    imports = f"/api/v2/company/projects/{project}/imports/"
    uuid = upload(client, imports, 2)["uuid"]

    def done() -> Any:
        state = got(client, f"{imports}{uuid}/")
        assert state["status"] != "error", state
        return state if state["status"] == "done" else None

    state = wait_until(done, within_s=60 + 30 * len(points))
    wait_until(lambda: not list(kill_folder.iterdir()), within_s=60)
    designs = got(client, f"{DESIGNS}?project={project}")
    assert [design["uuid"] for design in designs] == state["assembly_designs"]
    for design, panel in zip(designs, HOUSE, strict=False):
        assert len(got(client, f"{DESIGNS}{design['uuid']}/parts/")) == len(panel.parts)
        assert len(got(client, f"{DESIGNS}{design['uuid']}/files/")) == 1


def test_an_analysis_is_finished_although_workers_die_at_every_point(client: httpx.Client, kill_folder: Path) -> None:
    points = [point for point in POINTS if point.startswith("analysis.")]
    assert len(points) == 3
    for point in points:
        (kill_folder / point).touch()
    project = made(client, "/api/v2/company/projects/", {"name": "Killed"})["uuid"]
    design = made(client, DESIGNS, {"project": project, "name": "H108"})["uuid"]
    upload(client, f"{DESIGNS}{design}/files/", 1, category="ifc")

    def done() -> bool:
        meta = got(client, f"{DESIGNS}{design}/")["meta"]
        assert meta["analysis"] != "error", meta
        return bool(meta["analysis"] == "done")

    wait_until(done, within_s=60 + 30 * len(points))
    wait_until(lambda: not list(kill_folder.iterdir()), within_s=60)
    assert got(client, f"{DESIGNS}{design}/")["revision"] == 0
    assert len(got(client, f"{DESIGNS}{design}/parts/")) == len(HOUSE[0].parts)
