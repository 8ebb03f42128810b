"""Plates, accessories and designs as lists: totals, drawings, one file for each design."""

import io

import pypdf
import pytest
from bom_examples import bom, osb, stud, wall
from hypothesis import given, settings
from hypothesis import strategies as st

from fabwright.documents.accessories_bom import AccessoriesBomOptions, accessories_bom, verify_accessories_bom
from fabwright.documents.board_views import board_card
from fabwright.documents.bom import Assembly, Bom
from fabwright.documents.designs_bom import DesignsBomOptions, designs_bom, verify_designs_bom
from fabwright.documents.plates_bom import PlatesBomOptions, net_area, plates_bom, plates_parts, verify_plates_bom
from fabwright.errors import InputError, VerificationError
from fabwright.formats.files import File
from fabwright.timber import Contour, Fastener, Panel, Segment
from fabwright.timber.process import ContourCut, Drilling, NailLine

CIRCLE = Contour(
    start=(700.0, 600.0),
    segments=(Segment(end=(500.0, 600.0), through=(600.0, 700.0)), Segment(end=(700.0, 600.0), through=(600.0, 500.0))),
)


def text_of(file: File) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(file.content)).pages)


boards = st.builds(
    osb,
    st.sampled_from(["P1", "P2", ""]),
    length=st.integers(1, 60_000).map(lambda tenths: tenths / 10),
    width=st.integers(1, 30_000).map(lambda tenths: tenths / 10),
    material=st.sampled_from(["OSB/3", "Gypsum", ""]),
    thickness=st.sampled_from([12.0, 15.0]),
)


@settings(max_examples=10)
@given(st.lists(boards, min_size=1, max_size=10), st.integers(1, 9), st.sampled_from(["extended", "classic"]))
def test_any_selection_of_plates_is_read_back(chosen, quantity, style) -> None:
    order = bom(Assembly(name="W", panel=Panel(name="P", boards=tuple(chosen)), quantity=quantity))
    options = PlatesBomOptions(table_style=style)
    files = plates_bom(order, options)
    verify_plates_bom(files, order, options)
    assert files == plates_bom(order, options)


def test_areas_are_gross_and_net_of_cut_outs() -> None:
    (file,) = plates_bom(bom(), PlatesBomOptions(cover_page=False))
    text = text_of(file).split()
    gross = 4 * 3 * 2.5 * 1.25
    assert f"{gross:.2f}" in text
    assert f"{gross - 4 * 1.0 * 0.6:.2f}" in text


def test_a_hole_that_leaves_the_outline_counts_only_inside_it() -> None:
    over = Contour.polygon([(2000.0, 0.0), (3000.0, 0.0), (3000.0, 1250.0), (2000.0, 1250.0)])
    assert net_area(osb(holes=(over,))) == pytest.approx(2000 * 1250)


def test_sheets_are_counted_by_area_for_each_material() -> None:
    order = bom(Assembly(name="W", panel=Panel(name="P", boards=(osb(), osb(length=1000.0), osb(material="MDF")))))
    (part,) = plates_parts(order, PlatesBomOptions())
    (table,) = next(section for section in part.sections if section.title == "Materials").tables
    assert [row[-1] for row in table.groups[0].rows] == ["1", "2"]
    assert table.total[-1] == "3"


def test_only_plates_that_are_no_rectangle_are_drawn() -> None:
    nails = NailLine(side=4, contour=Contour.line((10.0, 10.0), (2490.0, 10.0), spacing=150.0))
    assert board_card(osb(), reference="P", quantity=1) is None
    assert board_card(osb(processes=(nails,)), reference="P", quantity=1) is None
    assert board_card(osb(outline=osb().contour), reference="P", quantity=1) is None
    gable = Contour.polygon([(0.0, 0.0), (2500.0, 0.0), (1250.0, 1250.0)])
    for shaped in (osb(outline=gable), osb(holes=(CIRCLE,)), osb(processes=(Drilling(side=4, start_x=10.0),))):
        assert board_card(shaped, reference="P", quantity=1) is not None


def test_a_drawing_shows_holes_angles_and_the_far_face_mirrored() -> None:
    gable = Contour.polygon([(0.0, 0.0), (2500.0, 0.0), (1250.0, 1250.0)])
    far = Drilling(side=2, start_x=400.0, start_y=1000.0, diameter=20.0, depth=8.0)
    card = board_card(osb(outline=gable, holes=(CIRCLE,), processes=(far,)), reference="P", quantity=1)
    assert card is not None
    texts = {item["text"] for item in card.views[0].drawing.items if item["kind"] == "text"}
    assert {"600", "45°", "400", "250", "2500", "1250"} <= texts
    assert "1000" not in texts
    assert "hole Ø200 at x 600, y 600" in card.notes


@pytest.mark.parametrize("size", [(100.0, 50.0), (2500.0, 1250.0), (16_000.0, 3_200.0), (90_000.0, 40_000.0)])
def test_a_plate_of_any_size_fits_the_page(size) -> None:
    length, width = size
    cut = ContourCut(side=4, contour=Contour.line((0.0, 0.0), (length, width)))
    card = board_card(osb(length=length, width=width, processes=(cut,)), reference="P", quantity=1)
    assert card is not None
    drawing = card.views[0].drawing
    assert drawing.width < 168
    assert drawing.height < 95


def test_a_list_without_plates_or_accessories_is_refused() -> None:
    only_wood = bom(Assembly(name="W", panel=Panel(name="P", members=(stud(),))))
    with pytest.raises(InputError, match="no plates"):
        plates_bom(only_wood)
    with pytest.raises(InputError, match="no accessories"):
        accessories_bom(only_wood)
    with pytest.raises(InputError, match="no plates that the filters let through"):
        plates_bom(bom(), PlatesBomOptions(material_filter=("MDF",)))


def test_accessories_are_counted_by_article_over_assemblies() -> None:
    files = accessories_bom(bom())
    verify_accessories_bom(files, bom())
    text = text_of(files[0])
    assert "Nail 2.8 × 65" in text
    assert str(4 * 84) in text.split()
    assert str(4 * 88) in text.split()
    assert files[0].name == "accesories_bom_House 12.pdf"


@pytest.mark.parametrize("grouping", ["selected", "batch", "panels"])
@pytest.mark.parametrize("style", ["extended", "classic"])
def test_accessories_can_be_grouped_and_styled(grouping, style) -> None:
    options = AccessoriesBomOptions(grouping=grouping, table_style=style)
    files = accessories_bom(bom(), options)
    verify_accessories_bom(files, bom(), options)
    assert len(files) == (1 if grouping == "selected" else 2)


def test_one_article_in_two_sizes_makes_two_lines() -> None:
    screws = tuple(Fastener(article="Screw", diameter=8.0, length=length, quantity=3) for length in (160.0, 200.0))
    order = bom(Assembly(name="W", panel=Panel(name="P", fasteners=screws)))
    files = accessories_bom(order)
    verify_accessories_bom(files, order)
    assert "160 long" in text_of(files[0])
    assert "200 long" in text_of(files[0])


def test_assemblies_that_share_a_design_share_one_pdf() -> None:
    files = designs_bom(bom())
    assert [file.name for file in files] == ["designs_bom_House 12_W01.pdf"]
    verify_designs_bom(files, bom())
    text = text_of(files[0])
    assert all(title in text for title in ("Wood", "Plates", "Accessories", "Profile drawings", "Plate drawings"))


def test_designs_of_one_name_with_different_parts_stay_apart() -> None:
    other = Panel(name="W01", members=(stud("S9"),))
    order = bom(Assembly(name="A", panel=wall()), Assembly(name="B", panel=other), Assembly(name="C", panel=wall()))
    files = designs_bom(order)
    assert [file.name for file in files] == ["designs_bom_House 12_W01.pdf", "designs_bom_House 12_W01_2.pdf"]
    verify_designs_bom(files, order)


def test_switches_of_the_designs_list_take_sections_away() -> None:
    options = DesignsBomOptions(
        cover_page=False, designs_summary=False, profile_drawings=False, plate_drawings=False, table_style="classic"
    )
    files = designs_bom(bom(), options)
    verify_designs_bom(files, bom(), options)
    text = text_of(files[0])
    assert "drawings" not in text
    assert "Designs" not in text


def test_no_design_is_refused() -> None:
    with pytest.raises(InputError, match="no design with parts"):
        designs_bom(Bom(title="List", assemblies=()))


def test_a_list_of_other_plates_is_found_out() -> None:
    (file,) = plates_bom(bom())
    other = Panel(name="W01", boards=(osb("P1"), osb("P2"), osb("G1", material="Gypsum", thickness=15.0, zone=-1)))
    with pytest.raises(VerificationError):
        verify_plates_bom([file], bom(Assembly(name="W01", panel=other)))
    with pytest.raises(VerificationError):
        verify_accessories_bom([file], bom())
    with pytest.raises(VerificationError):
        verify_designs_bom([file], bom())
