"""Pages with tables, texts and photos: how the documents about the workshop are laid out, and read back."""

import base64
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pypdf
from PIL import Image
from pypdf.errors import PyPdfError

from fabwright.documents.layout import Cover, Document, Part, Section, data_of
from fabwright.documents.reading import expected_rows
from fabwright.documents.records import PhotoRecord, Sheet, moment
from fabwright.documents.typesetting import Paper, breakable, shortened
from fabwright.errors import FormatError, VerificationError
from fabwright.formats.files import File, file_name

TEMPLATE = "records.typ"
IN_CELL = 160
"""Signs of a text that stand in a table; a longer one is shortened there and stands whole below it."""
_LAST_COMPARED = 0x530  # scripts beyond Latin, Greek and Cyrillic are drawn as the fonts can, and not compared
_DRAWS = re.compile(rb"(/[^\s/\[\]()<>]+)\s+Do\b")
_DEEPEST = 20
_PARAGRAPHS = re.compile(r"\s*\n\s*")


@dataclass(frozen=True)
class Picture:
    """A photo with the number that tables refer to."""

    number: int
    photo: PhotoRecord
    of: str

    @property
    def caption(self) -> str:
        """What stands below it."""
        return f"{self.number} · {shortened(self.of, 60)} · {shortened(self.photo.taken_by, 24)}"


@dataclass(frozen=True)
class Block:
    """A head with facts, texts and photos; without a head what belongs to the table before it."""

    head: str = ""
    side: str = ""
    facts: Sequence[tuple[str, str]] = ()
    texts: Sequence[tuple[str, str]] = ()
    pictures: Sequence[Picture] = ()


@dataclass(frozen=True)
class Chapter:
    """A section and the blocks that follow its tables."""

    section: Section
    blocks: Sequence[Block] = ()


def in_cell(text: str) -> str:
    """The text as a table shows it: on one paragraph, shortened."""
    return shortened(_PARAGRAPHS.sub(" ", text.strip()), IN_CELL)


def is_long(text: str) -> bool:
    """Whether a table cannot show all of it."""
    return len(_PARAGRAPHS.sub(" ", text.strip())) > IN_CELL


def numbers(pictures: Sequence[Picture]) -> str:
    """ "3", "3, 4", "3–7": what a table says of photos."""
    if len(pictures) < 3:
        return ", ".join(str(picture.number) for picture in pictures)
    return f"{pictures[0].number}–{pictures[-1].number}"


def file_of(kind: str, sheet: Sheet, cover: Cover | None, chapters: Sequence[Chapter]) -> File:
    """The PDF. The same sheet gives the same bytes."""
    document = _document(sheet, cover, chapters)
    data = data_of(document)
    for shown, chapter in zip(data["parts"][0]["sections"], chapters, strict=True):
        shown["blocks"] = [_block(block) for block in chapter.blocks]
    name = file_name("_".join(filter(None, (kind, sheet.project, sheet.name))), "pdf")
    return File(name, Paper().pdf(TEMPLATE, data))


def _document(sheet: Sheet, cover: Cover | None, chapters: Sequence[Chapter]) -> Document:
    part = Part("", [chapter.section for chapter in chapters], cover)
    return Document(
        title=sheet.title,
        company=sheet.company,
        project=sheet.project,
        phase=sheet.name,
        footer=f"As of {sheet.as_of:%Y-%m-%d}. Times in UTC.",
        parts=(part,),
    )


def _block(block: Block) -> dict[str, Any]:
    return {
        "head": breakable(block.head),
        "side": block.side,
        "facts": [[name, breakable(text)] for name, text in block.facts if text],
        "texts": [
            {"title": breakable(in_cell(title)), "paragraphs": [breakable(one) for one in _paragraphs(text)]}
            for title, text in block.texts
        ],
        "pictures": [
            {"svg": _svg(picture.photo), "caption": breakable(picture.caption), "when": moment(picture.photo.taken_at)}
            for picture in block.pictures
        ],
    }


def _paragraphs(text: str) -> list[str]:
    return [one for one in _PARAGRAPHS.split(text.strip()) if one]


def _svg(photo: PhotoRecord) -> str:
    """The JPEG inside an SVG: Typst reads pictures from texts only so, and keeps the JPEG as it is."""
    with Image.open(io.BytesIO(photo.preview), formats=["JPEG"]) as image:
        size = f'width="{image.width}" height="{image.height}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" {size}>'
        f'<image {size} xlink:href="data:image/jpeg;base64,{base64.b64encode(photo.preview).decode()}"/></svg>'
    )


# -- reading back ---------------------------------------------------------------------------------------------------


def check_file(file: File, sheet: Sheet, cover: Cover | None, chapters: Sequence[Chapter]) -> None:
    """Every row, fact, text and caption stands in the PDF, in order, and every photo is in it, byte by byte, as often
    as it belongs there.

    Raises:
        FormatError: no PDF that can be read.
        VerificationError: something is missing or different; names it.
    """
    try:
        reader = pypdf.PdfReader(io.BytesIO(file.content))
        text = _text(reader, _document(sheet, cover, chapters))
        stored = _stored(reader)
        placed = sum(_drawn(page.get_contents(), page.get("/Resources"), 0) for page in reader.pages)
    except (PyPdfError, ValueError, KeyError, TypeError) as error:
        raise FormatError(f"not a readable PDF: {error}", where="PDF") from error
    place = 0
    for wanted in _wanted(chapters):
        at = text.find(_compared(wanted), place)
        if at < 0:
            raise VerificationError("is not in the PDF, or not where it belongs", where=shortened(wanted, 80))
        place = at + len(_compared(wanted))
    pictures = [one for chapter in chapters for block in chapter.blocks for one in block.pictures]
    for picture in pictures:
        if picture.photo.preview not in stored:
            raise VerificationError("the photo is not in the PDF", where=picture.caption)
    if placed != len(pictures):
        raise VerificationError(f"{len(pictures)} photos were expected on its pages, got {placed}", where=file.name)


def _wanted(chapters: Sequence[Chapter]) -> Iterable[str]:
    for chapter in chapters:
        yield chapter.section.title
        for table in chapter.section.tables:
            for row in expected_rows(table):
                yield "".join(row)
        for block in chapter.blocks:
            yield block.head + block.side
            for fact in block.facts:
                if fact[1]:
                    yield "".join(fact)
            for title, text in block.texts:
                yield in_cell(title)
                yield from _paragraphs(text)
            yield from (picture.caption for picture in block.pictures)


def _text(reader: pypdf.PdfReader, document: Document) -> str:
    """The text of all pages as it is compared, without what stands at head and foot of each."""
    data = data_of(document)
    head = _compared(data["head"] + data["place"])
    pages = []
    for number, page in enumerate(reader.pages, 1):
        text = _compared(page.extract_text())
        foot = _compared(f"{data['footer']}Page{number}of{len(reader.pages)}")
        pages.append(text.replace(head, "", 1).replace(foot, "", 1))
    return "".join(pages)


def _compared(text: str) -> str:
    """Letters and digits of the scripts that the fonts have, in lower case and without accents."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in plain if ord(sign) < _LAST_COMPARED and sign.isalnum()).lower()


def _stored(reader: pypdf.PdfReader) -> set[bytes]:
    """The JPEGs of the file."""
    found = set()
    for number in reader.xref.get(0, {}):
        thing = reader.get_object(number)
        if isinstance(thing, pypdf.generic.StreamObject) and thing.get("/Subtype") == "/Image":
            found.add(bytes(thing._data))
    return found


def _drawn(stream: Any, resources: Any, depth: int) -> int:
    """How many pictures a page or a form draws, those of the forms within it included."""
    if stream is None or resources is None or depth > _DEEPEST:
        return 0
    things = resources.get_object().get("/XObject", {})
    count = 0
    for name in _DRAWS.findall(stream.get_data()):
        thing = things.get_object().get(name.decode("latin-1"))
        form = thing.get_object() if thing is not None else {}
        if form.get("/Subtype") == "/Image":
            count += 1
        elif form.get("/Subtype") == "/Form":
            count += _drawn(form, form.get("/Resources", resources), depth + 1)
    return count
