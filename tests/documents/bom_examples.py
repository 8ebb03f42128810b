"""Small panels that the tests of documents share."""

from fabwright.documents.bom import Assembly, Bom
from fabwright.timber import Board, Contour, Fastener, Member, Panel
from fabwright.timber.process import Drilling, JackRafterCut, Lap

SQUARE_ENDS = (
    JackRafterCut(orientation="start", start_x=0.0),
    JackRafterCut(orientation="end", start_x=2400.0),
)


def stud(reference: str = "S1", **fields: object) -> Member:
    values = {"length": 2400.0, "width": 45.0, "height": 145.0, "material": "C24", "category": "stud", **fields}
    return Member(reference=reference, **values)  # type: ignore[arg-type]


def worked() -> Member:
    """A rafter with a slanted end, a lap and two drillings."""
    return stud(
        "R1",
        length=4200.0,
        width=60.0,
        height=220.0,
        category="rafter",
        processes=(
            JackRafterCut(side=2, orientation="end", start_x=4200.0, angle=60.0),
            Lap(side=1, start_x=800.0, length=100.0, width=60.0, depth=40.0),
            Drilling(side=4, start_x=2000.0, start_y=110.0, diameter=30.0, depth_limited=False),
            Drilling(side=4, start_x=2500.0, start_y=110.0, diameter=30.0, depth_limited=False),
        ),
    )


def osb(reference: str = "P1", **fields: object) -> Board:
    values = {"length": 2500.0, "width": 1250.0, "thickness": 12.0, "material": "OSB/3", "zone": 1, **fields}
    return Board(reference=reference, **values)  # type: ignore[arg-type]


def wall(name: str = "W01") -> Panel:
    window = Contour.polygon([(400.0, 300.0), (1400.0, 300.0), (1400.0, 900.0), (400.0, 900.0)])
    return Panel(
        name=name,
        kind="wall",
        members=(stud("S1"), stud("S1"), stud("S2", processes=SQUARE_ENDS), worked()),
        boards=(osb("P1"), osb("P2", holes=(window,)), osb("G1", material="Gypsum", thickness=15.0, zone=-1)),
        fasteners=(
            Fastener(reference="N1", article="Nail 2.8 × 65", quantity=84, category="plate_nail_line"),
            Fastener(reference="A1", article="Angle 90 × 90", quantity=4, category="accessory"),
        ),
    )


def bom(*assemblies: Assembly, **fields: object) -> Bom:
    default = (
        Assembly(name="W01", panel=wall(), batch="B1", phase="Ground floor"),
        Assembly(name="W02", panel=wall(), batch="B2", phase="Ground floor", quantity=3, design="W01"),
    )
    values = {"title": "List", "company": "Timberworks", "project": "House 12", **fields}
    return Bom(assemblies=assemblies or default, **values)  # type: ignore[arg-type]
