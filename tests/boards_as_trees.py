"""Parts to repack, what a search sees of them, and a check of boards in arrays that knows nothing of the searches."""

import numpy as np

from fabwright.cutting.repacking.search import BRING_IN, KEEP, Task, searched
from fabwright.cutting.repacking.seen_boards import Seen, nothing_seen
from fabwright.cutting.repacking.tree_kernel import (
    BOARD,
    KIND,
    LENGTH,
    PART,
    PIECE,
    REST,
    WIDTH,
    Boards,
    Saw,
    empty_boards,
    kept_area,
)
from fabwright.cutting.repacking.trees import children_of

SAW = Saw(kerf=48, trim=100, stages=3, least=3_000)
ROOM = (27_848, 20_548)


def task(parts: int = 24, seed: int = 5) -> Task:
    source = np.random.default_rng(seed)
    sides = np.column_stack((source.integers(3_000, 22_000, parts), source.integers(2_000, 10_000, parts)))
    return Task(
        sides=sides.astype(np.int32),
        turns=source.random(parts) < 0.5,
        counts=source.integers(1, 3, parts).astype(np.int32),
        room=ROOM,
        board=28_000.0 * 20_700.0,
        saw=SAW,
    )


def seen_by(asked: Task, boards: int, rounds: int = 4_000) -> tuple[Seen, Boards]:
    """What a search from nothing has seen, and its plan."""
    seen, state = nothing_seen(len(asked.sides)), np.array([7], np.uint64)
    outside = np.repeat(np.arange(len(asked.counts), dtype=np.int32), asked.counts)
    plan = empty_boards(asked.room, boards, len(outside))
    for aim in (BRING_IN, KEEP):
        plan, is_whole = searched(asked, plan, outside, aim, rounds, state, seen)
        assert is_whole
        outside = outside[:0]
    return seen, plan


def check(boards: Boards, roots: list[int], asked: Task) -> np.ndarray:
    """Every board is covered by its strips, pieces and rests; returns how often it holds each part, by board."""
    held = np.zeros((len(roots), len(asked.counts)), int)
    for board, root in enumerate(roots):
        assert tuple(boards.nodes[root, [LENGTH, WIDTH]]) == asked.room
        _check_strip(boards, root, 0, asked, held[board])
    return held


def _check_strip(boards: Boards, node: int, level: int, asked: Task, held: np.ndarray) -> None:
    nodes = boards.nodes
    along, across = (LENGTH, WIDTH) if (level + boards.axes[nodes[node, BOARD]]) % 2 == 0 else (WIDTH, LENGTH)
    children = list(children_of(nodes, node))
    assert level < asked.saw.stages + 1
    assert sum(nodes[child, along] for child in children) == nodes[node, along]
    assert sum(nodes[child, KIND] == REST for child in children) <= 1
    for child in children:
        assert nodes[child, across] == nodes[node, across]
        if nodes[child, KIND] == PIECE:
            part = nodes[child, PART]
            size, sides = (nodes[child, LENGTH], nodes[child, WIDTH]), tuple(asked.sides[part])
            assert size == sides or (asked.turns[part] and size == sides[::-1])
            held[part] += 1
        elif nodes[child, KIND] != REST:
            _check_strip(boards, child, level + 1, asked, held)


def area_kept(boards: Boards, root: int) -> float:
    total = 0.0
    for child in children_of(boards.nodes, root):
        if boards.nodes[child, KIND] == REST:
            total += kept_area(boards.nodes, boards.axes, child, SAW)
        else:
            total += area_kept(boards, child)
    return total
