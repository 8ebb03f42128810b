"""Jobs to PTX: parts list alone, or with optimised patterns."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field

from fabwright.errors import InputError, LimitError
from fabwright.formats.ptx.table import RECORDS, Field

VERSION = "1.13"  # of the samples that saws of several makers took
_DECIMALS = 1


@dataclass(frozen=True)
class PtxPart:
    """Sizes in mm; `grain` 0 free, 1 along the board's length, 2 along its width; `material` counts from 0."""

    code: str
    material: int
    length: float
    width: float
    quantity: int
    grain: int = 0
    description: str = ""
    information: tuple[str, ...] = ()
    made: int = 0


@dataclass(frozen=True)
class PtxMaterial:
    """`trim` mm off every edge, kerf included."""

    code: str
    description: str
    thickness: float
    kerf: float
    trim: float
    book: int = 1
    has_grain: bool = False


@dataclass(frozen=True)
class PtxBoard:
    """A stock sheet."""

    code: str
    material: int
    length: float
    width: float
    stock: int
    used: int = 0
    cost: float = 0.0


@dataclass(frozen=True)
class PtxOffcut:
    """A rest that is kept."""

    code: str
    material: int
    length: float
    width: float
    quantity: int


@dataclass(frozen=True)
class PtxCut:
    """One row of a pattern: `part` is "" for none, a part's index from 1, or "X" and an offcut's."""

    function: int
    dimension: float
    repeat: int
    part: str = ""
    parts_made: int = 0
    comment: str = ""


@dataclass(frozen=True)
class PtxPattern:
    """How a board is cut `runs` times; `kind` 0 rips along the board first, 1 turns it first."""

    board: int
    kind: int
    runs: int
    cuts: tuple[PtxCut, ...]


@dataclass(frozen=True)
class PtxJob:
    """A job; without patterns it is a parts list."""

    name: str
    parts: Sequence[PtxPart]
    materials: Sequence[PtxMaterial]
    boards: Sequence[PtxBoard] = ()
    offcuts: Sequence[PtxOffcut] = ()
    patterns: Sequence[PtxPattern] = ()
    title: str = ""
    waste_percent: float | None = None
    notes: Sequence[str] = field(default_factory=tuple)


def write_ptx(job: PtxJob) -> bytes:
    """The job as a file: ASCII, CRLF, millimetres to 0.1.

    Signs outside ASCII are spelled out or become "?", codes lose their blanks and become upper case, texts are cut to
    the limits of the format: receivers reject files with longer ones.

    Raises:
        InputError: no part.
        LimitError: more records or larger numbers than the format holds; names record and field.
    """
    if not job.parts:
        raise InputError("the job holds no parts", where="parts")
    page = _Page()
    page.add("HEADER", VERSION=VERSION, TITLE=job.title or job.name, UNITS=0, ORIGIN=0, TRIM_TYPE=0)
    status = 1 if job.patterns else 0
    page.add("JOBS", JOB_INDEX=1, NAME=job.name, DESC=job.title, STATUS=status, WASTE_PCNT=job.waste_percent)
    for number, text in enumerate(job.notes, start=1):
        page.add("NOTES", JOB_INDEX=1, NOTES_INDEX=number, TEXT=text)
    _add_parts(page, job)
    _add_stock(page, job)
    for number, pattern in enumerate(job.patterns, start=1):
        _add_pattern(page, number, pattern)
    return page.content()


def _add_parts(page: "_Page", job: PtxJob) -> None:
    for number, part in enumerate(job.parts, start=1):
        page.add(
            "PARTS_REQ",
            JOB_INDEX=1,
            PART_INDEX=number,
            CODE=code_text(part.code),
            MAT_INDEX=part.material + 1,
            LENGTH=part.length,
            WIDTH=part.width,
            QTY_REQ=part.quantity,
            QTY_OVER=0,
            QTY_UNDER=0,
            GRAIN=part.grain,
            QTY_PROD=part.made,
        )
    for number, part in enumerate(job.parts, start=1):
        page.add(
            "PARTS_INF",
            JOB_INDEX=1,
            PART_INDEX=number,
            DESC=part.description,
            LABEL_QTY=part.quantity,
            FIN_LENGTH=part.length,
            FIN_WIDTH=part.width,
        )
    for number, part in enumerate(job.parts, start=1):
        if part.information:
            page.add("PARTS_UDI", *part.information, JOB_INDEX=1, PART_INDEX=number)


def _add_stock(page: "_Page", job: PtxJob) -> None:
    for number, board in enumerate(job.boards, start=1):
        page.add(
            "BOARDS",
            JOB_INDEX=1,
            BRD_INDEX=number,
            CODE=code_text(board.code),
            MAT_INDEX=board.material + 1,
            LENGTH=board.length,
            WIDTH=board.width,
            QTY_STOCK=board.stock,
            QTY_USED=board.used,
            COST=board.cost,
            STK_FLAG="0",
            GRAIN=1 if job.materials[board.material].has_grain else 0,
            TYPE=0,
        )
    for number, material in enumerate(job.materials, start=1):
        page.add(
            "MATERIALS",
            JOB_INDEX=1,
            MAT_INDEX=number,
            CODE=code_text(material.code),
            DESC=material.description,
            THICK=material.thickness,
            BOOK=material.book,
            KERF_RIP=material.kerf,
            KERF_XCT=material.kerf,
            **dict.fromkeys(("TRIM_FRIP", "TRIM_VRIP", "TRIM_FXCT", "TRIM_VXCT"), material.trim),
            TRIM_HEAD=0.0,
            TRIM_FRCT=0.0,
            TRIM_VRCT=0.0,
            GRAIN=1 if material.has_grain else 0,
        )
    for number, offcut in enumerate(job.offcuts, start=1):
        page.add(
            "OFFCUTS",
            JOB_INDEX=1,
            OFC_INDEX=number,
            CODE=code_text(offcut.code),
            MAT_INDEX=offcut.material + 1,
            LENGTH=offcut.length,
            WIDTH=offcut.width,
            OFC_QTY=offcut.quantity,
            GRAIN=0,
        )


def _add_pattern(page: "_Page", number: int, pattern: PtxPattern) -> None:
    page.add(
        "PATTERNS",
        JOB_INDEX=1,
        PTN_INDEX=number,
        BRD_INDEX=pattern.board + 1,
        TYPE=pattern.kind,
        QTY_RUN=pattern.runs,
        QTY_CYCLES=pattern.runs,
        MAX_BOOK=1,
    )
    sequence = 0
    for index, cut in enumerate(pattern.cuts, start=1):
        sequence += 1 if cut.repeat else 0
        page.add(
            "CUTS",
            JOB_INDEX=1,
            PTN_INDEX=number,
            CUT_INDEX=index,
            SEQUENCE=sequence if cut.repeat else 0,
            FUNCTION=cut.function,
            DIMENSION=cut.dimension,
            QTY_RPT=cut.repeat,
            PART_INDEX=cut.part or "0",
            QTY_PARTS=cut.parts_made,
            COMMENT=cut.comment,
        )


_SPELLED = str.maketrans(
    {"Ä": "AE", "Ö": "OE", "Ü": "UE", "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "×": "x", "–": "-", "Ø": "O"}
)


def plain(text: str) -> str:
    """The text in printable ASCII."""
    if text.isascii() and text.isprintable():
        return text.strip()
    spelled = text.translate(_SPELLED)
    return "".join(sign if " " <= sign <= "~" else "?" for sign in spelled).strip()


def code_text(text: str) -> str:
    """A code as receivers keep it: no blanks, upper case."""
    return plain(text).replace(" ", "_").upper()


class _Page:
    def __init__(self) -> None:
        self._buffer = io.StringIO(newline="")
        self._writer = csv.writer(self._buffer, lineterminator="\r\n")

    def add(self, name: str, *more: str, **values: str | float | None) -> None:
        """One record; fields that are not given stay empty, empty ones at its end are left out."""
        fields = RECORDS[name]
        cells = [_cell(known, values.get(known.name), f"{name}.{known.name}") for known in fields]
        if more:
            cells += [plain(text) for text in more]
        while cells and cells[-1] == "":
            cells.pop()
        self._writer.writerow([name, *cells])

    def content(self) -> bytes:
        return self._buffer.getvalue().encode("ascii")


def _cell(known: Field, value: str | float | None, where: str) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return plain(value)[: known.most or None]
    low = known.low if known.low is not None else value
    high = known.high if known.high is not None else value
    if not low <= value <= high:
        raise LimitError(f"must be from {low:g} to {high:g}, got {value:g}", where=where)
    return str(int(value)) if known.kind == "integer" else f"{value:.{_DECIMALS}f}"
