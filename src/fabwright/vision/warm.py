"""An index whose set of geometries changes from scan to scan, as batches open and close, and is at hand at once.

The models are the geometries themselves, named by their keys. The search table of a set is kept on disk and mapped into
memory, so that all processes of a machine share it; for a new set only the geometries that the last one did not have
are read.
"""

from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fabwright.errors import InputError
from fabwright.vision import signature as sig
from fabwright.vision.index import Index, Signatures, Table, chosen, open_table, save_table, table_of
from fabwright.vision.layout import signature_path


def open_keys(folder: Path, keys: Iterable[str], last: Index | None = None) -> Index:
    """The index of these geometries, whose signatures lie in `folder`.

    Args:
        last: the index of the set before, of the same folder.

    Raises:
        InputError: no key is given.
        FileNotFoundError: a signature is missing.
        FormatError: a signature is damaged.
    """
    ordered = sorted(set(keys))
    if not ordered:
        raise InputError("an index needs at least one geometry")
    if last is not None and last.signatures.folder != folder:
        last = None
    if last is not None and last.keys == tuple(ordered):
        return last
    try:
        table = open_table(folder, ordered)
    except (FileNotFoundError, ValueError):
        table = save_table(folder, ordered, _assembled(folder, ordered, last))
    signatures = last.signatures if last is not None else Signatures(folder)
    return Index(signatures, {key: (key,) for key in ordered}, table)


def _assembled(folder: Path, keys: list[str], last: Index | None) -> Table:
    """The table of sorted keys, from that of the last set as far as it goes."""
    known = {key: number for number, key in enumerate(last.keys)} if last is not None else {}
    kept = [key for key in keys if key in known]
    new = [key for key in keys if key not in known]
    read = table_of([sig.read(signature_path(folder, key)) for key in new]) if new else None
    if last is None or not kept:
        assert read is not None  # there is at least one key, and none of them is known
        return read
    old = chosen(last.table, np.array([known[key] for key in kept], np.int64))
    if read is None:
        return old
    place = {key: number for number, key in enumerate([*kept, *new])}
    return chosen(_joined(old, read), np.array([place[key] for key in keys], np.int64))


def _joined(first: Table, second: Table) -> Table:
    """The geometries of both tables, one after the other."""
    offset = {
        "pose_start": len(first.pose_model),
        "corner_start": len(first.corners),
        "pose_model": len(first.unit),
    }

    def both(name: str) -> NDArray[Any]:
        a, b = getattr(first, name), getattr(second, name)
        if name.endswith("_start"):
            a = a[:-1]
        return np.concatenate([a, b + offset[name] if name in offset else b])

    return Table(**{field.name: both(field.name) for field in fields(Table)})
