"""Which sheet or bar yields which part: guillotine patterns for plates, bar plans for sticks, over packingsolver."""

from fabwright.cutting.bars import BarCut, BarPart, BarPlan, BarStock, cut_bars, verify_bars
from fabwright.cutting.lots import Lot, cut_lots, lot_name
from fabwright.cutting.plan import CuttingPlan, Pattern, Piece, verify_plan
from fabwright.cutting.plates import cut_plates
from fabwright.cutting.stock import CutPart, CutSettings, StockSheet

__all__ = [
    "BarCut",
    "BarPart",
    "BarPlan",
    "BarStock",
    "CutPart",
    "CutSettings",
    "CuttingPlan",
    "Lot",
    "Pattern",
    "Piece",
    "StockSheet",
    "cut_bars",
    "cut_lots",
    "cut_plates",
    "lot_name",
    "verify_bars",
    "verify_plan",
]
