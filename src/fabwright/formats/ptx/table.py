"""The field dictionary of pattern exchange 1.17 to 1.21: one table for writer and reader.

Source: the Magi-Cut interface guide V11, chapter 3, as summarised in the project's format notes; limits from there.
Empty is not zero: an empty field means "no value given".
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "integer", "number", "part"]


@dataclass(frozen=True)
class Field:
    """A field. `low` and `high` bound numbers, `most` the signs of a text; `needed` fields may not be empty."""

    name: str
    kind: Kind = "text"
    most: int = 0
    low: float | None = None
    high: float | None = None
    needed: bool = False


def _text(name: str, most: int = 0) -> Field:
    return Field(name, "text", most)


def _int(name: str, low: float | None = None, high: float | None = None, *, needed: bool = False) -> Field:
    return Field(name, "integer", low=low, high=high, needed=needed)


def _dim(name: str, *, needed: bool = False) -> Field:
    return Field(name, "number", low=0.0, high=9999.9, needed=needed)


def _num(name: str) -> Field:
    return Field(name, "number")


_JOB = _int("JOB_INDEX", 1, 250, needed=True)
_QTY = 99_999
RECORDS: dict[str, tuple[Field, ...]] = {
    "HEADER": (
        _text("VERSION"), _text("TITLE", 25), _int("UNITS", 0, 1), _int("ORIGIN", 0, 3), _int("TRIM_TYPE", 0, 1),
    ),
    "JOBS": (
        _JOB, _text("NAME", 50), _text("DESC", 50), _text("ORD_DATE"), _text("CUT_DATE"), _text("CUSTOMER", 100),
        _int("STATUS", 0, 2), _text("OPT_PARAM", 50), _text("SAW_PARAM", 50), _num("CUT_TIME"), _num("WASTE_PCNT"),
    ),
    "PARTS_REQ": (
        _JOB, _int("PART_INDEX", 1, 9999, needed=True), _text("CODE", 50), _int("MAT_INDEX", 1, needed=True),
        _dim("LENGTH", needed=True), _dim("WIDTH", needed=True), _int("QTY_REQ", 0, _QTY, needed=True),
        _int("QTY_OVER", 0, _QTY), _int("QTY_UNDER", 0, _QTY), _int("GRAIN", 0, 2), _int("QTY_PROD", 0, _QTY),
        _int("UNDER_PROD_ERROR"), _int("UNDER_PROD_ALLOWED"), _int("UNDER_PROD_PLUSPART"),
    ),
    "PARTS_INF": (
        _JOB, _int("PART_INDEX", 1, 9999, needed=True), _text("DESC", 50), _int("LABEL_QTY"), _dim("FIN_LENGTH"),
        _dim("FIN_WIDTH"), _text("ORDER"),
    ),
    "PARTS_UDI": (_JOB, _int("PART_INDEX", 1, 9999, needed=True)),
    "PARTS_DST": (_JOB, _int("PART_INDEX", 1, 9999, needed=True)),
    "BOARDS": (
        _JOB, _int("BRD_INDEX", 1, 5000, needed=True), _text("CODE", 50), _int("MAT_INDEX", 1, needed=True),
        _dim("LENGTH", needed=True), _dim("WIDTH", needed=True), _int("QTY_STOCK", 0, _QTY), _int("QTY_USED", 0, _QTY),
        _num("COST"), _text("STK_FLAG"), _text("INFORMATION"), _text("MAT_PARAM"), _int("GRAIN", 0, 2),
        _int("TYPE", 0, 2), _text("BIN"), _text("SUPPLIER"), _text("EXTRA_INFORMATION"), _int("COST_METHOD"),
    ),
    "MATERIALS": (
        _JOB, _int("MAT_INDEX", 1, needed=True), _text("CODE", 50), _text("DESC", 50), _dim("THICK", needed=True),
        _int("BOOK", 0), _dim("KERF_RIP"), _dim("KERF_XCT"), _dim("TRIM_FRIP"), _dim("TRIM_VRIP"), _dim("TRIM_FXCT"),
        _dim("TRIM_VXCT"), _dim("TRIM_HEAD"), _dim("TRIM_FRCT"), _dim("TRIM_VRCT"), _int("RULE1", 0, 9),
        _int("RULE2", 0, 1), _int("RULE3", 0, 1), _int("RULE4", 0, 1), _text("MAT_PARAM"), _int("GRAIN", 0, 2),
        _text("PICTURE"), _num("DENSITY"),
    ),
    "NOTES": (_JOB, _int("NOTES_INDEX", 1, needed=True), _text("TEXT")),
    "OFFCUTS": (
        _JOB, _int("OFC_INDEX", 1, 7500, needed=True), _text("CODE", 50), _int("MAT_INDEX", 1, needed=True),
        _dim("LENGTH", needed=True), _dim("WIDTH", needed=True), _int("OFC_QTY", 0, _QTY), _int("GRAIN", 0, 2),
        _num("COST"), _int("TYPE"), _text("EXTRA_INFORMATION"), _int("COST_METHOD"),
    ),
    "PATTERNS": (
        _JOB, _int("PTN_INDEX", 1, 5000, needed=True), _int("BRD_INDEX", 1, 5000, needed=True), _int("TYPE", 0, 8),
        _int("QTY_RUN", 1, _QTY, needed=True), _int("QTY_CYCLES", 0, _QTY), _int("MAX_BOOK", 0), _text("PICTURE"),
        _num("CYCLE_TIME"), _num("TOTAL_TIME"), _text("PATTERN_PROCESSING"),
    ),
    "PTN_UDI": (_JOB, _int("PTN_INDEX", 1, 5000, needed=True), _int("BRD_INDEX"), _int("STRIP_INDEX")),
    "CUTS": (
        _JOB, _int("PTN_INDEX", 1, 5000, needed=True), _int("CUT_INDEX", 1, 5000, needed=True), _int("SEQUENCE", 0),
        _int("FUNCTION", 0, 99, needed=True), _dim("DIMENSION", needed=True), _int("QTY_RPT", 0, _QTY, needed=True),
        Field("PART_INDEX", "part"), _int("QTY_PARTS", 0, _QTY), _text("COMMENT", 100),
    ),
    "VECTORS": (
        _JOB, _int("PTN_INDEX", 1, 5000, needed=True), _int("CUT_INDEX", 1, 5000, needed=True), _num("X_START"),
        _num("Y_START"), _num("X_END"), _num("Y_END"),
    ),
}  # fmt: skip
"""Record name -> its fields in order. Records end where a line ends; further fields (user data) are kept as text."""

INDICES = {
    "JOBS": "JOB_INDEX", "PARTS_REQ": "PART_INDEX", "BOARDS": "BRD_INDEX", "MATERIALS": "MAT_INDEX",
    "PATTERNS": "PTN_INDEX", "OFFCUTS": "OFC_INDEX",
}  # fmt: skip
"""Records whose index counts from 1 without gaps: JOB per file, the others per job."""
