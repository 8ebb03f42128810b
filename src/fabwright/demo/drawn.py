"""Pictures of files: a page of a PDF, the plan of a plate or a cutting pattern, the first lines of a text."""

import io
from collections.abc import Callable, Iterable
from pathlib import Path

import pypdfium2
from PIL import Image, ImageDraw, ImageFont

from fabwright.documents.typesetting import Paper
from fabwright.formats.cix import read_cix
from fabwright.formats.dxf import read_dxf
from fabwright.formats.files import File, unzip_files
from fabwright.formats.plates.program import Program
from fabwright.formats.ptx import read_ptx, replay_patterns
from fabwright.formats.xcs import read_xcs
from fabwright.timber import Contour

type Size = tuple[int, int]

PAPER, INK, PALE = "#ffffff", "#1b2321", "#5d6a66"
PLATE, OFFCUT, REST, WORK = "#f4ecdf", "#e6f0ec", "#f0f0f0", "#0b5d4e"
_LINES, _SIGNS = 36, 76  # of a text that are shown
_MOST_PAGES = 12  # that are looked at
_TEMPLATES = Path(__file__).parent / "templates"


def picture_of(path: Path, size: Size) -> Image.Image:
    """What a delivered file looks like; of a ZIP the largest file in it."""
    file = File(path.name, path.read_bytes())
    if path.suffix == ".zip":
        file = max(unzip_files(file.content), key=lambda one: (len(one.content), one.name))
    draw = _DRAWN.get(file.name.rpartition(".")[2].lower(), _text)
    return draw(file.content, size)


def _page(data: bytes, size: Size) -> Image.Image:
    """The page with most on it, among the first."""
    document = pypdfium2.PdfDocument(data)
    pages = range(min(_MOST_PAGES, len(document)))
    page = document[max(pages, key=lambda number: (sum(1 for _ in document[number].get_objects()), -number))]
    width, height = page.get_size()
    picture = page.render(scale=min(size[0] / width, size[1] / height)).to_pil()
    document.close()
    return _centred(picture, size)


def _centred(picture: Image.Image, size: Size) -> Image.Image:
    sheet = Image.new("RGB", size, PAPER)
    sheet.paste(picture, ((size[0] - picture.width) // 2, (size[1] - picture.height) // 2))
    return sheet


def _text(data: bytes, size: Size) -> Image.Image:
    """The first lines, as they stand."""
    text = data.decode("utf-8-sig", errors="replace").expandtabs(3)
    lines = ["".join(sign if sign.isprintable() else " " for sign in line[:_SIGNS]) for line in text.splitlines()]
    page = {"width": size[0] / 2, "height": size[1] / 2, "lines": lines[:_LINES]}
    (png,) = Paper(_TEMPLATES).pictures("text.typ", page, ppi=144.0)[:1]
    return _centred(Image.open(io.BytesIO(png)).convert("RGB").crop((0, 0, *size)), size)


class _Plan:
    """A drawing in mm within a picture, y upwards."""

    def __init__(self, length: float, width: float, size: Size) -> None:
        self.sheet = Image.new("RGB", size, PAPER)
        self._draw = ImageDraw.Draw(self.sheet)
        edge = 16
        self._scale = min((size[0] - 2 * edge) / length, (size[1] - 2 * edge) / width)
        self._left = (size[0] - length * self._scale) / 2
        self._low = (size[1] + width * self._scale) / 2

    def ring(self, points: Iterable[tuple[float, float]], fill: str | None, stroke: str = INK) -> None:
        """A closed area."""
        self._draw.polygon([self._at(*point) for point in points], fill=fill, outline=stroke)

    def line(self, contour: Contour, stroke: str = WORK) -> None:
        """A path."""
        self._draw.line([self._at(*point) for point in contour.points(0.5)], fill=stroke, width=2)

    def circle(self, x: float, y: float, diameter: float) -> None:
        """A hole, large enough to be seen."""
        radius = max(diameter / 2, 2.5 / self._scale)
        self._draw.ellipse((self._at(x - radius, y + radius), self._at(x + radius, y - radius)), outline=WORK, width=2)

    def name(self, x: float, y: float, text: str) -> None:
        """A short text in the middle of a place."""
        self._draw.text(self._at(x, y), text, fill=INK, anchor="mm", font=ImageFont.load_default(size=13))

    def _at(self, x: float, y: float) -> tuple[float, float]:
        return (self._left + x * self._scale, self._low - y * self._scale)


def _dxf(data: bytes, size: Size) -> Image.Image:
    plate = read_dxf(data).plate
    plan = _Plan(plate.length, plate.width, size)
    plan.ring(plate.outline.points(0.5), PLATE)
    for cutout in plate.cutouts:
        plan.ring(cutout.points(0.5), PAPER)
    for area in plate.areas:
        plan.ring(area.contour.points(0.5), REST)
    for path in (*plate.paths, *plate.marks):
        plan.line(path.contour)
    for hole in plate.holes:
        plan.circle(hole.x, hole.y, hole.diameter)
    for x, y in plate.nails:
        plan.circle(x, y, 1.0)
    plan.name(plate.length / 2, plate.width / 2, f"{plate.reference}  {plate.length:g} x {plate.width:g}")
    return plan.sheet


def _program(read: Callable[[bytes], Program]) -> Callable[[bytes, Size], Image.Image]:
    """The drawing of a program above its first lines."""

    def draw(data: bytes, size: Size) -> Image.Image:
        half = (size[0], size[1] // 2)
        program = read(data)
        plan = _Plan(program.length, program.width, half)
        corners = [(0.0, 0.0), (program.length, 0.0), (program.length, program.width), (0.0, program.width)]
        plan.ring(corners, PLATE, PALE)
        for route in program.routes:
            plan.line(route.contour)
        for drill in program.drills:
            plan.circle(drill.hole.x, drill.hole.y, drill.hole.diameter)
        sheet = Image.new("RGB", size, PAPER)
        sheet.paste(plan.sheet, (0, 0))
        sheet.paste(_text(data, size).crop((0, 0, size[0], size[1] - half[1])), (0, half[1]))
        return sheet

    return draw


def _ptx(data: bytes, size: Size) -> Image.Image:
    """The first pattern of which most different parts fall, replayed from its cuts."""
    file = read_ptx(data)
    fallen = replay_patterns(file)
    parts: dict[int, set[str]] = {}
    for piece in fallen:
        parts.setdefault(piece.pattern, set()).add(piece.what)
    chosen = max(parts, key=lambda pattern: (len(parts[pattern]), -pattern))
    record = next(one for one in file.of("PATTERNS") if one.integer("PTN_INDEX") == chosen)
    board = next(one for one in file.of("BOARDS") if one.integer("BRD_INDEX") == record.integer("BRD_INDEX"))
    names = {one.integer("PART_INDEX"): one.text("CODE") for one in file.of("PARTS_REQ")}
    plan = _Plan(board.number("LENGTH"), board.number("WIDTH"), size)
    for piece in fallen:
        if piece.pattern != chosen:
            continue
        x, y, u, v = piece.x, piece.y, piece.x + piece.length, piece.y + piece.width
        colour = PLATE if piece.what.isdigit() else OFFCUT if piece.what else REST
        plan.ring([(x, y), (u, y), (u, v), (x, v)], colour)
        if piece.what.isdigit():
            plan.name((x + u) / 2, (y + v) / 2, f"{names[int(piece.what)]}  {piece.length:g} x {piece.width:g}")
    return plan.sheet


def _table(data: bytes, size: Size) -> Image.Image:
    """The first rows of a workbook, as text."""
    from python_calamine import CalamineWorkbook

    rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    return _text("\n".join("   ".join(str(cell) for cell in row) for row in rows[:_LINES]).encode(), size)


_DRAWN: dict[str, Callable[[bytes, Size], Image.Image]] = {
    "pdf": _page,
    "dxf": _dxf,
    "xcs": _program(read_xcs),
    "cix": _program(read_cix),
    "ptx": _ptx,
    "xlsx": _table,
}
