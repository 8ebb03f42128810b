"""The folder of signatures: one file per geometry, names beside it, and a table for the search.

    index.json                 names of models and the key of their geometry, what could not be read and why
    signatures/ab/abcdef...    one file per geometry, written whole or not at all
    table-<hash>.npy files     the search table, memory-mapped, rebuilt when the set of geometries changes

Adding models computes only new geometries; an interrupted run goes on where it was, because every finished signature is
on disk under its address. Several names may share one geometry.
"""

import hashlib
import json
import os
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fabwright.errors import FabwrightError, FormatError, InputError
from fabwright.vision import signature as sig
from fabwright.vision.layout import SIGNATURE_VERSION, signature_path
from fabwright.vision.meshes import load_shape
from fabwright.vision.rig import Floats
from fabwright.vision.signature import Signature
from fabwright.vision.waves import waves_of

INDEX_VERSION = 1
CACHE = 256
"""Unpacked signatures kept in memory."""


@dataclass(frozen=True)
class Table:
    """All geometries as the search sees them, memory-mapped.

    `support` (n, g, g) int16 in units of `unit` (n,) mm; `pose_model` (p,) number of the geometry of each pose,
    `rotation` (p, 3, 3), `probability` (p,), `pose_start` (n + 1,) and
    `waves` (p, slopes, waves) in mm, see there; `corners` (c, 3) of all hulls one after the other,
    `corner_start` (n + 1,).
    """

    support: NDArray[np.int16]
    unit: NDArray[np.float32]
    pose_start: NDArray[np.int64]
    pose_model: NDArray[np.int32]
    rotation: NDArray[np.float32]
    probability: NDArray[np.float32]
    waves: NDArray[np.float32]
    corner_start: NDArray[np.int64]
    corners: NDArray[np.float32]


_FIELDS = tuple(Table.__dataclass_fields__)


class Signatures:
    """Unpacked signatures of a folder, the latest kept in memory. Safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._cache: OrderedDict[str, Signature] = OrderedDict()
        self._lock = Lock()

    def __getitem__(self, key: str) -> Signature:
        with self._lock:
            if key in self._cache:
                self._cache.move_to_end(key)
                return self._cache[key]
        found = sig.read(signature_path(self.folder, key))
        with self._lock:
            self._cache[key] = found
            while len(self._cache) > CACHE:
                self._cache.popitem(last=False)
        return found


class Index:
    """An opened index. `keys`: geometries in the table's order; `members[key]`: the names of its models."""

    def __init__(self, signatures: Signatures, members: dict[str, tuple[str, ...]], table: Table) -> None:
        self.signatures = signatures
        self.members = members
        self.keys = tuple(sorted(members))
        self.table = table

    def signature(self, key: str) -> Signature:
        """The whole signature of a geometry."""
        return self.signatures[key]

    def subset(self, names: Iterable[str]) -> "Index":
        """The same index with only these models open, for instance one batch. Raises InputError for unknown names."""
        wanted = set(names)
        members = {key: kept for key, all_ in self.members.items() if (kept := tuple(n for n in all_ if n in wanted))}
        if missing := wanted - {name for kept in members.values() for name in kept}:
            raise InputError(f"the index has no model {sorted(missing)[0]!r}")
        keep = np.array([i for i, key in enumerate(self.keys) if key in members], np.int64)
        return Index(self.signatures, members, chosen(self.table, keep))


def store(folder: Path, signature: Signature) -> int:
    """Write a signature, whole or not at all; returns its size in bytes."""
    path = signature_path(folder, signature.key)
    path.parent.mkdir(parents=True, exist_ok=True)
    data = sig.pack(signature)
    draft = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    draft.write_bytes(data)
    draft.replace(path)
    return len(data)


def add_file(folder: Path, path: Path) -> str:
    """Make sure that the signature of a model file is stored; returns the key of its geometry.

    Raises FormatError or InputError when the file cannot be used.
    """
    shape = load_shape(path)
    key = sig.geometry_key(shape.points, shape.faces)
    if not signature_path(folder, key).exists():
        store(folder, sig.compute(shape.points, shape.faces, closed=shape.closed, key=key))
    return key


@dataclass(frozen=True)
class Outcome:
    """What became of one model file: the key of its geometry, or why it cannot be used."""

    name: str
    key: str = ""
    problem: str = ""


def model_files(models: Path) -> list[Path]:
    """All STL files below a folder, sorted by name."""
    if not models.is_dir():
        raise InputError("is not a folder", where=str(models))
    return sorted(p for p in models.rglob("*") if p.suffix.lower() == ".stl" and p.is_file())


def build(
    models: Path, folder: Path, *, jobs: int = 1, progress: Callable[[Outcome], None] | None = None
) -> list[Outcome]:
    """Index all STL files below `models`; the name of a model is its relative path without the ending.

    Files whose size and time have not changed since the last run are not even read. `progress` is called once per file.
    """
    files = model_files(models)
    if not files:
        raise InputError("has no STL file", where=str(models))
    folder.mkdir(parents=True, exist_ok=True)
    journal = _Journal(folder)
    outcomes: list[Outcome] = []

    def done(path: Path, outcome: Outcome) -> None:
        journal.note(path, outcome)
        outcomes.append(outcome)
        if progress:
            progress(outcome)

    todo = []
    for path in files:
        name = path.relative_to(models).with_suffix("").as_posix()
        if known := journal.known(path, name):
            done(path, known)
        else:
            todo.append((path, name))
    for path, outcome in _work(folder, todo, jobs):
        done(path, outcome)
    journal.close()
    _publish(folder, outcomes)
    return outcomes


def _work(folder: Path, todo: list[tuple[Path, str]], jobs: int) -> Iterator[tuple[Path, Outcome]]:
    if jobs <= 1 or len(todo) < 8:
        for path, name in todo:
            yield path, _try(folder, path, name)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        queue = iter(todo)
        running: dict[Future[Outcome], Path] = {}
        while True:
            while len(running) < 4 * jobs and (task := next(queue, None)):
                running[pool.submit(_try, folder, *task)] = task[0]
            if not running:
                return
            for finished in wait(running, return_when=FIRST_COMPLETED).done:
                yield running.pop(finished), finished.result()


def _try(folder: Path, path: Path, name: str) -> Outcome:
    try:
        return Outcome(name, add_file(folder, path))
    except FabwrightError as error:
        return Outcome(name, problem=str(error))


class _Journal:
    """What earlier runs, also interrupted ones, have found: one JSON line per file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / "journal.jsonl"
        self._known: dict[str, dict[str, Any]] = {}
        if self._path.exists():
            for line in self._path.read_text(encoding="utf-8").splitlines():
                try:
                    entry = json.loads(line)
                    self._known[entry["name"]] = entry
                except (json.JSONDecodeError, KeyError, TypeError):
                    continue  # the last line of a killed run may be cut off; the file is then simply read again
        self._file = self._path.open("a", encoding="utf-8")
        self._file.write("\n")

    def known(self, path: Path, name: str) -> Outcome | None:
        entry = self._known.get(name)
        if entry is None or entry.get("stamp") != _stamp(path):
            return None
        key = str(entry.get("key", ""))
        if key and not signature_path(self._folder, key).exists():
            return None
        return Outcome(name, key, str(entry.get("problem", "")))

    def note(self, path: Path, outcome: Outcome) -> None:
        entry = {
            "name": outcome.name, "key": outcome.key, "problem": outcome.problem, "stamp": _stamp(path)
        }  # fmt: skip
        if self._known.get(outcome.name) != entry:
            self._file.write(json.dumps(entry) + "\n")
            self._file.flush()
            self._known[outcome.name] = entry

    def close(self) -> None:
        self._file.close()


def _stamp(path: Path) -> str:
    stat = path.stat()
    return f"{SIGNATURE_VERSION}:{stat.st_size}:{stat.st_mtime_ns}"


def _publish(folder: Path, outcomes: list[Outcome]) -> None:
    """Write names and search table so that a reader sees the old or the new state, nothing between."""
    names = {o.name: o.key for o in outcomes if o.key}
    if not names:
        raise InputError(f"no model could be used; {outcomes[0].name}: {outcomes[0].problem}")
    write_table(folder, sorted(set(names.values())))
    content = {
        "version": INDEX_VERSION,
        "signature_version": SIGNATURE_VERSION,
        "models": dict(sorted(names.items())),
        "problems": {o.name: o.problem for o in outcomes if o.problem},
    }
    draft = folder / f"index.json.{os.getpid()}.tmp"
    draft.write_text(json.dumps(content, indent=1), encoding="utf-8")
    draft.replace(folder / "index.json")


def load_index(folder: Path) -> Index:
    """Open an index. Raises FormatError when it is none, is damaged, or was made by another version."""
    path = folder / "index.json"
    if not path.exists():
        raise FormatError("is not an index (no index.json); make one with 'fabwright vision index'", where=str(folder))
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        models: dict[str, str] = content["models"]
        versions = (content["version"], content["signature_version"])
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise FormatError("is damaged", where=str(path)) from error
    if versions != (INDEX_VERSION, SIGNATURE_VERSION):
        raise FormatError("was made by another version; run 'fabwright vision index' again", where=str(path))
    grouped: dict[str, list[str]] = {}
    for name, key in models.items():
        grouped.setdefault(key, []).append(name)
    members = {key: tuple(sorted(names)) for key, names in grouped.items()}
    keys = sorted(members)
    try:
        table = open_table(folder, keys)
    except (FileNotFoundError, ValueError):
        table = write_table(folder, keys)
    return Index(Signatures(folder), members, table)


def _table_stem(folder: Path, keys: list[str]) -> Path:
    digest = hashlib.sha256("\n".join([str(INDEX_VERSION), *keys]).encode()).hexdigest()[:16]
    return folder / f"table-{digest}"


def write_table(folder: Path, keys: list[str]) -> Table:
    """Collect the search table of these geometries; older tables are removed afterwards."""
    try:
        return open_table(folder, keys)
    except (FileNotFoundError, ValueError):
        return save_table(folder, keys, table_of([sig.read(signature_path(folder, key)) for key in keys]))


def save_table(folder: Path, keys: list[str], table: Table) -> Table:
    """Store the table of these geometries, take others away, and map it into memory."""
    stem = _table_stem(folder, keys)
    for name in _FIELDS:
        draft = folder / f"{stem.name}.{name}.{os.getpid()}.tmp"
        with draft.open("wb") as file:
            np.save(file, getattr(table, name))
        draft.replace(folder / f"{stem.name}.{name}.npy")
    for old in folder.glob("table-*.npy"):
        if not old.name.startswith(stem.name):
            old.unlink(missing_ok=True)
    try:
        return open_table(folder, keys)
    except FileNotFoundError:  # another process has just stored that of another set
        return table


def table_of(signatures: list[Signature]) -> Table:
    """The search table of signatures, in their order."""
    poses = [len(s.rotations) for s in signatures]
    corners = [len(s.corners) for s in signatures]
    support = np.stack([s.support for s in signatures])
    unit = np.array([s.unit for s in signatures], np.float32)
    pose_model = np.repeat(np.arange(len(signatures)), poses).astype(np.int32)
    rotation = np.concatenate([s.rotations for s in signatures]).astype(np.float32)
    return Table(
        support=support,
        unit=unit,
        pose_start=np.concatenate([[0], np.cumsum(poses)]).astype(np.int64),
        pose_model=pose_model,
        rotation=rotation,
        waves=waves_of(support, unit, pose_model, rotation),
        probability=np.concatenate([s.probabilities for s in signatures]).astype(np.float32),
        corner_start=np.concatenate([[0], np.cumsum(corners)]).astype(np.int64),
        corners=np.concatenate([s.corners for s in signatures]).astype(np.float32),
    )


def open_table(folder: Path, keys: list[str]) -> Table:
    """The stored table of these geometries, mapped into memory. FileNotFoundError or ValueError: there is none."""
    stem = _table_stem(folder, keys)
    arrays = {name: np.asarray(np.load(folder / f"{stem.name}.{name}.npy", mmap_mode="r")) for name in _FIELDS}
    table = Table(**arrays)
    if len(table.support) != len(keys):
        raise ValueError("table of another index")
    return table


def chosen(table: Table, keep: NDArray[np.int64]) -> Table:
    """The table of these geometries alone, in this order."""

    def spread(start: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        counts = start[keep + 1] - start[keep]
        rows = np.concatenate([np.arange(start[i], start[i + 1]) for i in keep]) if len(keep) else np.zeros(0)
        return rows.astype(np.int64), np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)

    poses, pose_start = spread(table.pose_start)
    corners, corner_start = spread(table.corner_start)
    return Table(
        support=table.support[keep],
        unit=table.unit[keep],
        pose_start=pose_start,
        pose_model=np.repeat(np.arange(len(keep)), np.diff(pose_start)).astype(np.int32),
        rotation=table.rotation[poses],
        probability=table.probability[poses],
        waves=table.waves[poses],
        corner_start=corner_start,
        corners=table.corners[corners],
    )


def corners_of(table: Table, model: int) -> Floats:
    """Hull corners (k, 3) of one geometry of the table."""
    begin, end = int(table.corner_start[model]), int(table.corner_start[model + 1])
    return np.asarray(table.corners[begin:end], np.float64)
