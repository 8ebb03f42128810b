"""Parts of a panel from pieces: members and boards with their processes, in the panel's axes."""

from collections.abc import Callable
from typing import Any

import numpy as np

from fabwright.formats.ifc.pieces import Piece, sheet_frame, stick_frame
from fabwright.formats.ifc.setup import ParsingSetup
from fabwright.formats.ifc.shapes import Extrusion, moved_plane
from fabwright.formats.ifc.solids import solid
from fabwright.timber import Board, Category, Contour, Frame, Member, Point2, Segment, Vec
from fabwright.timber.process import Process
from fabwright.timber.recover_body import Sheet, recover_sheet, recover_stick, stick_from_planes

Warn = Callable[[str], None]
_SHEET_CATEGORIES = ("plate", "cladding", "insulation", "membrane")
_STICK_CATEGORIES = ("top_rail", "bottom_rail", "extra_top", "extra_bottom", "wood_profile", "stud", "rafter",
                     "joist", "header", "blocking")  # fmt: skip
_STICK_CLASSES = ("IfcMember", "IfcBeam", "IfcColumn")
_SHEET_CLASSES = ("IfcPlate", "IfcCovering", "IfcSlab", "IfcWall", "IfcRoof")
SHEET_RATIO = 4.0
"""Pieces whose class says nothing are sheets when their middle extent is more than this times the least."""


class PartMaker:
    """Makes members and boards as a parsing setup says."""

    def __init__(self, setup: ParsingSetup) -> None:
        self.setup = setup

    def make(self, piece: Piece, warn: Warn) -> Member | Board:
        """The stick or sheet that a piece (in panel axes) is."""
        category = self.setup.category(piece.facts)
        if self.is_sheet(piece, category):
            return self._board(piece, category, warn)
        return self._member(piece, category, warn)

    def is_sheet(self, piece: Piece, category: Category) -> bool:
        """What the setup says, else the class, else the proportions."""
        if category in _SHEET_CATEGORIES:
            return True
        if category in _STICK_CATEGORIES:
            return False
        kind = piece.facts.get("class") or ""
        if kind.startswith(_STICK_CLASSES):
            return False
        if kind.startswith(_SHEET_CLASSES):
            return True
        small, middle, _ = np.sort(piece.extent)
        return bool(middle > SHEET_RATIO * small)

    def _member(self, piece: Piece, category: Category, warn: Warn) -> Member:
        frame, box = stick_frame(piece)
        inverse = np.linalg.inv(frame.matrix)
        processes: tuple[Process, ...] = ()
        if piece.is_box:
            planes = [moved_plane(plane, inverse) for plane in piece.shape.cuts]
            found = stick_from_planes(planes, box)
        else:
            found = None
        if found is None and not (piece.is_box and not piece.shape.cuts):
            found = recover_stick(solid(piece.shape.moved(inverse)), box)
        if found is not None:
            frame = frame.place_frame(Frame(origin=(found.start, 0.0, 0.0))) if found.start else frame
            box = (found.length, box[1], box[2])
            processes = found.processes
            for doubt in found.doubts:
                warn(doubt)
        base = piece.shape.base
        return Member(
            **self._common(piece, category, frame, warn),
            length=box[0],
            height=box[1],
            width=box[2],
            profile=base.profile if isinstance(base, Extrusion) else "",
            processes=processes,
        )

    def _board(self, piece: Piece, category: Category, warn: Warn) -> Board:
        frame, box = sheet_frame(piece)
        sheet = _plain_sheet(piece, frame, box)
        if sheet is None:
            sheet = recover_sheet(solid(piece.shape.moved(np.linalg.inv(frame.matrix))), box)
        for doubt in sheet.doubts:
            warn(doubt)
        return Board(
            **self._common(piece, category, frame, warn),
            length=box[0],
            width=box[1],
            thickness=box[2],
            outline=sheet.outline,
            holes=sheet.holes,
            processes=sheet.processes,
        )

    def _common(self, piece: Piece, category: Category, frame: Frame, warn: Warn) -> dict[str, Any]:
        facts = piece.facts
        guid = facts.get("GlobalId") or ""
        return {
            "uid": guid if piece.count == 1 else f"{guid}#{piece.index + 1}",
            "reference": self.setup.value("reference", facts)[:255],
            "name": (facts.get("Name") or "")[:255],
            "category": category,
            "zone": zone_of(self.setup.value("zone", facts), warn),
            "material": self.setup.value("material", facts)[:255],
            "grade": self.setup.value("grade", facts)[:255],
            "frame": frame,
            "attributes": dict(facts.properties),
        }


def zone_of(text: str, warn: Warn) -> int:
    """The zone that a text says; 0 and a warning when it is no whole number from -99 to 99."""
    if not text:
        return 0
    try:
        zone = int(float(text))
    except (ValueError, OverflowError):
        warn(f"zone {text!r} is no whole number; 0 is taken")
        return 0
    if not -99 <= zone <= 99:
        warn(f"zone {zone} lies outside -99 to 99; 0 is taken")
        return 0
    return zone


def _plain_sheet(piece: Piece, frame: Frame, box: Vec) -> Sheet | None:
    """Outline and holes as the profile gives them (arcs included) when it is pushed through the thickness."""
    base = piece.shape.base
    if piece.shape.cuts or piece.shape.minus or not isinstance(base, Extrusion):
        return None
    if piece.is_box:
        return Sheet()
    normal = np.array(frame.z)
    matrix = base.matrix[:3, :3]
    rows = matrix.T @ matrix
    rigid = float(np.abs(rows[:2, :2] - np.eye(2)).max()) < 1e-9
    sweep = base.sweep / np.linalg.norm(base.sweep)
    if not rigid or abs(float(sweep @ normal)) < 1 - 1e-9 or float(np.abs(matrix[:, :2].T @ normal).max()) > 1e-9:
        return None
    inverse = np.linalg.inv(frame.matrix) @ base.matrix

    def placed(contour: Contour) -> Contour:
        return map_contour(contour, inverse)

    return Sheet(outline=placed(base.outline), holes=tuple(placed(hole) for hole in base.holes))


def map_contour(contour: Contour, matrix: np.ndarray) -> Contour:
    """A contour of a plane under a (4, 4) matrix into X and Y of another, steps kept."""

    def at(point: Point2) -> Point2:
        x, y = matrix[:2, 0] * point[0] + matrix[:2, 1] * point[1] + matrix[:2, 3]
        return (round(float(x), 9) + 0.0, round(float(y), 9) + 0.0)

    steps = tuple(
        Segment(end=at(step.end), through=at(step.through) if step.through else None) for step in contour.segments
    )
    return Contour(start=at(contour.start), segments=steps)
