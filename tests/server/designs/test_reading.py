"""From files to rows: names, storable texts, user attributes of BTL parts."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from fabwright.demo.house import build_house
from fabwright.errors import InputError
from fabwright.formats.btlx import document_of, write_btlx
from fabwright.formats.ifc import ParsingSetup
from fabwright.server.designs.btl_attributes import by_attributes
from fabwright.server.designs.reading import ReadFile, choose_panel, read_design_file, read_panel
from fabwright.timber import Frame, Member, Panel
from tests.making_helpers import ifc_of

WALL = build_house()[0]
STICK = Member(uid="a", reference="S1", length=2000.0, width=45.0, height=95.0)


def read(tmp_path: Path, name: str, content: bytes, attributes: dict[str, str] | None = None) -> ReadFile:
    path = tmp_path / name
    path.write_bytes(content)
    return read_design_file(str(path), name, ParsingSetup(), attributes or {})


def test_two_panels_of_one_name_become_two_designs_with_a_warning(tmp_path: Path) -> None:
    twin = msgspec.structs.replace(WALL, uid="")
    found = read(tmp_path, "house.ifc", ifc_of([WALL, twin]))
    assert [panel.name for panel in found.panels] == [WALL.name, f"{WALL.name} (2)"]
    assert any("more than once" in warning["message"] for warning in found.warnings)


def test_texts_that_no_database_can_hold_are_replaced() -> None:
    stick = msgspec.structs.replace(STICK, material="C\x0024 \ud800", attributes={"a\0": "b"})
    found = read_panel(Panel(name="W", members=(stick,)))
    assert found.parts[0]["material"] == "C\ufffd24 ?"
    assert found.panel["name"] == "W"
    assert found.parts[0]["parameters"]["attributes"] == {"a\ufffd": "b"}


def test_each_piece_has_a_source_of_its_own() -> None:
    sticks = (STICK, STICK, msgspec.structs.replace(STICK, uid=""), msgspec.structs.replace(STICK, uid=""))
    found = read_panel(Panel(name="W", members=sticks))
    assert [part["source"] for part in found.parts] == ["uid a 1", "uid a 2", "ref S1 1", "ref S1 2"]


def test_a_btlx_file_becomes_panels(tmp_path: Path) -> None:
    found = read(tmp_path, "wall.btlx", write_btlx(document_of([WALL])))
    (panel,) = found.panels
    assert panel.name == WALL.name
    assert len(panel.parts) == len(WALL.members) + len(WALL.boards)
    assert panel.metrics["x"] == pytest.approx(WALL.size[0], abs=0.01)


def sticks_with(*attributes: dict[str, str]) -> Sequence[Panel]:
    members = tuple(
        msgspec.structs.replace(
            STICK, uid=str(number), attributes=values, frame=Frame(origin=(0.0, 100.0 * number, 0.0))
        )
        for number, values in enumerate(attributes)
    )
    return [Panel(name="file", members=members)]


def test_user_attributes_fill_the_fields_that_a_setup_names() -> None:
    fields = {"zone": "Layer", "category": "Kind", "material": "Wood", "reference": "No"}
    given = {"LAYER": "-1", "Kind": "STUD", "Wood": "C24", "No": "S77"}
    ((panel,), warnings) = by_attributes(sticks_with(given, {"Layer": "outside"}), fields)
    first, second = panel.members
    assert (first.zone, first.category, first.material, first.reference) == (-1, "stud", "C24", "S77")
    assert second.zone == 0
    assert [warning["message"] for warning in warnings] == ["attribute Layer: outside is no zone; it is left out"]


def test_a_panel_attribute_regroups_the_parts_where_they_lie() -> None:
    panels, _ = by_attributes(sticks_with({"Wall": "A"}, {"Wall": "B"}, {"Wall": "A"}, {}), {"panel": "wall"})
    assert [(panel.name, len(panel.members)) for panel in panels] == [("A", 2), ("B", 1), ("file", 1)]
    a, b, _ = panels
    assert a.size[1] == pytest.approx(200.0 + 95.0)
    assert b.frame.origin[1] == pytest.approx(100.0)


def test_the_panel_of_a_design_is_the_only_one_or_the_one_of_its_name() -> None:
    one, two = read_panel(Panel(name="W1", members=(STICK,))), read_panel(Panel(name="W2", members=(STICK,)))
    assert choose_panel(ReadFile([one], [], {}), "anything", "x.ifc") is one
    assert choose_panel(ReadFile([one, two], [], {}), "w2", "x.ifc") is two
    assert choose_panel(ReadFile([one, two], [], {}), "anything", "W1.ifc") is one
    with pytest.raises(InputError, match="2 panels"):
        choose_panel(ReadFile([one, two], [], {}), "W3", "x.ifc")
    with pytest.raises(InputError, match="no panel with parts"):
        choose_panel(ReadFile([], [], {}), "W3", "x.ifc")
