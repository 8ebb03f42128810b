"""Which sheet or bar yields which part: guillotine patterns for plates, bar plans for sticks, over packingsolver."""

from fabwright.cutting.bars import BarCut, BarPart, BarPlan, BarStock, cut_bars, verify_bars
from fabwright.cutting.plan import CuttingPlan, Pattern, Piece, verify_plan
from fabwright.cutting.plates import CutPart, CutSettings, StockSheet, cut_plates

__all__ = [
    "BarCut",
    "BarPart",
    "BarPlan",
    "BarStock",
    "CutPart",
    "CutSettings",
    "CuttingPlan",
    "Pattern",
    "Piece",
    "StockSheet",
    "cut_bars",
    "cut_plates",
    "verify_bars",
    "verify_plan",
]
