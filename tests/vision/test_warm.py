"""An index whose set of geometries changes."""

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from fabwright.errors import InputError
from fabwright.vision import index as rooms
from fabwright.vision.index import Index, Table, table_of
from fabwright.vision.signature import read
from fabwright.vision.warm import open_keys


@pytest.fixture
def folder(index: Index, tmp_path: Path) -> Path:
    (tmp_path / "signatures").symlink_to(index.signatures.folder / "signatures")
    return tmp_path


def equal(first: Table, second: Table) -> bool:
    return all(np.array_equal(getattr(first, f.name), getattr(second, f.name)) for f in fields(Table))


def test_going_from_set_to_set_gives_what_a_fresh_start_gives(
    index: Index, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = list(index.keys)
    last = open_keys(folder, keys[:3])
    read_again: list[Path] = []
    monkeypatch.setattr("fabwright.vision.warm.sig.read", lambda path: read_again.append(path) or read(path))
    for chosen in (keys[1:5], keys, keys[2:4], [keys[5], keys[0]]):
        before = set(last.keys)
        last = open_keys(folder, chosen, last)
        assert last.keys == tuple(sorted(chosen))
        fresh = table_of([read(rooms.signature_path(folder, key)) for key in sorted(chosen)])
        assert equal(last.table, fresh)
        assert {path.stem for path in read_again} == set(chosen) - before
        read_again.clear()


def test_the_same_set_is_the_same_index(index: Index, folder: Path) -> None:
    first = open_keys(folder, index.keys)
    assert open_keys(folder, reversed(index.keys), first) is first
    assert isinstance(first.table.support.base, np.memmap) or isinstance(first.table.support, np.memmap)


def test_what_is_missing_or_empty_is_told(index: Index, folder: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_keys(folder, [index.keys[0], "ab" * 20])
    with pytest.raises(InputError, match="at least one"):
        open_keys(folder, [])
