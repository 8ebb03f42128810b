"""`fabwright compile`: the hot loops become machine code now, so that no first report or scan waits for it."""

import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click

from fabwright.errors import FabwrightError

_VISION = (
    "vision simulate --models models --out scans --scans 1 --cameras 3",
    "vision index --models models --out index",
    "vision identify --index index --bundle scans --out seen.json",
)
_METROLOGY = ("metrology inspect --model models/step.stl --scan models/step.stl",)
_CUTTING = (
    "from fabwright.cutting import CutPart, StockSheet, cut_plates;"
    "cut_plates([CutPart(reference=str(n), length=900.0 + 60 * n, width=300.0 + 20 * n) for n in range(24)],"
    " [StockSheet(code='S', length=2800.0, width=2070.0)])"
)


@click.command(name="compile")
def compile_() -> None:
    """Compile recognition, inspection and cutting for this processor; set-up does it once.

    What is compiled is kept beside the program's files. Without this command the first use compiles, which takes about
    half a minute each.

    Example: fabwright compile
    """
    import trimesh

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "models").mkdir()
        foot, post = trimesh.creation.box((40, 20, 8)), trimesh.creation.box((10, 20, 30))
        post.apply_translation((-15, 0, 19))
        trimesh.boolean.union([foot, post], engine="manifold").export(folder / "models" / "step.stl")
        jobs = [
            [[sys.executable, "-m", "fabwright", *line.split()] for line in _VISION],
            [
                [sys.executable, "-c", _CUTTING],
                *([sys.executable, "-m", "fabwright", *line.split()] for line in _METROLOGY),
            ],
        ]
        with ThreadPoolExecutor(len(jobs)) as pool:
            for done in [pool.submit(_run, commands, folder) for commands in jobs]:
                done.result()


def _run(commands: list[list[str]], folder: Path) -> None:
    for command in commands:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode not in (0, 1):  # a verdict is no failure
            raise FabwrightError(f"{' '.join(command)[:100]} failed: {done.stderr.strip()[-500:]}")
