import json
import shutil
from pathlib import Path

import pytest

from fabwright.errors import FormatError, InputError
from fabwright.vision import index as rooms
from fabwright.vision.index import build, load_index, signature_path
from tests.vision.conftest import write_parts


def test_the_name_of_a_model_is_its_relative_path_without_ending(models: Path, tmp_path: Path) -> None:
    build(models, tmp_path)
    names = {name for names in load_index(tmp_path).members.values() for name in names}
    assert "family/block_40" in names
    assert "ring" in names


def test_a_second_run_computes_nothing(models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(models, tmp_path)
    monkeypatch.setattr(rooms, "add_file", lambda *_: pytest.fail("computed again"))
    assert all(outcome.key for outcome in build(models, tmp_path))


def test_an_interrupted_run_goes_on_where_it_was(models: Path, tmp_path: Path) -> None:
    class Stop(Exception):
        pass

    done: list[str] = []

    def stop_after_two(outcome: rooms.Outcome) -> None:
        done.append(outcome.name)
        if len(done) == 2:
            raise Stop

    with pytest.raises(Stop):
        build(models, tmp_path, progress=stop_after_two)
    before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*.sig")}
    assert len(before) == 2
    with pytest.raises(FormatError, match="not an index"):
        load_index(tmp_path)
    build(models, tmp_path)
    assert len(load_index(tmp_path).keys) == 6
    assert all(p.stat().st_mtime_ns == t for p, t in before.items())


def test_new_models_join_and_removed_ones_leave(tmp_path: Path) -> None:
    models, folder = tmp_path / "models", tmp_path / "index"
    write_parts(models, ["ring", "wedge"])
    build(models, folder)
    write_parts(models, ["bracket"])
    (models / "ring.stl").unlink()
    build(models, folder)
    opened = load_index(folder)
    assert {n for names in opened.members.values() for n in names} == {"wedge", "bracket"}
    assert len(opened.table.support) == 2


def test_two_names_of_one_geometry_share_a_signature(tmp_path: Path) -> None:
    models = write_parts(tmp_path / "models", ["ring", "wedge"])
    shutil.copy(models / "ring.stl", models / "also_ring.stl")
    build(models, tmp_path / "index")
    opened = load_index(tmp_path / "index")
    assert ("also_ring", "ring") in opened.members.values()
    assert len(opened.keys) == 2


def test_a_bad_file_is_told_and_the_others_are_indexed(tmp_path: Path) -> None:
    models = write_parts(tmp_path / "models", ["ring"])
    (models / "cut.stl").write_bytes((models / "ring.stl").read_bytes()[:500])
    (models / "nothing.stl").write_bytes(b"")
    outcomes = {o.name: o for o in build(models, tmp_path / "index")}
    assert outcomes["cut"].problem
    assert outcomes["nothing"].problem
    assert outcomes["ring"].key
    assert set(json.loads((tmp_path / "index" / "index.json").read_text())["problems"]) == {"cut", "nothing"}


def test_a_subset_searches_only_its_models(index: rooms.Index) -> None:
    small = index.subset(["ring", "bracket"])
    assert len(small.keys) == 2
    assert len(small.table.pose_model) == small.table.pose_start[-1]
    with pytest.raises(InputError, match="no model 'gear'"):
        index.subset(["ring", "gear"])


def test_a_lost_table_is_made_again(models: Path, tmp_path: Path) -> None:
    build(models, tmp_path)
    for path in tmp_path.glob("table-*"):
        path.unlink()
    assert len(load_index(tmp_path).table.support) == 6


def test_a_damaged_signature_is_named(models: Path, tmp_path: Path) -> None:
    build(models, tmp_path)
    opened = load_index(tmp_path)
    path = signature_path(tmp_path, opened.keys[0])
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(FormatError, match="damaged"):
        opened.signature(opened.keys[0])
