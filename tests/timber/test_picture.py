"""The drawing of a panel is a drawing: well-formed, with every part, readable numbers, and nothing that escapes."""

import io
from xml.etree import ElementTree

import msgspec
import pytest
from PIL import Image

from fabwright.demo.house import build_house
from fabwright.timber import Panel
from fabwright.timber.picture import panel_png, panel_svg

HOUSE = {panel.name: panel for panel in build_house()}
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("name", ["W01", "F03", "G01", "R01"])
def test_every_part_and_opening_is_drawn(name: str) -> None:
    panel = HOUSE[name]
    root = ElementTree.fromstring(panel_svg(panel))
    paths = root.findall(f".//{SVG}path")
    outer = [part for part in panel.stock if part.zone > 0]
    inner = [board for board in panel.boards if board.zone <= 0] or panel.boards
    frame = [member for member in panel.members if member.zone == 0]
    assert len(paths) == len(inner) + len(frame) + len(outer) + 2 * len(panel.openings)


def test_the_dimensions_of_wall_and_openings_are_written() -> None:
    root = ElementTree.fromstring(panel_svg(HOUSE["W01"]))
    texts = [element.text for element in root.iter(f"{SVG}text")]
    assert {"W01", "5000", "2700", "900", "1010", "Door 1010 x 2100"} <= set(texts)


def test_a_name_cannot_break_out_of_the_drawing() -> None:
    panel = msgspec.structs.replace(HOUSE["K01"], name='</text><script>alert("x")</script>')
    root = ElementTree.fromstring(panel_svg(panel))
    assert root.find(f".//{SVG}script") is None


def test_the_picture_has_the_size_that_was_asked_for() -> None:
    for name in ("W01", "R01"):
        image = Image.open(io.BytesIO(panel_png(HOUSE[name], size_px=800)))
        assert abs(max(image.size) - 800) <= 1
        colours = image.convert("RGB").getcolors(maxcolors=1_000_000)
        assert colours is not None
        assert len(colours) > 20


def test_an_empty_panel_is_drawn_too() -> None:
    assert panel_png(Panel(name="empty"), size_px=200).startswith(b"\x89PNG")
