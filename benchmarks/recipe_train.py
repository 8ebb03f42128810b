"""The peer's half of `bench_recipe`: train an image classifier on renders and name scans. Needs numpy and torch alone.

    python recipe_train.py DATA.npz OUT.json [EPOCHS]

DATA holds `train` (n, s, s) uint8, `train_size` (n,) mm, `train_label` (n,); `test`, `test_size` alike and `test_scan`
(m,): which scan each picture belongs to. OUT: labels of each scan, best first, and the seconds that training took.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn


class Block(nn.Module):
    """Two convolutions around which the input goes too, then half the size."""

    def __init__(self, inside: int, outside: int) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(inside, outside, 3, 2, 1, bias=False), nn.BatchNorm2d(outside), nn.ReLU())
        self.second = nn.Sequential(nn.Conv2d(outside, outside, 3, 1, 1, bias=False), nn.BatchNorm2d(outside))

    def forward(self, x: Any) -> Any:
        """As usual."""
        half = self.first(x)
        return torch.relu(half + self.second(half))


class Network(nn.Module):
    """A small residual net; the size of the crop in mm goes in beside the picture, as a fixed camera would show it."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.body = nn.Sequential(Block(1, 24), Block(24, 48), Block(48, 96), Block(96, 160))
        self.size = nn.Sequential(nn.Linear(1, 32), nn.ReLU(), nn.Linear(32, 32))
        self.head = nn.Sequential(nn.Linear(160 + 32, 256), nn.ReLU(), nn.Dropout(0.2), nn.Linear(256, classes))

    def forward(self, picture: Any, size: Any) -> Any:
        """Logits (n, classes) of pictures (n, 1, s, s) and sizes (n, 1)."""
        return self.head(torch.cat([self.body(picture).mean(dim=(2, 3)), self.size(size)], dim=1))


def _ready(pictures: Any, sizes: Any) -> tuple[Any, Any]:
    picture = torch.from_numpy(pictures.astype(np.float32) / 255.0)[:, None]
    return picture, torch.from_numpy(np.log(sizes.astype(np.float32) / 50.0))[:, None]


def _varied(picture: Any, size: Any) -> tuple[Any, Any]:
    """Brightness, noise, a shift by a pixel, and a size off by half a percent: what cameras do."""
    n = len(picture)
    picture = torch.roll(picture, shifts=tuple(int(v) for v in np.random.randint(-1, 2, 2)), dims=(2, 3))
    gain = 0.15 + 1.05 * torch.rand(n, 1, 1, 1)
    picture = (picture * gain + 0.02 * torch.randn_like(picture)).clamp(0.0, 1.0)
    return picture, size + 0.005 * torch.randn_like(size)


def main() -> None:
    """Train and answer."""
    data = np.load(sys.argv[1])
    epochs = int(sys.argv[3]) if len(sys.argv) > 3 else 8
    torch.manual_seed(1)
    np.random.seed(1)
    began = time.perf_counter()
    pictures, sizes = _ready(data["train"], data["train_size"])
    labels = torch.from_numpy(data["train_label"].astype(np.int64))
    network = Network(int(labels.max()) + 1)
    batch, steps = 128, epochs * (len(labels) // 128)
    optimiser = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=steps)
    loss = nn.CrossEntropyLoss(label_smoothing=0.05)
    for epoch in range(epochs):
        order, total = torch.randperm(len(labels)), 0.0
        for k in range(len(labels) // batch):
            some = order[k * batch : (k + 1) * batch]
            cost = loss(network(*_varied(pictures[some], sizes[some])), labels[some])
            optimiser.zero_grad()
            cost.backward()
            optimiser.step()
            schedule.step()
            total += float(cost.detach())
        print(f"epoch {epoch + 1} of {epochs}: loss {total / (len(labels) // batch):.3f}", file=sys.stderr, flush=True)
    seconds = time.perf_counter() - began
    network.eval()
    scans, answers = data["test_scan"], {}
    began = time.perf_counter()
    with torch.no_grad():
        chance = torch.log_softmax(network(*_ready(data["test"], data["test_size"])), dim=1).numpy()
    for scan in np.unique(scans):
        answers[str(scan)] = [int(v) for v in np.argsort(-chance[scans == scan].sum(axis=0))[:5]]
    asked = time.perf_counter() - began
    with Path(sys.argv[2]).open("w", encoding="utf-8") as file:
        json.dump({"answers": answers, "train_s": seconds, "ask_s": asked, "torch": torch.__version__}, file)


if __name__ == "__main__":
    main()
