"""What a DXF of ours holds: one plate, or a nested sheet with many."""

from typing import Any

from fabwright.formats.dxf.layers import BOARD
from fabwright.formats.dxf.reader import entities, read_dxf
from fabwright.formats.dxf.sheets import read_dxf_sheet
from fabwright.formats.plates.check import hole_faults, plate_row


def check_dxf(data: bytes) -> tuple[dict[str, Any], tuple[tuple[str, str], ...]]:
    """Facts for people and for JSON, and faults as (place, message).

    Raises:
        FormatError: neither a plate nor a sheet on our layers; names the entity.
    """
    if any(entity.layer == BOARD for entity in entities(data)):
        return _sheet(data)
    found = read_dxf(data)
    plate = found.plate
    facts = {"holds": "a plate", "list": [plate_row(plate, found.quantity)]}
    return facts, hole_faults(plate.holes, plate.length, plate.width)


def _sheet(data: bytes) -> tuple[dict[str, Any], tuple[tuple[str, str], ...]]:
    sheet = read_dxf_sheet(data)
    facts = {
        "holds": f"sheet {sheet.number} of {sheet.count}",
        "stock": sheet.code,
        "material": sheet.material,
        "size": [sheet.length, sheet.width, sheet.thickness],
        "offcuts": len(sheet.offcuts),
        "list": [
            {"x": part.x, "y": part.y, "turned": part.is_turned, **plate_row(part.plate, 1)} for part in sheet.parts
        ],
    }
    faults = [
        (f"part {number}, {place}", message)
        for number, part in enumerate(sheet.parts, 1)
        for place, message in hole_faults(part.plate.holes, part.plate.length, part.plate.width)
    ]
    return facts, tuple(faults)
