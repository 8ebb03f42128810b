"""Rails of panels that go through the machine as one stand in the wood list as one piece."""

import csv
import io

from msgspec.structs import replace

from fabwright.documents.bom import Assembly, Bom
from fabwright.documents.custom_lists import (
    CustomBomOptions,
    CustomCsvOptions,
    custom_bom,
    custom_csv,
    verify_custom_bom,
    verify_custom_csv,
)
from fabwright.documents.joined_rails import PlacedPanel, RailPart, joined, rail_parts
from fabwright.documents.wood_bom import WoodBomOptions, verify_wood_bom, wood_bom, wood_parts
from fabwright.documents.wood_lines import wood_lines
from fabwright.timber import Frame, Member, Panel
from fabwright.timber.process import Drilling, JackRafterCut

GAP = 20.0


def rail(category: str, y: float, length: float, **more: object) -> Member:
    values = {"reference": category[:3].upper(), "material": "C24", "length": length, "width": 145.0, "height": 45.0}
    frame = Frame(origin=(0.0, y, 0.0))
    return Member(category=category, frame=frame, **values | more)  # type: ignore[arg-type]


def wall(name: str, length: float, **more: object) -> Panel:
    """Two rails and a stud, `length` long."""
    stud = Member(
        reference="S",
        category="stud",
        material="C24",
        length=2410.0,
        width=145.0,
        height=45.0,
        frame=Frame(origin=(45.0, 45.0, 0.0), x=(0.0, 1.0, 0.0), y=(-1.0, 0.0, 0.0)),
    )
    return Panel(name=name, members=(rail("bottom_rail", 0.0, length, **more), rail("top_rail", 2455.0, length), stud))


def placed(*panels: Panel) -> list[PlacedPanel]:
    at, result = 0.0, []
    for panel in panels:
        result.append(PlacedPanel(panel, at, panel.size[0]))
        at += panel.size[0] + GAP
    return result


def grouped(*panels: Panel, name: str = "G1") -> Bom:
    parts = rail_parts(name, name, placed(*panels))
    assemblies = tuple(
        Assembly(name=panel.name, panel=panel, rail_parts=found) for panel, found in zip(panels, parts, strict=True)
    )
    return Bom(title="t", assemblies=assemblies)


def lengths(bom: Bom) -> dict[tuple[str, float], int]:
    return {(line.member.category, line.member.length): line.quantity for line in wood_lines(bom.assemblies)}


def test_rails_reach_from_the_first_panel_to_the_last_with_the_gaps() -> None:
    bom = grouped(wall("W1", 3000.0), wall("W2", 2000.0), wall("W3", 1500.0))
    whole = 3000.0 + 2000.0 + 1500.0 + 2 * GAP
    assert lengths(bom) == {("bottom_rail", whole): 1, ("top_rail", whole): 1, ("stud", 2410.0): 3}
    (line,) = [line for line in wood_lines(bom.assemblies) if line.member.category == "top_rail"]
    assert dict(line.used_in) == {"G1 (W1 + W2 + W3)": 1}
    assert line.reference == "TOP"


def test_the_pdf_sums_the_joined_rails_and_is_read_back() -> None:
    bom = grouped(wall("W1", 3000.0), wall("W2", 2000.0))
    (file,) = wood_bom(bom)
    verify_wood_bom([file], bom)
    (part,) = wood_parts(bom, WoodBomOptions())
    (table,) = next(section for section in part.sections if section.title == "Wood").tables
    assert table.total is not None
    assert table.total[3:5] == ("4", f"{(2 * (5000 + GAP) + 2 * 2410) / 1000:.2f}")


def test_chosen_lists_say_the_joined_length_too() -> None:
    bom = grouped(wall("W1", 3000.0), wall("W2", 2000.0))
    options = CustomCsvOptions(columns=("category", "length", "quantity", "total_length", "assembly"))
    (file,) = custom_csv(bom, "wood", options)
    verify_custom_csv([file], bom, "wood", options)
    rows = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig")), delimiter=";"))[1:]
    assert ["top rail", "5020", "1", "5.02", "G1 (W1 + W2)"] in rows
    assert sum(int(row[2]) for row in rows) == 4
    by_panel = CustomCsvOptions(columns=options.columns, grouping="panels")
    files = custom_csv(bom, "wood", by_panel)
    verify_custom_csv(files, bom, "wood", by_panel)
    assert [b";5020" in one.content for one in files] == [False, False]
    book = CustomBomOptions(file_format="xlsx")
    verify_custom_bom(custom_bom(bom, book), bom, book)


def test_a_list_for_each_panel_keeps_the_rails_of_the_panels() -> None:
    bom = grouped(wall("W1", 3000.0), wall("W2", 2000.0))
    options = WoodBomOptions(grouping="panels")
    verify_wood_bom(wood_bom(bom, options), bom, options)
    assert lengths(Bom(title="t", assemblies=bom.assemblies[:1])) == {
        ("bottom_rail", 3000.0): 1,
        ("top_rail", 3000.0): 1,
        ("stud", 2410.0): 1,
    }


def test_work_on_rails_moves_along() -> None:
    holes = {"processes": (Drilling(side=2, start_x=500.0, start_y=70.0, diameter=20.0),)}
    first, second = wall("W1", 3000.0, **holes), wall("W2", 2000.0, **holes)
    parts = [found[0] for found in rail_parts("g", "g", placed(first, second))]
    drillings = joined(parts).processes
    assert [one.start_x for one in drillings if isinstance(one, Drilling)] == [500.0, 3000.0 + GAP + 500.0]


def test_rails_that_cannot_be_one_piece_stay_with_their_panels() -> None:
    plain = wall("W1", 3000.0)
    cut = wall("W2", 2000.0, processes=(JackRafterCut(side=1, orientation="start", angle=45.0),))
    other = wall("W2", 2000.0, material="GL24h")
    door = replace(plain, members=(replace(plain.members[0], length=900.0), *plain.members[1:]))
    for second in (cut, other, door):
        parts = rail_parts("g", "g", placed(plain, second))
        assert [[part.member.category for part in found] for found in parts] == [["top_rail"], ["top_rail"]]


def test_two_groups_of_the_same_panels_make_two_rails() -> None:
    one, two = (grouped(wall("W1", 3000.0), wall("W2", 2000.0), name=name) for name in ("G1", "G2"))
    bom = Bom(title="t", assemblies=(*one.assemblies, *two.assemblies))
    assert lengths(bom)[("top_rail", 5000.0 + GAP)] == 2


def test_without_groups_nothing_changes() -> None:
    assert rail_parts("g", "g", []) == []
    panel = wall("W1", 3000.0)
    part = RailPart(key="k", group="G", member=panel.members[0], start=0.0, of=2)
    alone = Bom(title="t", assemblies=(Assembly(name="W1", panel=panel, rail_parts=(part,)),))
    assert lengths(alone)[("bottom_rail", 3000.0)] == 1, "the other half is in another list"
