"""What a PTX file holds, and rules that records by themselves cannot break: that its patterns can be cut."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from fabwright.errors import FabwrightError
from fabwright.formats.ptx.reader import PtxFile, read_ptx
from fabwright.formats.ptx.replay import Fallen, replay_patterns


def check_ptx(data: bytes) -> tuple[PtxFile, tuple[tuple[str, str], ...], tuple[str, ...]]:
    """The file, its faults as (place, message), and what is doubtful.

    Patterns are replayed cut by cut. Some generators leave the rest at the end of a strip unsaid, and some name a part
    only on a cut that yields nothing, so parts that no cut yields are doubts and not faults.

    Raises:
        FormatError: as `read_ptx`.
    """
    file = read_ptx(data)
    faults: list[tuple[str, str]] = []
    doubts: list[str] = []
    for job in file.jobs:
        try:
            fallen = replay_patterns(file, job, strict=False)
        except FabwrightError as error:
            faults.append((f"job {job}, {error.where}" if error.where else f"job {job}", error.message))
        else:
            doubts += _short(file, job, fallen)
    return file, tuple(faults), tuple(doubts)


def _short(file: PtxFile, job: int, fallen: Sequence[Fallen]) -> list[str]:
    if not file.of("PATTERNS", job):
        return []  # a list of parts: the saw makes the patterns
    cut = Counter[int]()
    for piece in fallen:
        if piece.what.isdigit():
            cut[int(piece.what)] += piece.runs
    return [
        f"job {job}, part {index}: {asked} pieces are required, the cuts yield {cut[index]}"
        for record in file.of("PARTS_REQ", job)
        if cut[index := record.integer("PART_INDEX")] < (asked := record.integer("QTY_REQ"))
    ]


def facts(file: PtxFile) -> dict[str, Any]:
    """What a file holds, for people and for JSON: a row for each job."""
    return {
        "version": file.records[0].text("VERSION"),
        "records": len(file.records),
        "jobs": len(file.jobs),
        "list": [
            {
                "job": record.integer("JOB_INDEX"),
                "name": record.text("NAME"),
                "parts": len(file.of("PARTS_REQ", record.integer("JOB_INDEX"))),
                "pieces": sum(one.integer("QTY_REQ") for one in file.of("PARTS_REQ", record.integer("JOB_INDEX"))),
                "materials": len(file.of("MATERIALS", record.integer("JOB_INDEX"))),
                "boards": len(file.of("BOARDS", record.integer("JOB_INDEX"))),
                "patterns": len(file.of("PATTERNS", record.integer("JOB_INDEX"))),
                "cuts": len(file.of("CUTS", record.integer("JOB_INDEX"))),
            }
            for record in file.of("JOBS")
        ],
    }
