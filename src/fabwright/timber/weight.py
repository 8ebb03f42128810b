"""Weight of parts and panels from volume and material."""

from collections.abc import Mapping
from typing import Final

from fabwright.timber.panel import Panel
from fabwright.timber.part import Stock
from fabwright.timber.solid import volume_mm3

MM3_PER_M3: Final = 1e9

# kg/m3 at about 12 % moisture, mean values: structural timber after EN 338 and EN 14080, boards after EN 1991-1-1
# annex A and the usual data sheets. The first entry whose word stands in the material's or grade's name is taken,
# so narrower words stand first.
DENSITIES: Final[tuple[tuple[str, float], ...]] = (
    ("fibre cement", 1250.0),
    ("cement", 1300.0),
    ("gypsum fibre", 1150.0),
    ("fermacell", 1150.0),
    ("gypsum", 800.0),
    ("plasterboard", 800.0),
    ("soft fibre", 180.0),
    ("wood fibre", 160.0),
    ("mineral wool", 40.0),
    ("glass wool", 20.0),
    ("rock wool", 40.0),
    ("insulation", 40.0),
    ("cellulose", 50.0),
    ("eps", 20.0),
    ("osb", 620.0),
    ("plywood", 500.0),
    ("mdf", 750.0),
    ("particle", 680.0),
    ("chipboard", 680.0),
    ("beech", 710.0),
    ("oak", 690.0),
    ("ash", 690.0),
    ("larch", 590.0),
    ("douglas", 530.0),
    ("pine", 520.0),
    ("fir", 460.0),
    ("spruce", 450.0),
    ("lvl", 510.0),
    ("clt", 470.0),
    ("gl24", 420.0),
    ("gl28", 460.0),
    ("gl30", 480.0),
    ("gl32", 490.0),
    ("glulam", 440.0),
    ("c14", 350.0),
    ("c16", 370.0),
    ("c18", 380.0),
    ("c20", 400.0),
    ("c22", 410.0),
    ("c24", 420.0),
    ("c27", 430.0),
    ("c30", 460.0),
    ("c35", 470.0),
    ("c40", 480.0),
    ("d30", 640.0),
    ("d40", 660.0),
    ("steel", 7850.0),
    ("aluminium", 2700.0),
)
DEFAULT_DENSITY: Final = 450.0  # softwood, when the name says nothing


def density(material: str, grade: str = "", table: Mapping[str, float] | None = None) -> float:
    """kg/m3 of a material name; a table of exact names (a company's own) goes before ours."""
    if table is not None and material in table:
        return table[material]
    name = f"{material} {grade}".lower()
    return next((value for word, value in DENSITIES if word in name), DEFAULT_DENSITY)


def weight_kg(part: Stock, table: Mapping[str, float] | None = None) -> float:
    """Weight after all processes, kg. Raises as `fabwright.timber.solid.part_solid`."""
    return volume_mm3(part) / MM3_PER_M3 * density(part.material, part.grade, table)


def panel_weight_kg(panel: Panel, table: Mapping[str, float] | None = None) -> float:
    """Weight of all members and boards, kg (without fasteners)."""
    return sum(weight_kg(part, table) for part in panel.stock)
