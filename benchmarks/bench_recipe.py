"""Recognition beside the published recipe "render each model, train an image classifier" (Applied Sciences 13, 12316).

The recipe lets every model of a batch fall, renders it, and trains an image classifier on the renders; its article
reports 90.4 % top-1 and 99.0 % top-3 of 215 parts. Here it is rebuilt at small size for a CPU: fewer and smaller
pictures, a net without pretraining, but all cameras of a scan together and the metric size of the crop as an input.
Both answer the same scans, of which each model of the batch has one.

The net needs torch, which is no dependency: BENCH_TORCH names a Python that has it (default: this one).
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from fabwright.vision.bundle import Bundle, open_bundle
from fabwright.vision.evaluate import wilson
from fabwright.vision.hull import turned
from fabwright.vision.index import Index, build, load_index
from fabwright.vision.raster import Window, normal_picture, render
from fabwright.vision.recognise import Recogniser
from fabwright.vision.rig import Camera, Rig
from fabwright.vision.segment import Belt, segment

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
MODELS = 100
DROPS = int(os.environ.get("BENCH_DROPS", "48"))
"""Renders of a model per camera."""
EPOCHS = int(os.environ.get("BENCH_EPOCHS", "10"))
SIDE = 64
"""Pixels along a side of the classifier's pictures."""


def main() -> None:
    """Print the table. Needs ../shared/data."""
    console = Console()
    if not (DATA / "scans-dev").is_dir():
        console.print("skipped: needs ../shared/data/scans-dev")
        return
    bundle = open_bundle(DATA / "scans-dev")
    truth = json.loads((bundle.folder / "truth.json").read_text())
    scans = dict(list(truth.items())[:MODELS])
    names = sorted(set(scans.values()))
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        index = _index(Path(folder), names)
        onboard = time.perf_counter() - began
        ours, ms = _ours(index, bundle, scans)
        table = Table(
            "method", "top-1", "top-3", "ready after", "per scan", title=f"{len(names)} models, {len(scans)} scans"
        )
        _row(table, "fabwright", ours, scans, onboard, ms)
        peer = _peer(Path(folder), index, bundle, scans, names)
        if isinstance(peer, str):
            console.print(f"the peer was skipped: {peer}")
        else:
            _row(table, "render and train", peer["ranked"], scans, peer["ready_s"], peer["ms"])
    console.print(table)


def _index(folder: Path, names: list[str]) -> Index:
    for name in names:
        link = folder / "stl" / f"{name}.stl"
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(DATA / "stl" / f"{name}.stl")
    build(folder / "stl", folder / "index", jobs=os.cpu_count() or 1)
    return load_index(folder / "index")


def _row(
    table: Table, method: str, ranked: dict[str, list[str]], scans: dict[str, str], onboard: float, ms: float
) -> None:
    shares = []
    for first in (1, 3):
        hits = sum(truth in ranked.get(scan, [])[:first] for scan, truth in scans.items())
        low, high = wilson(hits, len(scans))
        shares.append(f"{hits / len(scans):.1%} [{low:.1%}, {high:.1%}]")
    table.add_row(method, *shares, f"{onboard:.0f} s", f"{ms:.0f} ms")


def _ours(index: Index, bundle: Bundle, scans: dict[str, str]) -> tuple[dict[str, list[str]], float]:
    recogniser = Recogniser(index, bundle.rig, bundle.belt)
    recogniser.warm()
    ranked, times = {}, []
    for scan in scans:
        began = time.perf_counter()
        ranked[scan] = [c.model for c in recogniser.identify(bundle.pictures(scan)).candidates]
        times.append((time.perf_counter() - began) * 1e3)
    return ranked, float(np.median(times))


def _peer(folder: Path, index: Index, bundle: Bundle, scans: dict[str, str], names: list[str]) -> dict[str, Any] | str:
    """What the classifier answers, or why it was not asked."""
    python = os.environ.get("BENCH_TORCH", sys.executable)
    if subprocess.run([python, "-c", "import torch"], capture_output=True, check=False).returncode != 0:
        return f"{python} has no torch; BENCH_TORCH names a Python that has it"
    began = time.perf_counter()
    pictures, sizes, labels = _renders(index, bundle.rig, names)
    rendered = time.perf_counter() - began
    test, test_sizes, owners = _photos(bundle, list(scans))
    np.savez(
        folder / "data.npz", train=pictures, train_size=sizes, train_label=labels,
        test=test, test_size=test_sizes, test_scan=owners,
    )  # fmt: skip
    script = Path(__file__).with_name("recipe_train.py")
    command = [python, str(script), str(folder / "data.npz"), str(folder / "out.json"), str(EPOCHS)]
    ended = subprocess.run(command, check=False)
    if ended.returncode != 0:
        return f"training ended with {ended.returncode}"
    out = json.loads((folder / "out.json").read_text())
    order = list(scans)
    ranked = {order[int(scan)]: [names[k] for k in found] for scan, found in out["answers"].items()}
    return {"ranked": ranked, "ready_s": rendered + out["train_s"], "ms": out["ask_s"] * 1e3 / max(len(ranked), 1)}


def _renders(
    index: Index, rig: Rig, names: list[str]
) -> tuple[NDArray[np.uint8], NDArray[np.float64], NDArray[np.int64]]:
    """Pictures of every model as every camera sees it: resting poses by their probability, any yaw."""
    rng = np.random.default_rng(1)
    keys = {name: key for key, members in index.members.items() for name in members}
    pictures, sizes, labels = [], [], []
    for label, name in enumerate(names):
        shape = index.signature(keys[name])
        chance = shape.probabilities / shape.probabilities.sum()
        for _ in range(DROPS):
            rotation = turned(shape.rotations[int(rng.choice(len(chance), p=chance))], 0, 0, rng.uniform(0, 2 * np.pi))
            placed = shape.points @ rotation.T
            placed += [*rng.normal(0, 15, 2), -placed[:, 2].min()]
            for camera in rig.cameras:
                picture, size = _render(camera, np.ascontiguousarray(placed), shape, rotation)
                pictures.append(picture)
                sizes.append(size)
                labels.append(label)
    return np.stack(pictures), np.array(sizes), np.array(labels)


def _render(camera: Camera, placed: Any, shape: Any, rotation: Any) -> tuple[NDArray[np.uint8], float]:
    moved = placed @ camera.rotation.T + camera.translation
    flat = moved[:, :2] / moved[:, 2:] * [camera.matrix[0, 0], camera.matrix[1, 1]] + camera.matrix[:2, 2]
    low, high = flat.min(axis=0), flat.max(axis=0)
    side = float((high - low).max()) * 1.08
    middle = (low + high) / 2
    window = Window(float(middle[0] - side / 2), float(middle[1] - side / 2), 2 * SIDE, 2 * SIDE, 2 * SIDE / side)
    seen = render(placed, shape.faces, camera, window, cull=shape.closed)
    normal = normal_picture(seen, shape.normals @ rotation.T, camera, window)
    light = np.where(seen.mask, 0.4 + 0.3 * normal[..., 2] + 0.25 * np.abs(normal[..., 1]), 0.0)
    small = cv2.resize(light.astype(np.float32), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return np.clip(small * 255, 0, 255).astype(np.uint8), _mm(camera, side)


def _mm(camera: Camera, pixels: float) -> float:
    """Pixels as millimetres on the belt, so that the classifier knows how large a part is."""
    return pixels * float(np.linalg.norm(camera.centre)) / float(camera.matrix[0, 0])


def _photos(bundle: Bundle, scans: list[str]) -> tuple[NDArray[np.uint8], NDArray[np.float64], NDArray[np.int64]]:
    """The scans as the classifier sees them: cut out by our segmentation, dark outside, brightness stretched."""
    belt = Belt(bundle.rig, bundle.belt)
    pictures, sizes, owners = [], [], []
    for number, scan in enumerate(scans):
        for view in segment(belt, bundle.pictures(scan)).views:
            rows, columns = np.nonzero(view.mask)
            side = 1.08 * max(int(np.ptp(rows)), int(np.ptp(columns)), 4)
            middle = ((rows.min() + rows.max()) / 2, (columns.min() + columns.max()) / 2)
            inside = view.light * view.mask
            top = max(float(np.percentile(inside[view.mask > 0], 98)), 1e-4)
            matrix = np.array(
                [[side / SIDE, 0, middle[1] - side / 2], [0, side / SIDE, middle[0] - side / 2]], np.float64
            )
            soft = cv2.GaussianBlur(inside / top, (0, 0), max(0.3, 0.4 * side / SIDE))
            flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
            cut = cv2.warpAffine(soft, matrix, (SIDE, SIDE), flags=flags, borderMode=cv2.BORDER_CONSTANT)
            pictures.append(np.clip(cut * 0.9 * 255, 0, 255).astype(np.uint8))
            sizes.append(_mm(bundle.rig.cameras[view.camera], side))
            owners.append(number)
    return np.stack(pictures), np.array(sizes), np.array(owners)


if __name__ == "__main__":
    main()
