"""What the demo shows at its end: every delivered file read again by itself, and pictures."""

import io
from collections.abc import Sequence
from pathlib import Path

import pypdfium2
from pypdf import PdfReader
from rich.console import Console

from fabwright.demo.making import Delivered
from fabwright.demo.service import DemoError
from fabwright.formats.ardis import read_ardis
from fabwright.formats.btl import read_btl
from fabwright.formats.files import unzip_files
from fabwright.timber import Panel
from fabwright.timber.picture import panel_png


def check_deliveries(delivered: Sequence[Delivered], house: Sequence[Panel], console: Console) -> dict[Path, str]:
    """Reads every file again and counts: path -> what was found.

    Raises:
        DemoError: the pieces of both lines together are not those of the house.
    """
    found = {one.path: _count(one) for one in delivered}
    for document_type, wanted in (
        ("wood_btl", sum(len(panel.members) for panel in house)),
        ("plates_ardis", sum(len(panel.boards) for panel in house)),
    ):
        counted = sum(found[one.path][0] for one in delivered if one.document_type == document_type)
        if counted != wanted:
            raise DemoError(f"{document_type}: the files hold {counted} pieces, the house has {wanted}")
        console.print(f"{document_type}: all {wanted} pieces of the house are in the files")
    return {path: text for path, (_, text) in found.items()}


def draw_pictures(delivered: Sequence[Delivered], house: Sequence[Panel], folder: Path) -> list[Path]:
    """A picture of one wall and the first list page of the wood list."""
    folder.mkdir(parents=True)
    wall = folder / f"panel-{house[0].name}.png"
    wall.write_bytes(panel_png(house[0]))
    lists = next(one for one in delivered if one.document_type == "wood_bom")
    document = pypdfium2.PdfDocument(lists.path.read_bytes())
    page = folder / "wood-bom-page.png"
    document[min(2, len(document) - 1)].render(scale=110 / 72).to_pil().save(page)
    document.close()
    return [wall, page]


def _count(one: Delivered) -> tuple[int, str]:
    data = one.path.read_bytes()
    if one.document_type == "wood_bom":
        pages = len(PdfReader(io.BytesIO(data)).pages)
        return 0, f"{pages} pages"
    files = unzip_files(data)
    if one.document_type == "wood_btl":
        pieces = sum(read_btl(file.content).pieces for file in files)
    else:
        pieces = sum(row.quantity for file in files for row in read_ardis(file))
    return pieces, f"{len(files)} files, {pieces} pieces"
