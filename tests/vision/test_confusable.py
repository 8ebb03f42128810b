from pathlib import Path

import pytest
import trimesh

from fabwright.errors import InputError
from fabwright.vision.confusable import assign_by_copies, find_groups
from fabwright.vision.index import build, load_index
from tests.vision.conftest import write_parts


def test_blocks_that_differ_by_a_hair_are_a_group_and_others_are_not(tmp_path: Path) -> None:
    models = write_parts(tmp_path / "models", ["ring", "bracket", "bracket_mirrored", "family/block_40"])
    near = trimesh.creation.box((40.03, 25.0, 12.0))
    (models / "near_40.stl").write_bytes(near.export(file_type="stl"))
    build(models, tmp_path / "index")
    groups = find_groups(load_index(tmp_path / "index"), threads=1)
    assert [g.models for g in groups] == [("family/block_40", "near_40")]
    pair = groups[0].pairs[0]
    assert pair.share > 0.5
    assert max(pair.extents_mm) == pytest.approx(0.03, abs=0.002)


def test_an_unknown_name_is_refused(tmp_path: Path) -> None:
    build(write_parts(tmp_path / "models", ["ring"]), tmp_path / "index")
    with pytest.raises(InputError, match="no model"):
        find_groups(load_index(tmp_path / "index"), ["gear"])


def test_a_group_is_filled_by_remaining_copies() -> None:
    assert assign_by_copies(["a", "b"], {"a": 1, "b": 3}) == "b"
    assert assign_by_copies(["a", "b"], {"a": 2, "b": 2}) == "a"
    assert assign_by_copies(["a", "b"], {"a": 0}) is None
