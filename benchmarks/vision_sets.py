"""What the benchmark of recognition is measured on: slices of models, rigs with fewer cameras."""

import csv
import json
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from fabwright.vision.bundle import Bundle
from fabwright.vision.index import Index
from fabwright.vision.rig import Rig
from fabwright.vision.signature import Signature

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"

type Slice = Callable[[str], bool]


class Facts:
    """What is known of the models from the manifest, and of their symmetry from their signatures."""

    def __init__(self, index: Index) -> None:
        with (DATA / "stl" / "manifest.csv").open(newline="") as file:
            self.rows = {row["file"].removesuffix(".stl"): row for row in csv.DictReader(file)}
        self.index = index
        self._symmetric: dict[str, bool] = {}

    @cached_property
    def steps(self) -> dict[str, float]:
        """Model -> how far its sizes are from those of the nearest other member of its family, in mm."""
        families: dict[str, list[str]] = {}
        for name, row in self.rows.items():
            if row["near_family"]:
                families.setdefault(row["near_family"], []).append(name)
        out = {}
        for members in families.values():
            sizes = {n: np.array([float(self.rows[n][k]) for k in ("len_mm", "mid_mm", "thin_mm")]) for n in members}
            for one in members:
                others = [float(np.abs(sizes[one] - sizes[n]).max()) for n in members if n != one]
                out[one] = min(others, default=np.inf)
        return out

    @cached_property
    def texts(self) -> set[str]:
        """Models of one outline that differ in raised or sunk details alone: equal sizes, several of a family."""
        return {name for name, step in self.steps.items() if step < 0.005}

    def symmetric(self, name: str) -> bool:
        """Half a turn about one of its axes brings the model onto itself to 0.15 mm."""
        if name not in self._symmetric:
            key = next(key for key, members in self.index.members.items() if name in members)
            self._symmetric[name] = _half_turns(self.index.signature(key))
        return self._symmetric[name]

    def slices(self, truth: dict[str, str], colours: dict[str, str]) -> dict[str, Slice]:
        """Name of a slice -> whether a scan belongs to it."""

        def row(scan: str) -> dict[str, str]:
            return self.rows[truth[scan]]

        def step(low: float, high: float) -> Slice:
            return lambda scan: low <= self.steps.get(truth[scan], np.inf) < high

        return {
            "all": lambda scan: True,
            "plain": lambda scan: not row(scan)["mirror_of"] and not row(scan)["near_family"],
            "mirror": lambda scan: bool(row(scan)["mirror_of"]),
            "family": lambda scan: bool(row(scan)["near_family"]),
            "  step < 0.1 mm": step(0.005, 0.1),
            "  step 0.1 - 0.5 mm": step(0.1, 0.5),
            "  step 0.5 mm or more": step(0.5, 1e9),
            "text (equal size)": lambda scan: truth[scan] in self.texts,
            "symmetric": lambda scan: self.symmetric(truth[scan]),
            "thin (< 3 mm)": lambda scan: float(row(scan)["thin_mm"]) < 3.0,
            "black": lambda scan: colours[scan] == "black",
        }


def _half_turns(shape: Signature) -> bool:
    tree = cKDTree(shape.points)
    for axis in range(3):
        turned = shape.points * np.where(np.arange(3) == axis, 1.0, -1.0)
        far = tree.query(turned)[0]
        if float(np.percentile(far, 98)) < 0.15:
            return True
    return False


def answers(bundle: Bundle) -> tuple[dict[str, str], dict[str, str]]:
    """Scan -> model, and scan -> colour."""
    truth: dict[str, str] = json.loads((bundle.folder / "truth.json").read_text())
    poses: dict[str, dict[str, Any]] = json.loads((bundle.folder / "poses.json").read_text())
    return truth, {scan: str(pose["colour"]) for scan, pose in poses.items()}


class FewerCameras:
    """A bundle of which only some cameras are used, by their numbers."""

    def __init__(self, bundle: Bundle, cameras: list[int]) -> None:
        self._bundle = bundle
        self._cameras = cameras
        self.rig = Rig(tuple(bundle.rig.cameras[c] for c in cameras))
        self.belt = tuple(bundle.belt[c] for c in cameras)

    def pictures(self, scan: str) -> list[NDArray[np.uint8] | None]:
        """As of a bundle."""
        all_of_them = self._bundle.pictures(scan)
        return [all_of_them[c] for c in self._cameras]
