"""Small parts and a simulated station, shared by the tests of the room."""

from pathlib import Path

import numpy as np
import pytest
import trimesh

from fabwright.vision.index import Index, build, load_index
from fabwright.vision.rig import Rig
from fabwright.vision.simulate import Conditions, Station, default_rig


def _box(extents: tuple[float, float, float], at: tuple[float, float, float]) -> trimesh.Trimesh:
    box = trimesh.creation.box(extents)
    box.apply_translation(np.array(at) + np.array(extents) / 2)
    return box


def bracket(mirror: bool = False) -> trimesh.Trimesh:
    """An L with a post at one end: chiral."""
    bodies = [
        _box((50, 20, 6), (0, 0, 0)),
        _box((6, 20, 30), (0, 0, 0)),
        _box((10, 6, 18), (40, 0, 0)),
    ]
    part = trimesh.boolean.union(bodies, engine="manifold")
    if mirror:
        part.apply_transform(np.diag([1.0, -1.0, 1.0, 1.0]))
    return part


PARTS = {
    "bracket": bracket(),
    "bracket_mirrored": bracket(mirror=True),
    "family/block_40": trimesh.creation.box((40.0, 25.0, 12.0)),
    "family/block_41": trimesh.creation.box((41.0, 25.0, 12.0)),
    "ring": trimesh.creation.annulus(8.0, 14.0, 10.0, sections=48),
    "wedge": trimesh.convex.convex_hull(
        np.array([[0, 0, 0], [45, 0, 0], [45, 30, 0], [0, 30, 0], [0, 0, 20], [0, 30, 20]], float)
    ),
}


def write_parts(folder: Path, names: list[str] | None = None) -> Path:
    """The parts as STL files below a folder."""
    for name in names or list(PARTS):
        path = folder / f"{name}.stl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(PARTS[name].export(file_type="stl"))
    return folder


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_parts(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="session")
def index(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Index:
    folder = tmp_path_factory.mktemp("index")
    build(models, folder)
    return load_index(folder)


@pytest.fixture(scope="session")
def rig() -> Rig:
    return default_rig()


@pytest.fixture
def station(rig: Rig) -> Station:
    """New for every test, so that no test's noise depends on which tests ran before it."""
    return Station(rig, np.random.default_rng(5), Conditions())
