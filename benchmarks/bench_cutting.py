"""Cutting plans and plate machine files: time, and boards beside a proven bound and beside others.

Shelves are first-fit decreasing height: what a spreadsheet user would do by hand. rectpack (requirements/bench.in) is
asked with all its algorithms and orders; the best is shown. It knows no kerf and no grain by part: it gets parts and
boards that are a kerf larger, and either turns no part (what our lists ask of half of them) or all (what they forbid).
Its best plans need no straight cuts through the board, so a saw cannot make all of them.
"""

import random
import time
from collections.abc import Callable, Sequence

from rich.console import Console
from rich.table import Table

from fabwright.cutting import BarPart, BarStock, CutPart, CutSettings, StockSheet, cut_bars, cut_plates, verify_plan
from fabwright.formats.cix import CixOptions, write_cix
from fabwright.formats.dxf import write_dxf
from fabwright.formats.files import File
from fabwright.formats.plates import PlateOrder
from fabwright.formats.xcs import XcsOptions, write_xcs
from fabwright.timber import Board, Contour
from fabwright.timber.process import Drilling, Pocket

SHEET = StockSheet(code="S", length=2800.0, width=2070.0)
MATERIALS = 5
PLATES = 5_000


def random_parts(count: int, seed: int) -> list[CutPart]:
    """Furniture-like and wall-like plates, half of them with grain."""
    source = random.Random(seed)
    return [
        CutPart(
            reference=f"P{number}",
            length=float(source.choice([source.randint(300, 2700), source.randint(200, 900)])),
            width=float(source.randint(150, 1240)),
            grain=source.choice(["free", "length"]),
        )
        for number in range(count)
    ]


def shelves(parts: Sequence[CutPart], sheet: StockSheet, saw: CutSettings) -> int:
    """Boards that first-fit decreasing height takes."""
    length, width = sheet.length - 2 * saw.trim, sheet.width - 2 * saw.trim
    boards: list[list[list[float]]] = []  # per board: shelves as [height, used length]
    for part in sorted(parts, key=lambda p: -p.width):
        for board in boards:
            shelf = next((s for s in board if part.width <= s[0] and s[1] + part.length <= length), None)
            if shelf is not None:
                shelf[1] += part.length + saw.kerf
                break
            if sum(s[0] + saw.kerf for s in board) + part.width <= width:
                board.append([part.width, part.length + saw.kerf])
                break
        else:
            boards.append([[part.width, part.length + saw.kerf]])
    return len(boards)


def rectpack_boards(parts: Sequence[CutPart], sheet: StockSheet, saw: CutSettings, *, turns: bool) -> str:
    """Boards that the best of rectpack's algorithms takes, in tenths of a millimetre; "-" where it is not installed."""
    try:
        import rectpack
        from rectpack import guillotine, maxrects, skyline
    except ImportError:
        return "-"
    board = [round(10 * (side - 2 * saw.trim + saw.kerf)) for side in (sheet.length, sheet.width)]
    sizes = [(round(10 * (part.length + saw.kerf)), round(10 * (part.width + saw.kerf))) for part in parts]
    best = len(parts)
    algorithms = [
        getattr(module, name)
        for module in (maxrects, guillotine, skyline)
        for name in vars(module)
        if name.startswith(("MaxRectsB", "SkylineMwf", "SkylineBl"))
        or (name.startswith("GuillotineB") and name.endswith("as"))  # with a rule of splitting
    ]
    for algorithm in algorithms:
        for order in (rectpack.SORT_AREA, rectpack.SORT_LSIDE, rectpack.SORT_SSIDE):
            packer = rectpack.newPacker(
                mode=rectpack.PackingMode.Offline, bin_algo=rectpack.PackingBin.BBF, pack_algo=algorithm,
                sort_algo=order, rotation=turns,
            )  # fmt: skip
            packer.add_bin(*board, count=len(parts))
            for size in sizes:
                packer.add_rect(*size)
            packer.pack()
            if len(packer.rect_list()) == len(parts):
                best = min(best, len(packer))
    return str(best)


def _plates(console: Console) -> None:
    table = Table(
        "material", "plates", "boards", "at least", "waste", "area bound", "lost", "shelves", "rectpack", "turning all",
        "s", "cpu s", title="300 plates",
    )  # fmt: skip
    saw, total, busy = CutSettings(), 0.0, 0.0
    for material in range(MATERIALS):
        parts = random_parts(300 // MATERIALS, material + 1)
        began, used = time.perf_counter(), time.process_time()
        plan = cut_plates(parts, [SHEET], saw)
        took, used = time.perf_counter() - began, time.process_time() - used
        total, busy = total + took, busy + used
        verify_plan(plan, [(p.length, p.width, p.quantity) for p in parts], [(SHEET.length, SHEET.width)])
        table.add_row(
            str(material + 1),
            str(len(parts)),
            str(plan.boards),
            str(plan.fewest_boards),
            f"{plan.waste:.1%}",
            f"{plan.least_waste:.1%}",
            f"{plan.loss:.1%}",
            str(shelves(parts, SHEET, saw)),
            rectpack_boards(parts, SHEET, saw, turns=False),
            rectpack_boards(parts, SHEET, saw, turns=True),
            f"{took:.2f}",
            f"{used:.2f}",
        )
    table.caption = (
        f"{total:.1f} s in all, {busy:.1f} s of processor time. At least: no plan has fewer boards, kerfs, trims and "
        "grain included. Area bound: waste of whole boards for the parts' area alone. Lost: neither part nor offcut."
    )
    console.print(table)


def _bars(console: Console) -> None:
    source = random.Random(7)
    parts = [
        BarPart(reference=f"S{n}", length=float(source.randint(300, 5500)), quantity=source.randint(1, 12))
        for n in range(80)
    ]
    began = time.perf_counter()
    plan = cut_bars(parts, [BarStock(length=6000.0), BarStock(length=5000.0)])
    took = time.perf_counter() - began
    table = Table("sticks", "bars", "waste", "s", title="bars of 5 and 6 m")
    table.add_row(str(sum(p.quantity for p in parts)), str(plan.bars), f"{plan.waste:.1%}", f"{took:.2f}")
    console.print(table)


def _board(number: int) -> Board:
    cut = 100.0 + number % 400
    return Board(
        reference=f"P{number}",
        material="OSB/3",
        length=2500.0,
        width=1250.0,
        thickness=15.0,
        outline=Contour.polygon(
            [(0.0, 0.0), (2500.0, 0.0), (2500.0, 1250.0 - cut), (2500.0 - cut, 1250.0), (0.0, 1250.0)]
        ),
        holes=(Contour.polygon([(300.0, 200.0), (900.0, 200.0), (900.0, 600.0), (300.0, 600.0)]),),
        processes=(
            Drilling(side=4, start_x=100.0, start_y=150.0, diameter=20.0, depth_limited=False),
            Drilling(side=4, start_x=180.0, start_y=150.0, diameter=8.0, depth=10.0),
            Pocket(side=4, start_x=1800.0, start_y=700.0, start_depth=8.0, length=120.0, width=80.0),
        ),
    )


def _files(console: Console) -> None:
    orders = [PlateOrder(board=_board(number), batch="B1") for number in range(PLATES)]
    writers: dict[str, Callable[[], tuple[File, ...]]] = {
        "DXF": lambda: write_dxf(orders),
        "CIX": lambda: write_cix(orders, CixOptions(create_holes=True)),
        "XCS": lambda: write_xcs(orders, XcsOptions(create_holes=True)),
    }
    table = Table(
        "format", "files", "MB", "s", "cpu s", title=f"{PLATES} different plates, objects to bytes (reach: 3 s each)"
    )
    for name, write in writers.items():
        began, used = time.perf_counter(), time.process_time()
        files = write()
        took, used = time.perf_counter() - began, time.process_time() - used
        megabytes = sum(len(f.content) for f in files) / 1e6
        table.add_row(name, str(len(files)), f"{megabytes:.0f}", f"{took:.2f}", f"{used:.2f}")
    console.print(table)


def main() -> None:
    """Prints three tables."""
    console = Console()
    _files(console)
    _bars(console)
    _plates(console)


if __name__ == "__main__":
    main()
