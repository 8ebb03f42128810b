"""The keywords of WUP 3.4 and their parameters (formats.md 9.1). Missing trailing parameters take the defaults."""

from fabwright.formats.wup.polygons import POLYGON_KEYWORDS
from fabwright.formats.wup.rows import Field, Table

VERSION = "3.4"
ZONES = range(1, 11)
"""Layers to either side: zone n is PLA<n>, zone -n is PLI<n>. PLI0 and PLA0 are read as zones of their own beside 1."""


def _texts(*names: str) -> tuple[Field, ...]:
    return tuple(Field(name, "text", "") for name in names)


def _numbers(text: str) -> tuple[Field, ...]:
    """ "x y z=0": numbers; those with a default may be missing."""
    fields = []
    for word in text.split():
        name, has_default, default = word.partition("=")
        fields.append(Field(name, default=float(default) if has_default else None))
    return tuple(fields)


_NAMED = (Field("i", default=0.0), Field("name", "text", ""), Field("z", default=0.0))
_LYING = (*_numbers("lx by hz x y"), *_NAMED)
PLATE = _LYING

HEADER: Table = {
    "VERSION": (Field("version", "text"),),
    "ELEMENTID": _texts("id"),
    "CADDOKUMENTID": _texts("id"),
    "ANR": _texts("number"),
    "ELB": _texts("type"),
    "ELN": _texts("name"),
    "ZNR": _texts("number"),
    "REIHE": _texts("row"),
    "ELA": _texts("view"),
    "ELM": _numbers("lx by hz n=1 xoffset=0 yoffset=0"),
    "CAD": _texts("name"),
    "CADRELEASE": _texts("release"),
    "BEARBEITER": _texts("name"),
    "BAUVORHABEN": _texts("name"),
    "KUNDENNAME": _texts("name"),
    "OBJEKT": _texts("name"),
    "ORT": _texts("name"),
}

MEMBERS: Table = {
    "OG": _LYING,
    "UG": _LYING,
    "LS": _LYING,
    "QS": (*_numbers("ly bx hz x y"), *_NAMED),
    "EBT": _LYING,
    "BT4": (*_numbers("lx by hz x11 y11 x12 y12 x21 y21 x22 y22"), *_NAMED),
    "BT6": (*_numbers("lx by hz x1 y1 x2 y2 x3 y3 x4 y4 x5 y5 x6 y6"), *_NAMED),
    "BTn": (*_numbers("lx by hz x y z"), Field("i", default=0.0), Field("name", "text", "")),
}

PLATES: Table = {f"{side}{number}": PLATE for side in ("PLI", "PLA") for number in range(11)}

STEPS: Table = {
    "PAF": (*_numbers("e=2 i=0"), Field("T", "int", 1)),
    "PSG": (*_numbers("e=2"), Field("T", "int", 1)),
    "PAL": (*_numbers("e=2"), Field("T", "int", 3)),
    "NR": _numbers("xa ya xe ye a i=0"),
    "NBR": _numbers("x y i=0"),
    "PSF": (),
    "PSZ": (),
}

KEPT: Table = {
    "SG": _numbers("x y z alpha gamma h e=0 i=0 beta=0 s=0"),
    "SZ": _numbers("x l"),
    "MPL": (),
    "PML": (),
    "KN": (),
    "PZF": (),
    "TA": (),
    "REFKER": (),
    "MODELLREF": _texts("uuid"),
    "CADMODELLREF": _texts("id"),
    "TEILENR": (Field("number", "int", 0),),
    "PROPERTY": _texts("name", "value"),
    "RT": (),
    "ENDRT": (),
    "UNIT": _texts("name"),
    "ENDUNIT": (),
    "RBE2": _numbers("e x y z alpha gamma delta"),
    "ENDRBE2": (),
    "MODUL": (*_numbers("lx by hz x y"), Field("name", "text", ""), Field("z", default=0.0)),
    "ENDMODUL": (),
}
"""Understood as rows; their geometry is not part of the program, save the shift of a MODUL."""

KEYWORDS: Table = {**HEADER, **MEMBERS, **PLATES, **STEPS, **KEPT, **POLYGON_KEYWORDS}


def plate_keyword(zone: int) -> str:
    """PLI1 for zone -1, PLA2 for zone 2."""
    return f"{'PLI' if zone < 0 else 'PLA'}{abs(zone)}"


def zone_of(keyword: str) -> int:
    """The zone of a plate keyword; the layers numbered 0 count as the first."""
    number = max(int(keyword[3:]), 1)
    return -number if keyword.startswith("PLI") else number
