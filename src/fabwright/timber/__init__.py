"""What a panel is: members, boards, fasteners, openings and what is done to them. Millimetres and degrees."""

from fabwright.timber.contour import Contour, Segment
from fabwright.timber.frame import WORLD, Frame, Plane, Point2, Vec
from fabwright.timber.panel import Panel, from_json, to_json
from fabwright.timber.part import Board, Branch, Category, Fastener, Member, Opening, Part, Stock
from fabwright.timber.process import Process

__all__ = [
    "WORLD",
    "Board",
    "Branch",
    "Category",
    "Contour",
    "Fastener",
    "Frame",
    "Member",
    "Opening",
    "Panel",
    "Part",
    "Plane",
    "Point2",
    "Process",
    "Segment",
    "Stock",
    "Vec",
    "from_json",
    "to_json",
]
