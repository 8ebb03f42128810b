"""Replaying the cuts of a PTX file: which rectangles fall where, and whether they cover their boards."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from fabwright.errors import FormatError, VerificationError
from fabwright.formats.ptx.reader import PtxFile, Record

TOLERANCE = 0.11  # mm: dimensions carry one decimal
Axis = Literal["x", "y"]


@dataclass(frozen=True)
class Fallen:
    """A rectangle that is cut off. `what` is a part index, "X" and an offcut index, or empty for waste."""

    pattern: int
    what: str
    x: float
    y: float
    length: float
    width: float
    runs: int


@dataclass
class _Node:
    record: Record
    phase: int
    children: "list[_Node]" = field(default_factory=list)


def replay_patterns(file: PtxFile, job: int = 1, *, strict: bool = True) -> list[Fallen]:
    """Everything that falls off all boards of a job, runs counted once.

    Args:
        strict: pieces and kerfs must fill their strip; otherwise some generators' unsaid rest at its end is accepted.

    Raises:
        FormatError: a pattern without cuts or with cuts in no order.
        VerificationError: pieces and kerfs do not fill their strip; names pattern and cut.
    """
    boards = {r.integer("BRD_INDEX"): r for r in file.of("BOARDS", job)}
    materials = {r.integer("MAT_INDEX"): r for r in file.of("MATERIALS", job)}
    fallen: list[Fallen] = []
    for pattern in file.of("PATTERNS", job):
        index = pattern.integer("PTN_INDEX")
        board = boards[pattern.integer("BRD_INDEX")]
        material = materials[board.integer("MAT_INDEX")]
        cuts = [r for r in file.of("CUTS", job) if r.integer("PTN_INDEX") == index]
        roots = _tree(cuts, index)
        replay = _Replay(pattern, material, fallen, strict)
        size = (board.number("LENGTH"), board.number("WIDTH"))
        replay.lay(roots, (0.0, 0.0), size, replay.axis(roots[0].phase))
    return fallen


def _tree(cuts: Sequence[Record], pattern: int) -> list[_Node]:
    """Cuts as a tree: the children of a cut are the following ones of deeper phase. A trim or waste piece (90 and its
    phase) is a leaf of that phase; MAIN, a head cut of the whole board, is left out.
    """
    roots: list[_Node] = []
    open_nodes: list[_Node] = []
    for record in sorted(cuts, key=lambda r: r.integer("CUT_INDEX")):
        function = record.integer("FUNCTION")
        phase = function - 90 if function >= 90 else function
        if function == 0 and record.integer("QTY_RPT") == 0:
            continue
        if not record.number("DIMENSION") and not record.integer("QTY_RPT"):  # a label alone
            continue
        node = _Node(record, phase)
        while open_nodes and open_nodes[-1].phase >= phase:
            open_nodes.pop()
        (open_nodes[-1].children if open_nodes else roots).append(node)
        if function < 90:
            open_nodes.append(node)
    if not roots:
        raise FormatError("has no cuts", where=f"pattern {pattern}")
    return roots


class _Replay:
    def __init__(self, pattern: Record, material: Record, fallen: list[Fallen], strict: bool) -> None:
        self._strict = strict
        self._index = pattern.integer("PTN_INDEX")
        self._runs = pattern.integer("QTY_RUN")
        self._type = pattern.integer("TYPE")
        self._kerf_rip = material.number("KERF_RIP")
        self._kerf_cross = material.number("KERF_XCT")
        self._fallen = fallen

    def axis(self, phase: int) -> Axis:
        """Along which the pieces of a phase lie: rips of type 0 lie across the board, of type 1 along it."""
        turned = self._type in (1, 2)
        return "x" if (phase % 2 == 0) != turned else "y"

    def lay(self, nodes: Sequence[_Node], at: tuple[float, float], size: tuple[float, float], axis: Axis) -> None:
        """Lays the pieces side by side with a kerf after each but the last.

        Raises:
            VerificationError: they do not end where their strip ends.
        """
        room = size[0] if axis == "x" else size[1]
        kerf = self._kerf_rip if nodes[0].phase == 1 else self._kerf_cross
        place = 0.0
        for node in nodes:
            dimension = node.record.number("DIMENSION")
            for _ in range(max(1, node.record.integer("QTY_RPT"))):
                corner = (at[0] + place, at[1]) if axis == "x" else (at[0], at[1] + place)
                piece = (dimension, size[1]) if axis == "x" else (size[0], dimension)
                if node.children:
                    self.lay(node.children, corner, piece, self.axis(node.children[0].phase))
                else:
                    part = node.record.text("PART_INDEX")
                    what = "" if part in ("", "0") else part
                    self._fallen.append(Fallen(self._index, what, *corner, *piece, self._runs))
                place += dimension + kerf
        if place > room + kerf + TOLERANCE or (self._strict and place < room - TOLERANCE):
            raise VerificationError(
                f"pieces and kerfs end at {place - kerf:.1f} mm, their strip at {room:.1f} mm",
                where=f"pattern {self._index}, cut {nodes[0].record.integer('CUT_INDEX')}",
            )
