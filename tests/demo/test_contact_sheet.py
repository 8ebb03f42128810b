"""The contact sheet: every kind of delivery becomes a picture, and none of them is blank."""

import hashlib
from pathlib import Path

import pytest
from PIL import Image, ImageStat

from fabwright.cutting.ptx_jobs import PtxOptions, write_plates_ptx
from fabwright.demo.contact_sheet import contact_sheet
from fabwright.demo.drawn import picture_of
from fabwright.demo.making import Delivered
from fabwright.documents.typesetting import Paper
from fabwright.formats.cix import CixOptions, write_cix
from fabwright.formats.dxf import write_dxf
from fabwright.formats.files import File, zip_files
from fabwright.formats.plates import PlateOrder
from fabwright.formats.xcs import XcsOptions, write_xcs
from fabwright.timber import Board, Contour

SIZE = (360, 420)
BOARD = Board(
    reference="P1",
    material="OSB/3",
    length=2500.0,
    width=1250.0,
    thickness=15.0,
    holes=(Contour.polygon([(300.0, 200.0), (900.0, 200.0), (900.0, 600.0), (300.0, 600.0)]),),
)
ORDERS = [PlateOrder(board=BOARD, batch="B1")]
MADE = {
    "plates_dxf": lambda: write_dxf(ORDERS),
    "plates_xcs": lambda: write_xcs(ORDERS, XcsOptions(full_contour=True)),
    "plates_cix": lambda: write_cix(ORDERS, CixOptions(full_contour=True)),
    "plates_ptx": lambda: write_plates_ptx(ORDERS, PtxOptions()),
    "custom_woodcsv": lambda: (File("list.csv", "Reference;Länge;木\nS1;2400;×\n".encode()),),
}


def delivered(folder: Path, name: str) -> Delivered:
    data = zip_files(MADE[name]())
    path = folder / f"{name}.zip"
    path.write_bytes(data)
    return Delivered("Whole house", name, path, len(data), hashlib.sha256(data).hexdigest())


def is_drawn(picture: Image.Image) -> bool:
    """Whether there is more than one colour."""
    return ImageStat.Stat(picture.convert("L")).stddev[0] > 2.0


@pytest.mark.parametrize("name", MADE)
def test_every_machine_file_becomes_a_picture(tmp_path, name):
    picture = picture_of(delivered(tmp_path, name).path, SIZE)
    assert picture.size == SIZE
    assert is_drawn(picture)


def test_a_page_with_something_on_it_is_chosen(tmp_path):
    template = tmp_path / "two.typ"
    template.write_text("#page[]\n#page[#for n in range(40) [line #n \\ ]]", encoding="utf-8")
    path = tmp_path / "two.pdf"
    path.write_bytes(Paper(tmp_path).pdf("two.typ", {}))
    assert is_drawn(picture_of(path, SIZE))


def test_a_file_that_is_no_text_is_shown_all_the_same(tmp_path):
    path = tmp_path / "odd.bin"
    path.write_bytes(bytes(range(256)) * 4)
    assert picture_of(path, SIZE).size == SIZE


def test_the_sheet_shows_each_document_type_once(tmp_path):
    all_of_them = [delivered(tmp_path, name) for name in MADE]
    found = {one.path: "1 file" for one in all_of_them}
    once = Image.open(contact_sheet(all_of_them, found, tmp_path / "once.png"))
    twice = Image.open(contact_sheet([*all_of_them, *all_of_them], found, tmp_path / "twice.png"))
    assert is_drawn(once)
    assert once.tobytes() == twice.tobytes()
