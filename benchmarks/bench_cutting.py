"""Cutting plans and plate machine files: time, and boards beside a proven bound and beside others.

Shelves are first-fit decreasing height: what a spreadsheet user would do by hand. rectpack (requirements/bench.in) is
asked with all its algorithms and orders; the best is shown. It knows no kerf and no grain by part: it gets parts and
boards that are a kerf larger, and either turns no part (what our lists ask of half of them) or all (what they forbid).
Its best plans need no straight cuts through the board, so a saw cannot make all of them.

Lost is what is neither part nor a rest worth keeping (300 mm on both sides). For ours it is counted in the plan's own
cuts, and once more as for rectpack: from each board the largest empty rectangle, then the next, whether or not a saw
could cut them. Unavoidable: the trims at two edges and one kerf along two sides of every part.
"""

import itertools
import random
import time
from collections.abc import Callable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from fabwright.cutting import (
    BarPart,
    BarStock,
    CutPart,
    CutSettings,
    CuttingPlan,
    Lot,
    StockSheet,
    cut_bars,
    cut_lots,
    verify_plan,
)
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
FILLS = ((0.90, "up to 90 %"), (0.94, "to 94 %"), (0.96, "to 96 %"), (1.0, "above 96 %"))


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


type Rectangle = tuple[float, float, float, float]
LEAST = 300.0


def kept_area(placed: Sequence[Rectangle], board: Rectangle) -> float:
    """Area of the rests that are worth keeping: the largest empty rectangle, and so on."""
    full, kept = list(placed), 0.0
    while True:
        rest = largest_empty(full, board)
        if rest is None:
            return kept
        kept += (rest[2] - rest[0]) * (rest[3] - rest[1])
        full.append(rest)


def largest_empty(full: Sequence[Rectangle], board: Rectangle) -> Rectangle | None:
    """The largest rectangle of the board that touches none of these and is worth keeping."""
    edges = sorted({board[0], board[2], *(x for one in full for x in (one[0], one[2]) if board[0] < x < board[2])})
    best, found = 0.0, None
    for left, right in itertools.combinations(edges, 2):
        if right - left < LEAST:
            continue
        between = sorted((one[1], one[3]) for one in full if one[0] < right and one[2] > left)
        low = board[1]
        for start, end in [*between, (board[3], board[3])]:
            area = (right - left) * (start - low)
            if start - low >= LEAST and area > best:
                best, found = area, (left, low, right, start)
            low = max(low, end)
    return found


def lost_share(parts: Sequence[CutPart], boards: Sequence[Sequence[Rectangle]], saw: CutSettings) -> float:
    """Of the boards' area; parts are given with their kerf at the upper and right side, within the trims."""
    room = (saw.trim, saw.trim, SHEET.length - saw.trim + saw.kerf, SHEET.width - saw.trim + saw.kerf)
    kept = sum(kept_area(placed, room) for placed in boards)
    area = sum(part.length * part.width for part in parts)
    return 1.0 - (area + kept) / (len(boards) * SHEET.length * SHEET.width)


def own_boards(plan: CuttingPlan) -> list[list[Rectangle]]:
    """The parts of every board with their kerfs."""
    return [
        [
            (p.x, p.y, p.x + p.length + plan.kerf, p.y + p.width + plan.kerf)
            for p in pattern.root.leaves()
            if p.kind == "part"
        ]
        for pattern in plan.patterns
        for _ in range(pattern.runs)
    ]


def unavoidable(parts: Sequence[CutPart], boards: int, saw: CutSettings) -> float:
    """Of the boards' area: no plan with so many boards loses less."""
    room = boards * (SHEET.length - saw.trim + saw.kerf) * (SHEET.width - saw.trim + saw.kerf)
    taken = sum((part.length + saw.kerf) * (part.width + saw.kerf) for part in parts)
    area = sum(part.length * part.width for part in parts)
    return 1.0 - (area + room - taken) / (boards * SHEET.length * SHEET.width)


def rectpack_best(
    parts: Sequence[CutPart], sheet: StockSheet, saw: CutSettings, *, turns: bool
) -> tuple[int, float] | None:
    """(boards, share lost) of the best of rectpack's plans, fewest boards first; None where it is not installed."""
    try:
        import rectpack
        from rectpack import guillotine, maxrects, skyline
    except ImportError:
        return None
    board = [round(10 * (side - 2 * saw.trim + saw.kerf)) for side in (sheet.length, sheet.width)]
    sizes = [(round(10 * (part.length + saw.kerf)), round(10 * (part.width + saw.kerf))) for part in parts]
    best = (len(parts), 1.0)
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
            if len(packer.rect_list()) == len(parts) and len(packer) <= best[0]:
                best = min(best, (len(packer), lost_share(parts, _placed(packer, saw), saw)))
    return best


def _placed(packer: Any, saw: CutSettings) -> list[list[Rectangle]]:
    return [
        [
            (
                r.x / 10 + saw.trim,
                r.y / 10 + saw.trim,
                (r.x + r.width) / 10 + saw.trim,
                (r.y + r.height) / 10 + saw.trim,
            )
            for r in board
        ]
        for board in packer
    ]


def _shown(found: tuple[int, float] | None) -> str:
    return f"{found[0]}, {found[1]:.1%}" if found else "-"


def _plates(console: Console) -> None:
    saw = CutSettings()
    lists = [random_parts(300 // MATERIALS, material + 1) for material in range(MATERIALS)]
    lots = [Lot(f"{number}", tuple(parts), (SHEET,)) for number, parts in enumerate(lists, start=1)]
    began, used = time.perf_counter(), time.process_time()
    plans = cut_lots(lots, saw)
    took, used = time.perf_counter() - began, time.process_time() - used
    table = Table(
        "material", "boards", "at least", "waste", "area bound", "lost", "any rest", "unavoidable", "shelves",
        "rectpack", "turning all", title=f"300 plates, {MATERIALS} materials: {took:.1f} s ({used:.1f} s of processor)",
    )  # fmt: skip
    for material, (parts, plan) in enumerate(zip(lists, plans, strict=True), start=1):
        verify_plan(plan, [(p.length, p.width, p.quantity) for p in parts], [(SHEET.length, SHEET.width)])
        table.add_row(
            str(material),
            str(plan.boards),
            str(plan.fewest_boards),
            f"{plan.waste:.1%}",
            f"{plan.least_waste:.1%}",
            f"{plan.loss:.1%}",
            f"{lost_share(parts, own_boards(plan), saw):.1%}",
            f"{unavoidable(parts, plan.boards, saw):.1%}",
            str(shelves(parts, SHEET, saw)),
            _shown(rectpack_best(parts, SHEET, saw, turns=False)),
            _shown(rectpack_best(parts, SHEET, saw, turns=True)),
        )
    table.caption = (
        "At least: no plan has fewer boards, kerfs, trims and grain included. Area bound: waste of whole boards for "
        "the parts' area alone. Lost: neither part nor offcut. rectpack: boards, and what is lost counted as any rest."
    )
    console.print(table)


def wall_parts(count: int, seed: int) -> list[CutPart]:
    """Sheathing: full and half panels, and what is left beside openings; any side may lie along the board."""
    source = random.Random(seed)
    return [
        CutPart(
            reference=f"P{number}",
            length=source.choice([2500.0, 2740.0, float(source.randint(300, 2780))]),
            width=source.choice([625.0, 1250.0, 1250.0, float(source.randint(100, 1250))]),
        )
        for number in range(count)
    ]


def small_parts(count: int, seed: int) -> list[CutPart]:
    """Furniture: about twenty of them on a board."""
    source = random.Random(seed)
    return [
        CutPart(
            reference=f"P{number}",
            length=float(source.randint(200, 1200)),
            width=float(source.randint(100, 800)),
            grain=source.choice(["free", "length"]),
        )
        for number in range(count)
    ]


def _fills(console: Console) -> None:
    """How many lists are cut from as few boards as any plan needs, by how full these boards would be."""
    saw, panel = CutSettings(), StockSheet(code="P", length=2800.0, width=1270.0)
    kinds = ((random_parts, SHEET), (small_parts, SHEET), (wall_parts, panel))
    lists = [(make(60, seed), sheet) for make, sheet in kinds for seed in range(1, 13)]
    plans = cut_lots([Lot(f"{number}", tuple(parts), (sheet,)) for number, (parts, sheet) in enumerate(lists)], saw)
    found: dict[str, list[bool]] = {}
    for (parts, sheet), plan in zip(lists, plans, strict=True):
        taken = sum((part.length + saw.kerf) * (part.width + saw.kerf) for part in parts)
        more = saw.kerf - 2 * saw.trim
        fill = taken / (plan.fewest_boards * (sheet.length + more) * (sheet.width + more))
        step = next(name for limit, name in FILLS if fill <= limit)
        found.setdefault(step, []).append(plan.boards == plan.fewest_boards)
    table = Table("how full", "lists", "with no board too many", title="60 plates a list, furniture and walls")
    for _, name in FILLS:
        table.add_row(name, str(len(found.get(name, []))), str(sum(found.get(name, []))))
    table.caption = "Of the fewest boards that a proof leaves open, parts with their kerfs, within the trims."
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
    """Prints four tables."""
    console = Console()
    _files(console)
    _bars(console)
    _plates(console)
    _fills(console)


if __name__ == "__main__":
    main()
