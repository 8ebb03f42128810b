"""IFC import beside the library's own geometry iterator on the same file: at most 1.5 times its time is the reach."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import ifcopenshell
import ifcopenshell.geom
from rich.console import Console
from rich.table import Table

from fabwright.demo.house import build_house
from fabwright.formats.ifc import read_ifc, write_ifc

FILES = Path(__file__).resolve().parents[2] / "shared" / "data" / "formats" / "ifc"
RUNS = 5
REACH = 1.5


def main() -> None:
    """Median of five runs each; the iterator's time is without parsing the file, the import's with it."""
    sources = {path.name: path.read_bytes() for path in sorted(FILES.glob("*.ifc"))}
    sources["demo house"] = write_ifc(build_house())
    table = Table(title=f"IFC import, median of {RUNS}", caption=f"reach: at most {REACH} x the geometry iterator")
    for heading in ("file", "KB", "panels", "parts", "import ms", "parse ms", "iterator ms", "times"):
        table.add_column(heading, justify="left" if heading == "file" else "right")
    for name, data in sources.items():
        project = read_ifc(data)
        own = _median(lambda data=data: read_ifc(data))  # type: ignore[misc]
        parse = _median(lambda data=data: _parse(data))  # type: ignore[misc]
        model = _parse(data)
        peer = _median(lambda model=model: _iterate(model))  # type: ignore[misc]
        parts = sum(len(panel.parts) for panel in project.panels)
        ratio = own / peer
        table.add_row(
            name,
            f"{len(data) / 1024:.0f}",
            str(len(project.panels)),
            str(parts),
            f"{own * 1000:.1f}",
            f"{parse * 1000:.1f}",
            f"{peer * 1000:.1f}",
            f"[{'green' if ratio <= REACH else 'red'}]{ratio:.2f}",
        )
    Console().print(table)


def _median(work: Callable[[], object]) -> float:
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def _parse(data: bytes) -> ifcopenshell.file:
    return ifcopenshell.file.from_string(data.decode("utf-8", "replace"))


def _iterate(model: ifcopenshell.file) -> int:
    iterator = ifcopenshell.geom.iterator(ifcopenshell.geom.settings(), model, 1)
    count = 0
    if iterator.initialize():
        count = 1
        while iterator.next():
            count += 1
    return count


if __name__ == "__main__":
    main()
