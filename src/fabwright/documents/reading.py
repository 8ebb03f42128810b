"""A PDF read back as text, to compare it with what was asked."""

import re
from collections.abc import Sequence

import pypdfium2

from fabwright.documents.layout import Document, Part, Table
from fabwright.errors import FormatError, VerificationError

_BLANK = re.compile(r"[\s\u200b\u00ad]+")
_SECOND = re.compile(r"(?<=\\-)\\-")  # an escaped hyphen after another
_HYPHEN = "\ufffe"  # what PDFium reads for a hyphen at the end of a line


def page_texts(pdf: bytes) -> list[str]:
    """The text of every page without any blanks (cells and lines break where the layout wants).

    Raises:
        FormatError: not a PDF that can be opened.
    """
    try:
        document = pypdfium2.PdfDocument(pdf)
    except pypdfium2.PdfiumError as error:
        raise FormatError(f"not a readable PDF: {error}", where="PDF") from error
    try:
        return [squeezed(page.get_textpage().get_text_range().replace(_HYPHEN, "-")) for page in document]
    except pypdfium2.PdfiumError as error:
        raise FormatError(f"a page cannot be read: {error}", where="PDF") from error
    finally:
        document.close()


def squeezed(text: str) -> str:
    """The text without blanks and invisible breaks."""
    return _BLANK.sub("", text)


def check_tables(pdf: bytes, document: Document) -> None:
    """Every row and total of every table stands in the PDF, whole and in order.

    Raises:
        FormatError: the PDF cannot be read.
        VerificationError: a row is missing or different; names it.
    """
    text = "".join(page_texts(pdf))
    place = 0
    for part in document.parts:
        for section in part.sections:
            place = _found(text, squeezed(section.title), place, section.title)
            for table in section.tables:
                for row in expected_rows(table):
                    place = _found(text, squeezed("".join(row)), place, " · ".join(filter(None, row)))
            for card in section.cards:
                place = _found(text, squeezed(card.reference + card.title), place, f"drawing of {card.reference}")


def expected_rows(table: Table) -> list[Sequence[str]]:
    """All rows that hold something, group heads and totals included, from top to bottom."""
    rows: list[Sequence[str]] = []
    for group in table.groups:
        rows += [(group.title, group.note), *group.rows, group.total]
    rows.append(table.total)
    return [row for row in rows if any(row)]


def end_of(wanted: str, text: str, place: int = 0) -> int:
    """Where the wanted text ends that stands in `text` from `place` on; -1 where it does not.

    PDFium takes a hyphen after a hyphen for a broken word now and then ("0--" is read as "0-"): those may lack, a
    single one, which may be a sign, may not.
    """
    if "--" not in wanted:
        at = text.find(wanted, place)
        return at + len(wanted) if at >= 0 else -1
    found = re.compile(_SECOND.sub("-?", re.escape(wanted))).search(text, place)
    return found.end() if found else -1


def _found(text: str, wanted: str, place: int, name: str) -> int:
    end = end_of(wanted, text, place)
    if end < 0:
        raise VerificationError("is not in the PDF, or not where it belongs", where=name)
    return end


def check_totals(parts: Sequence[Part], title: str, sums: Sequence[tuple[str, Sequence[float]]], *, first: int) -> None:
    """The total row of the section `title` of every part says what was summed apart from it.

    Args:
        sums: (name, figures in column order) of each part.
        first: the column of the first figure. A table style may have fewer columns than there are figures.

    Raises:
        VerificationError: a part or a figure differs; names both.
    """
    if [part.name for part in parts] != [name for name, _ in sums]:
        raise VerificationError(
            f"the lists {[name for name, _ in sums]} were expected, got {[part.name for part in parts]}", where=title
        )
    for part, (_, figures) in zip(parts, sums, strict=True):
        totals = [table.total for section in part.sections if section.title == title for table in section.tables]
        if len(totals) != 1:
            raise VerificationError(f"one total was expected, got {len(totals)}", where=f"{title} {part.name}".strip())
        for cell, value in zip(totals[0][first:], figures, strict=False):
            decimals = len(cell.partition(".")[2])
            if abs(float(cell) - value) > 0.5001 * 10**-decimals:
                raise VerificationError(
                    f"the total {cell} was written, the panels give {value:.{decimals}f}",
                    where=f"{title} {part.name}".strip(),
                )
