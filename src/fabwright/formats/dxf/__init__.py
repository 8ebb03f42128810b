"""DXF R2000 of plates: one file a part or a nested sheet, layers that say tool and depth, millimetres."""

from fabwright.formats.dxf.reader import DxfPlate, read_dxf
from fabwright.formats.dxf.sheets import DxfSheet, PlacedPlate, read_dxf_sheet, sheet_dxf
from fabwright.formats.dxf.verify import verify_dxf
from fabwright.formats.dxf.writer import DxfOptions, plate_dxf, write_dxf

__all__ = [
    "DxfOptions",
    "DxfPlate",
    "DxfSheet",
    "PlacedPlate",
    "plate_dxf",
    "read_dxf",
    "read_dxf_sheet",
    "sheet_dxf",
    "verify_dxf",
    "write_dxf",
]
