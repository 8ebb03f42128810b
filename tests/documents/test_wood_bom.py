"""The wood list: totals of the panels, all options, drawings only where there is something to see."""

import io

import pdfplumber
import pypdf
import pytest
from bom_examples import bom, stud, wall, worked
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fabwright.documents.bom import Assembly, Bom
from fabwright.documents.member_views import member_card
from fabwright.documents.reading import page_texts
from fabwright.documents.wood_bom import WoodBomOptions, verify_wood_bom, wood_bom, wood_parts
from fabwright.errors import FormatError, InputError, VerificationError
from fabwright.formats.files import File
from fabwright.timber import Contour, Member, Panel
from fabwright.timber.process import Drilling, JackRafterCut, Mortise, NailLine, Opaque

# of the four sticks of the example: 3 x 2400 x 45 x 145 and 4200 x 60 x 220, one wall and three more
PIECES, METRES, VOLUME = 16, 45.6, 4 * (3 * 2.4 * 0.045 * 0.145 + 4.2 * 0.06 * 0.22)

names = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn", "Co", "Cf", "Zl", "Zp")), max_size=40)
lengths = st.integers(1, 130_000).map(lambda tenths: tenths / 10)
members = st.builds(
    Member,
    reference=st.sampled_from(["S1", "S2", "S10", ""]) | st.text("ABC_-012", max_size=60),
    material=st.sampled_from(["C24", "GL24h", ""]),
    grade=st.sampled_from(["", "C24"]),
    length=lengths,
    width=st.sampled_from([38.0, 45.0, 60.0]),
    height=st.sampled_from([45.0, 145.0, 220.5]),
    zone=st.integers(-2, 2),
)
assemblies = st.lists(
    st.builds(
        Assembly,
        name=st.text("ABCDW0123456789-", max_size=30),
        panel=st.builds(Panel, name=st.just("P"), members=st.lists(members, max_size=12).map(tuple)),
        batch=st.sampled_from(["B1", "B2", ""]),
        quantity=st.integers(1, 9),
    ),
    min_size=1,
    max_size=4,
)


def text_of(file: File) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(file.content)).pages)


def test_totals_are_those_of_the_panels() -> None:
    (file,) = wood_bom(bom())
    verify_wood_bom([file], bom())
    words = text_of(file).split()
    assert file.name == "wood_bom_House 12.pdf"
    assert str(PIECES) in words
    assert f"{METRES:.2f}" in words
    assert f"{VOLUME:.3f}" in words


def test_totals_stand_in_the_table_that_another_reader_finds() -> None:
    (file,) = wood_bom(bom(), WoodBomOptions(cover_page=False, designs_summary=False, profile_drawings=False))
    with pdfplumber.open(io.BytesIO(file.content)) as pdf:
        rows = [line.split() for page in pdf.pages for line in page.extract_text().splitlines()]
    assert ["Total", "16", "45.60", f"{VOLUME:.3f}"] in rows


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(assemblies, st.sampled_from(["selected", "batch", "panels"]), st.sampled_from(["extended", "classic"]))
def test_any_selection_is_read_back(chosen, grouping, style) -> None:
    order = Bom(title="List", assemblies=tuple(chosen))
    options = WoodBomOptions(grouping=grouping, table_style=style)
    if not any(assembly.panel.members for assembly in chosen):
        with pytest.raises(InputError, match="holds no wood"):
            wood_bom(order, options)
        return
    files = wood_bom(order, options)
    verify_wood_bom(files, order, options)
    assert files == wood_bom(order, options)


@pytest.mark.parametrize("name", ["m²", "①", "٣", "10½"])
def test_a_name_with_digits_that_are_no_numbers_can_be_printed(name: str) -> None:
    files = wood_bom(bom(Assembly(name=name, panel=Panel(name=name, members=(stud(name), stud("2"))))))
    assert files[0].content.startswith(b"%PDF")


def test_a_name_that_ends_in_hyphens_is_read_back() -> None:
    """PDFium reads one hyphen of "000000-0--"."""
    panel = Panel(name="P", members=(Member(reference="S1", material="", length=0.1, width=38.0, height=45.0),))
    order, other = (
        Bom(title="List", assemblies=(Assembly(name=name, panel=panel, batch="B1"),))
        for name in ("000000-0--", "000000-1--")
    )
    verify_wood_bom(wood_bom(order), order)
    with pytest.raises(VerificationError, match="000000-1--"):
        verify_wood_bom(wood_bom(order), other)


@settings(max_examples=12)
@given(names, names)
def test_any_name_can_be_printed(name: str, project: str) -> None:
    order = bom(Assembly(name="W", panel=Panel(name=name, members=(stud(name, grade=name),))), project=project)
    assert wood_bom(order)[0].content.startswith(b"%PDF")


@pytest.mark.parametrize("style", ["extended", "classic"])
def test_a_long_name_stays_on_the_page_and_in_its_column(style) -> None:
    long = "RAFTER" * 42
    panel = Panel(name=long, members=(stud(long, grade=long, material=long, processes=worked().processes),))
    (file,) = wood_bom(
        bom(Assembly(name=long, panel=panel), title=long, project=long), WoodBomOptions(table_style=style)
    )
    with pdfplumber.open(io.BytesIO(file.content)) as pdf:
        for page in pdf.pages:
            assert all(char["x0"] > 30 and char["x1"] < page.width - 30 for char in page.chars)
            assert all(char["top"] > 0 and char["bottom"] < page.height for char in page.chars)


def test_the_same_list_gives_the_same_bytes_whatever_the_clock() -> None:
    first = wood_bom(bom(date="22 November 2026"))[0].content
    assert first == wood_bom(bom(date="22 November 2026"))[0].content
    assert b"CreationDate(D:1970" in first or b"CreationDate" not in first


def test_groupings_give_one_file_for_each_batch_or_assembly() -> None:
    by_batch = wood_bom(bom(), WoodBomOptions(grouping="batch"))
    assert [file.name for file in by_batch] == ["wood_bom_House 12_B1.pdf", "wood_bom_House 12_B2.pdf"]
    by_panel = wood_bom(bom(), WoodBomOptions(grouping="panels"))
    assert [file.name for file in by_panel] == ["wood_bom_House 12_W01.pdf", "wood_bom_House 12_W02.pdf"]
    joined = wood_bom(bom(), WoodBomOptions(grouping="panels", combine=True))
    assert [file.name for file in joined] == ["wood_bom_House 12.pdf"]
    assert text_of(joined[0]).count("Total") >= 4


def test_two_assemblies_of_one_name_get_two_files() -> None:
    order = bom(Assembly(name="W", panel=wall()), Assembly(name="W", panel=wall()))
    files = wood_bom(order, WoodBomOptions(grouping="panels"))
    assert [file.name for file in files] == ["wood_bom_House 12_W.pdf", "wood_bom_House 12_W_2.pdf"]
    verify_wood_bom(files, order, WoodBomOptions(grouping="panels"))


def test_every_switch_takes_its_section_away() -> None:
    def titles(**switches: bool) -> list[str]:
        (part,) = wood_parts(bom(), WoodBomOptions(**switches))  # type: ignore[arg-type]
        return [*(["cover"] if part.cover else []), *(section.title for section in part.sections)]

    assert titles() == ["cover", "Designs", "Wood", "Materials", "Profile drawings"]
    assert titles(cover_page=False) == ["Designs", "Wood", "Materials", "Profile drawings"]
    assert titles(designs_summary=False) == ["cover", "Wood", "Materials", "Profile drawings"]
    assert titles(materials_totals=False) == ["cover", "Designs", "Wood", "Profile drawings"]
    assert titles(profile_drawings=False) == ["cover", "Designs", "Wood", "Materials"]


@pytest.mark.parametrize("entry", ["45x145", "145 × 45", "145*45 mm", "45,0x145.0"])
def test_the_section_filter_takes_a_size_in_any_spelling(entry: str) -> None:
    options = WoodBomOptions(section_filter=(entry,))
    files = wood_bom(bom(), options)
    verify_wood_bom(files, bom(), options)
    text = text_of(files[0])
    assert "45 × 145" in text
    assert "60 × 220" not in text


def test_filters_leave_only_what_they_name() -> None:
    options = WoodBomOptions(material_filter=("c24",))
    verify_wood_bom(wood_bom(bom(), options), bom(), options)
    with pytest.raises(InputError, match="no wood that the filters let through"):
        wood_bom(bom(), WoodBomOptions(material_filter=("GL24h",)))
    with pytest.raises(InputError, match="no wood that the filters let through"):
        wood_bom(bom(), WoodBomOptions(section_filter=("10x10",)))
    with pytest.raises(InputError, match="section_filter"):
        WoodBomOptions(section_filter=(" ",))


def test_a_selection_without_wood_is_refused() -> None:
    with pytest.raises(InputError, match="holds no wood"):
        wood_bom(bom(Assembly(name="W", panel=Panel(name="P"))))


def test_a_wrong_option_is_refused_by_name() -> None:
    with pytest.raises(InputError, match="grouping"):
        WoodBomOptions(grouping="wall")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="table_style"):
        WoodBomOptions(table_style="modern")  # type: ignore[arg-type]


def test_only_pieces_with_real_work_are_drawn() -> None:
    assert member_card(stud(), reference="S1", quantity=1) is None
    square = stud(processes=(JackRafterCut(orientation="end", start_x=2400.0),))
    assert member_card(square, reference="S1", quantity=1) is None
    card = member_card(worked(), reference="R1", quantity=2)
    assert card is not None
    assert [view.name for view in card.views] == ["Side 2", "Side 4"] or len(card.views) == 2
    assert any("2 × drilling Ø30 through" in note and "2000, 2500" in note for note in card.notes)


def test_a_drawing_carries_the_places_of_the_work() -> None:
    card = member_card(worked(), reference="R1", quantity=1)
    assert card is not None
    texts = {item["text"] for view in card.views for item in view.drawing.items if item["kind"] == "text"}
    assert {"0", "800", "900", "2000", "2500", "4200", "110", "220", "60°"} <= texts
    scale = int(card.side.rpartition(":")[2])
    circles = [item for view in card.views for item in view.drawing.items if item["kind"] == "circle"]
    assert [circle["r"] for circle in circles] == [30 / 2 / scale] * 2
    assert all(view.drawing.width < 178 for view in card.views)


def test_a_process_without_settled_geometry_is_named_instead_of_drawn() -> None:
    tilted = stud(processes=(Mortise(slope=60.0), Drilling(side=1, start_x=500.0, start_y=20.0)))
    card = member_card(tilted, reference="S1", quantity=1)
    assert card is not None
    assert any("not drawn" in note for note in card.notes)


@pytest.mark.parametrize(
    "process",
    [
        NailLine(side=4, contour=Contour.line((10.0, 20.0), (2000.0, 20.0), spacing=100.0)),
        Drilling(side=3, start_x=0.1, start_y=0.1, diameter=1.0, depth=1.0),
        Opaque(format="btl", what="key 999", text="..."),
    ],
)
def test_rare_work_makes_a_list_too(process) -> None:
    order = bom(Assembly(name="W", panel=Panel(name="P", members=(stud(processes=(process,)),))))
    verify_wood_bom(wood_bom(order), order)


def test_a_very_long_stick_with_work_everywhere_still_fits() -> None:
    drillings = tuple(Drilling(side=2, start_x=100.0 * n, start_y=60.0, diameter=12.0) for n in range(1, 130))
    card = member_card(stud(length=13_000.0, processes=drillings), reference="S1", quantity=1)
    assert card is not None
    assert card.views[0].drawing.width < 180


def test_a_changed_pdf_is_found_out() -> None:
    (file,) = wood_bom(bom())
    fewer = bom(Assembly(name="W01", panel=wall(), batch="B1"))
    with pytest.raises(VerificationError):
        verify_wood_bom([file], fewer)
    with pytest.raises(VerificationError, match="1 files were expected, got 2"):
        verify_wood_bom([file, file], bom())
    with pytest.raises(FormatError, match="not a readable PDF"):
        verify_wood_bom([File("a.pdf", file.content[:100])], bom())
    other = Panel(name="W01", members=(*wall().members[:-1], stud("S1", length=2399.0)))
    with pytest.raises(VerificationError):
        verify_wood_bom([file], bom(Assembly(name="W01", panel=other, batch="B1")))


def test_pages_are_numbered_and_headed() -> None:
    many = tuple(stud(f"S{n}", length=1000.0 + n) for n in range(150))
    (file,) = wood_bom(bom(Assembly(name="W", panel=Panel(name="P", members=many))))
    pages = page_texts(file.content)
    inner = pages[1:]
    assert all(f"Page{number}of{len(pages)}" in page for number, page in enumerate(inner, start=2))
    lists = [page for page in inner if "S100" in page or "S10" in page]
    assert all("REFERENCELENGTHPIECES" in page and "45×145" in page for page in lists)
