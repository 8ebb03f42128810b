import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from fabwright.cli.vision import vision
from fabwright.errors import FormatError


def run(*arguments: object) -> str:
    result = CliRunner().invoke(vision, [str(a) for a in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture(scope="module")
def folder(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("commands")
    run("index", "--models", models, "--out", folder / "index", "--jobs", 1)
    run("simulate", "--models", models, "--out", folder / "scans", "--scans", 3, "--noise", "low", "--seed", 4)
    return folder


def test_index_simulate_identify_and_evaluate_fit_together(folder: Path) -> None:
    out = folder / "found.json"
    run("identify", "--index", folder / "index", "--bundle", folder / "scans", "--out", out)
    found, truth = json.loads(out.read_text()), json.loads((folder / "scans" / "truth.json").read_text())
    assert list(found) == sorted(truth)
    for scan, answer in found.items():
        assert answer["candidates"][0]["model"] == truth[scan]
        chances = [c["probability"] for c in answer["candidates"]]
        assert chances == sorted(chances, reverse=True)
        assert len(chances) <= 20
        assert answer["decision"] in {"assigned", "ask", "unknown"}
        assert answer["ms"] > 0
    table = run("evaluate", "--truth", folder / "scans" / "truth.json", "--predictions", out)
    assert "100.00%" in table
    assert "3 of 3" in table


def test_a_scan_with_a_missing_picture_is_unknown_and_the_others_go_on(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder / "scans", tmp_path / "scans")
    (tmp_path / "scans" / "scan-0001" / "scan_cam03.png").unlink()
    (tmp_path / "scans" / "scan-0002" / "scan_cam02.png").write_bytes(b"no picture")
    run("identify", "--index", folder / "index", "--bundle", tmp_path / "scans", "--out", tmp_path / "found.json")
    found = json.loads((tmp_path / "found.json").read_text())
    assert [found[s]["decision"] for s in ("scan-0001", "scan-0002")] == ["unknown", "unknown"]
    assert found["scan-0001"]["detail"] == "cam03"
    assert found["scan-0000"]["candidates"]


def test_confusable_says_how_many_groups(folder: Path) -> None:
    out = folder / "groups.json"
    text = run("confusable", "--index", folder / "index", "--model", "ring", "--model", "wedge", "--json", out)
    assert "0 groups among 2 geometries" in text
    assert json.loads(out.read_text()) == []


def test_a_folder_that_is_no_bundle_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"no rig\.json"):
        run("identify", "--index", folder / "index", "--bundle", tmp_path, "--out", tmp_path / "x.json")


def test_every_command_has_an_example() -> None:
    for name in ("index", "identify", "confusable", "evaluate", "simulate"):
        assert f"fabwright vision {name}" in run(name, "--help")
