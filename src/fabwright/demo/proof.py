"""What the demo shows at its end: every delivered file read again by itself, and pictures."""

import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import pypdfium2
from pypdf import PdfReader
from rich.console import Console

from fabwright.demo.making import Delivered
from fabwright.demo.service import DemoError
from fabwright.formats.ardis import read_ardis
from fabwright.formats.btl import read_btl
from fabwright.formats.dxf import read_dxf
from fabwright.formats.files import File, unzip_files
from fabwright.formats.ptx import read_ptx, replay_patterns
from fabwright.timber import Panel
from fabwright.timber.picture import panel_png


def check_deliveries(delivered: Sequence[Delivered], house: Sequence[Panel], console: Console) -> dict[Path, str]:
    """Reads every file again and counts: path -> what was found.

    Raises:
        DemoError: the pieces of all lines together are not those of the house.
    """
    found = {one.path: _count(one) for one in delivered}
    members, boards = (sum(len(part) for part in parts) for parts in zip(*_branches(house), strict=True))
    for document_type, wanted in (("wood_btl", members), *((name, boards) for name in BOARDS)):
        of_type = [found[one.path][0] for one in delivered if one.document_type == document_type]
        if of_type and sum(of_type) != wanted:
            raise DemoError(f"{document_type}: the files hold {sum(of_type)} pieces, the house has {wanted}")
    console.print(f"wood_btl: all {members} sticks of the house; {', '.join(BOARDS)}: all {boards} plates")
    return {path: text for path, (_, text) in found.items()}


def _branches(house: Sequence[Panel]) -> Iterator[tuple[tuple[object, ...], tuple[object, ...]]]:
    for panel in house:
        yield panel.members, panel.boards


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


BOARDS = ("plates_ardis", "plates_dxf", "plates_ptx")
"""Types whose files are read back to count the plates of the house."""


def _count(one: Delivered) -> tuple[int, str]:
    """(pieces, what was found) of a delivery."""
    data = one.path.read_bytes()
    if one.path.suffix == ".pdf":
        return 0, f"PDF, {len(PdfReader(io.BytesIO(data)).pages)} pages"
    if one.path.suffix != ".zip":
        return 0, f"{one.path.suffix[1:].upper()}, {len(data) / 1000:,.0f} kB"
    files = unzip_files(data)
    ending = files[0].name.rpartition(".")[2].upper()
    text = f"{len(files)} {ending} {'file' if len(files) == 1 else 'files'}, {len(data) / 1000:,.0f} kB"
    if one.document_type not in ("wood_btl", *BOARDS):
        return 0, text
    pieces = sum(_pieces(one.document_type, file) for file in files)
    return pieces, f"{text}, {pieces} pieces"


def _pieces(document_type: str, file: File) -> int:
    """Read back by the reader of the format."""
    if document_type == "wood_btl":
        return read_btl(file.content).pieces
    if document_type == "plates_ardis":
        return sum(row.quantity for row in read_ardis(file))
    if document_type == "plates_dxf":
        return read_dxf(file.content).quantity
    return sum(piece.runs for piece in replay_patterns(read_ptx(file.content)) if piece.what.isdigit())
