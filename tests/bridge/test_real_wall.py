"""The wood-frame wall of buildingSMART, as it comes from its IFC file: inches, mapped pieces, boards on both sides."""

from pathlib import Path

import pytest

from fabwright.bridge import BridgeSettings, check_program, plan_panel
from fabwright.formats.ifc import read_ifc
from fabwright.formats.wup import verify_wup, write_wup
from tests.bridge.bridge_panels import placed

WALL = Path(__file__).resolve().parents[3] / "shared" / "data" / "formats" / "ifc" / "Ifc4_WallElementedCase.ifc"


@pytest.mark.skipif(not WALL.is_file(), reason="the sample is not beside this checkout")
def test_the_wall_is_nailed_and_its_file_verified() -> None:
    (panel,) = read_ifc(WALL.read_bytes()).panels
    program = plan_panel(panel, BridgeSettings())
    check_program(program, placed(panel), panel.name)
    verify_wup(write_wup(program), program, placed(panel), panel.name)
    assert [layer.zone for layer in program.layers] == [0, -1, 1]
    boards = [board for board in panel.boards if board.zone]
    assert {row.board for layer in program.layers for row in layer.nails} <= {board.reference for board in boards}
    assert program.nail_count > 500
