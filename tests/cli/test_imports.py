"""`fabwright import` as a user runs it, with the embedded database of a data folder of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

from fabwright.cli.imports import _company, _setup
from fabwright.demo.house import build_house
from fabwright.errors import InputError
from fabwright.server.common.models import Company
from fabwright.server.projects.models import IfcParsingSetup, Project
from tests.making_helpers import ifc_of
from tests.running_service import environment

HOUSE = build_house()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("import") / "data"


def run(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "fabwright", "import", *arguments],
        env=environment(data), capture_output=True, text=True, check=False, timeout=240,
    )  # fmt: skip


@pytest.mark.slow
def test_a_file_becomes_designs_and_what_is_wrong_is_said_in_one_sentence(data: Path, tmp_path: Path) -> None:
    house = tmp_path / "Project house.ifc"
    house.write_bytes(ifc_of(HOUSE[:2]))
    first = run(data, str(house), "--project", "Larch house")
    assert first.returncode == 0, first.stderr
    assert "2 designs, 2 new or changed" in first.stdout
    for panel in HOUSE[:2]:
        assert panel.name in first.stdout
    house.write_bytes(house.read_bytes()[:2000])
    wrong = run(data, str(house), "--project", "Larch house")
    assert wrong.returncode == 2
    assert "truncated" in wrong.stderr
    assert len(wrong.stderr.strip().splitlines()) == 1, wrong.stderr


def test_an_unknown_setup_is_an_error_that_names_the_known_ones(company: Company) -> None:
    project = Project.objects.create(company=company, name="Larch house")
    IfcParsingSetup.objects.create(company=company, name="Timber CAD")
    with pytest.raises(InputError, match="there is no IFC parsing setup No such; known are: Timber CAD"):
        _setup(project, "No such")
    assert _setup(project, "Timber CAD").name == "Timber CAD"


def test_the_company_must_be_said_when_there_are_several(company: Company) -> None:
    assert _company("") == company
    other = _company("Second")
    assert other.name == "Second"
    with pytest.raises(InputError, match="House Works, Second"):
        _company("")
