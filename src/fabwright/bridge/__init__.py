"""What a nailing bridge does to a panel: which boards it fastens where, and which contours it mills or saws.

`plan_panel` computes it from a panel and `BridgeSettings`; `plan_run` does it for panels that lie one
behind the other; `check_program` replays a program, also one that was read from a file, against the panel's geometry.
"""

from fabwright.bridge.compare import compare_programs
from fabwright.bridge.inspect import Finding, inspect_program
from fabwright.bridge.plan import PlacedPanel, plan_panel, plan_run
from fabwright.bridge.program import (
    DrillHole,
    GlueLine,
    Layer,
    NailRow,
    Operation,
    PanelOfRun,
    Program,
    Routing,
    Sheet,
    Stick,
    Trim,
)
from fabwright.bridge.replay import check_program
from fabwright.bridge.settings import BridgeSettings, MillDirections, ZoneTools

__all__ = [
    "BridgeSettings",
    "DrillHole",
    "Finding",
    "GlueLine",
    "Layer",
    "MillDirections",
    "NailRow",
    "Operation",
    "PanelOfRun",
    "PlacedPanel",
    "Program",
    "Routing",
    "Sheet",
    "Stick",
    "Trim",
    "ZoneTools",
    "check_program",
    "compare_programs",
    "inspect_program",
    "plan_panel",
    "plan_run",
]
