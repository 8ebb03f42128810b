"""The cutting plan on paper: what it says is what the plans yield, and the plans yield what the panels hold."""

import io

import pdfplumber
import pypdf
import pytest
from bom_examples import bom, osb, stud, wall
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fabwright.cutting import CutSettings, StockSheet
from fabwright.documents.bar_plans import BarSettings, bar_lots
from fabwright.documents.bom import Assembly
from fabwright.documents.cutting_plan import CuttingPlanOptions, cutting_plan, sheet_lots, verify_cutting_plan
from fabwright.documents.plates_bom import PlatesBomOptions, plates_bom, verify_plates_bom
from fabwright.documents.weights import kilograms, known_density
from fabwright.documents.wood_bom import WoodBomOptions, verify_wood_bom, wood_bom
from fabwright.errors import InputError, LimitError, VerificationError
from fabwright.formats.files import File
from fabwright.timber import Panel

OPTIONS = CuttingPlanOptions(
    stock=(StockSheet(code="A", length=2800.0, width=1300.0),), saw=CutSettings(trim=10.0), cover_page=False
)


def rows_of(file: File) -> list[list[str]]:
    """The words of every line, as a reader other than the one that verifies sees them."""
    with pdfplumber.open(io.BytesIO(file.content)) as pdf:
        return [line.split() for page in pdf.pages for line in page.extract_text().splitlines()]


def test_totals_of_sheets_and_bars_are_those_of_the_panels() -> None:
    (file,) = cutting_plan(bom(), OPTIONS)
    verify_cutting_plan([file], bom(), OPTIONS)
    rows = rows_of(file)
    assert file.name == "cutting_plan_House 12.pdf"
    # 4 walls of 3 boards of 2500 x 1250, one to a sheet: 12 x 3.125 m2 of 12 x 3.64 m2
    assert ["Total", "12", "37.50", "12", "12", "43.68", "0.00", "14.1%"] in rows
    # 4 x (3 x 2.4 + 4.2) m of wood
    total = next(row for row in rows if row[:3] == ["Total", "16", "45.60"])
    assert float(total[4]) >= 45.6


def test_every_pattern_has_a_picture_with_names_sizes_and_shares() -> None:
    (file,) = cutting_plan(bom(), OPTIONS)
    text = "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(file.content)).pages)
    patterns = sum(len(lot.plan.patterns) for lot in sheet_lots(bom().assemblies, OPTIONS))
    assert text.count("Pattern ") == patterns
    assert text.count("kerf 4.8 · 1 : ") == patterns
    assert "2500 × 1250" in text
    assert "Parts 85.9%" in text


def test_lists_by_assembly_are_files_of_their_own() -> None:
    options = CuttingPlanOptions(stock=OPTIONS.stock, grouping="panels")
    files = cutting_plan(bom(), options)
    verify_cutting_plan(files, bom(), options)
    assert [file.name for file in files] == ["cutting_plan_House 12_W01.pdf", "cutting_plan_House 12_W02.pdf"]
    joined = CuttingPlanOptions(stock=OPTIONS.stock, grouping="panels", combine=True)
    (file,) = cutting_plan(bom(), joined)
    verify_cutting_plan([file], bom(), joined)


def test_the_same_selection_gives_the_same_bytes() -> None:
    assert cutting_plan(bom(), OPTIONS) == cutting_plan(bom(), OPTIONS)


def test_sheets_or_bars_alone_can_be_planned() -> None:
    sheets = CuttingPlanOptions(stock=OPTIONS.stock, bars=False)
    bars = CuttingPlanOptions(sheets=False)
    for options, there, missing in ((sheets, "Sheets", "Bar plans"), (bars, "Bar plans", "Pattern")):
        (file,) = cutting_plan(bom(), options)
        verify_cutting_plan([file], bom(), options)
        text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(file.content)).pages)
        assert there in text
        assert missing not in text
    with pytest.raises(InputError, match="sheets, bars or both"):
        CuttingPlanOptions(sheets=False, bars=False)


boards = st.builds(
    osb,
    st.sampled_from(["P1", "P2", "", "Süd_1"]),
    length=st.integers(1000, 27_000).map(lambda tenths: tenths / 10),
    width=st.integers(500, 12_000).map(lambda tenths: tenths / 10),
    material=st.sampled_from(["OSB/3", ""]),
)
sticks = st.builds(stud, st.sampled_from(["S1", "S2", ""]), length=st.integers(100, 12_900).map(float))


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(boards, max_size=6), st.lists(sticks, max_size=6), st.integers(1, 5), st.booleans())
def test_any_selection_is_planned_whole(plates, wood, quantity, grain) -> None:
    panel = Panel(name="W", members=tuple(wood), boards=tuple(plates))
    asked = bom(Assembly(name="W1", panel=panel, quantity=quantity))
    options = CuttingPlanOptions(stock=OPTIONS.stock, grain=grain)
    if not plates and not wood:
        with pytest.raises(InputError, match="no parts"):
            cutting_plan(asked, options)
        return
    verify_cutting_plan(cutting_plan(asked, options), asked, options)


def test_what_no_stock_holds_is_refused_by_part_and_material() -> None:
    large = bom(Assembly(name="W1", panel=Panel(name="W", boards=(osb("P9", length=5000.0),))))
    with pytest.raises(LimitError, match=r"part P9 of W1, OSB/3 12 mm: 5000 × 1250"):
        cutting_plan(large, OPTIONS)
    long = bom(Assembly(name="W1", panel=Panel(name="W", members=(stud("S9", length=14_000.0),))))
    with pytest.raises(LimitError, match=r"part S9 of W1, 45 × 145 C24: 14000 mm is longer"):
        cutting_plan(long, OPTIONS)


def test_a_plan_of_other_panels_is_found_out() -> None:
    files = cutting_plan(bom(), OPTIONS)
    other = bom(Assembly(name="W01", panel=wall(), quantity=2))
    with pytest.raises(VerificationError):
        verify_cutting_plan(files, other, OPTIONS)


def test_materials_have_their_own_sheets_and_lots() -> None:
    gypsum = StockSheet(code="G", length=2600.0, width=1250.0)
    options = CuttingPlanOptions(
        stock=OPTIONS.stock, material_stock={"Gypsum": (gypsum,)}, saw=CutSettings(kerf=0.0, trim=0.0)
    )
    lots = sheet_lots(bom().assemblies, options)
    assert [(lot.title, lot.plates, lot.plan.board_area / 1e6) for lot in lots] == [
        ("Gypsum 15 mm", 4, pytest.approx(4 * 2.6 * 1.25)),
        ("OSB/3 12 mm", 8, pytest.approx(8 * 2.8 * 1.3)),
    ]


# -- the same plans in the lists ------------------------------------------------------------------------------------


def test_the_wood_list_says_which_bars_to_buy() -> None:
    options = WoodBomOptions(onedimensional=True, bars=BarSettings(lengths=(6000.0,), kerf=5.0, trim=10.0))
    (file,) = wood_bom(bom(), options)
    verify_wood_bom([file], bom(), options)
    lots = bar_lots(bom().assemblies, options.bars)
    # 12 sticks of 2400, two to a bar, and 4 of 4200
    assert [(lot.section, lot.plan.bars) for lot in lots] == [("45 × 145", 6), ("60 × 220", 4)]
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(file.content)).pages)
    assert "Bar plans" in text
    assert ["Total", "16", "45.60", "10", "60.00", "24.0%"] in rows_of(file)
    (plain,) = wood_bom(bom())
    assert "Bar plans" not in "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(plain.content)).pages)


def test_totals_tell_weights_where_the_density_is_known() -> None:
    (file,) = wood_bom(bom(), WoodBomOptions(profile_drawings=False))
    volume = 4 * (3 * 2.4 * 0.045 * 0.145 + 4.2 * 0.06 * 0.22)
    assert ["Total", "16", "45.60", f"{volume:.3f}", f"{volume * 420:.0f}"] in rows_of(file)
    (file,) = plates_bom(bom(), PlatesBomOptions(plate_drawings=False))
    verify_plates_bom([file], bom(), PlatesBomOptions(plate_drawings=False))
    osb_kg = (2 * 2.5 * 1.25 - 1.0 * 0.6) * 0.012 * 4 * 620
    gypsum_kg = 2.5 * 1.25 * 0.015 * 4 * 800
    assert any(row[0] == "Total" and row[-2] == f"{osb_kg + gypsum_kg:.0f}" for row in rows_of(file) if row)


def test_a_sum_with_an_unknown_material_has_no_weight() -> None:
    assert known_density("Unobtainium") is None
    assert known_density("OSB/3") == 620.0
    assert kilograms([("OSB/3", "", 1e9), ("Unobtainium", "", 1e9)]) == "–"
    assert kilograms([("C24", "", 1e7)]) == "4.2"
