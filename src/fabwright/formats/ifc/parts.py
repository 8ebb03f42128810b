"""Parts of a panel from pieces: members and boards with their processes, in the panel's axes."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from fabwright.formats.ifc.contours import is_flat, map_contour
from fabwright.formats.ifc.facts import Facts
from fabwright.formats.ifc.pieces import Piece, sheet_frame, stick_frame
from fabwright.formats.ifc.processings import COMPLETE, from_text
from fabwright.formats.ifc.setup import ATTRIBUTE_SET, OWN_SET, PANEL_SET, PROCESSING_SET, ParsingSetup
from fabwright.formats.ifc.shapes_base import Extrusion, moved_plane
from fabwright.formats.ifc.solids import solid
from fabwright.timber import Board, Category, Frame, Member, Vec
from fabwright.timber.process import Process
from fabwright.timber.recover_body import Sheet, Stick, recover_sheet, recover_stick, stick_from_planes

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
        keep = piece.placed is not None
        found: Stick | None = None
        if _is_told(piece):
            found = Stick(0.0, box[0])
        elif piece.is_box:
            planes = [moved_plane(plane, inverse) for plane in piece.shape.cuts]
            found = stick_from_planes(planes, box, keep=keep)
        if found is None and (not piece.is_box or piece.shape.cuts):
            found = recover_stick(solid(piece.shape.moved(inverse)), box, keep=keep)
        if found is not None:
            frame = frame.place_frame(Frame(origin=(found.start, 0.0, 0.0))) if found.start else frame
            box = (found.length, box[1], box[2])
            processes = found.processes
            for doubt in found.doubts:
                warn(doubt)
        base = piece.shape.base
        profile = base.profile if isinstance(base, Extrusion) else ""
        return Member(
            **self._common(piece, category, frame, warn),
            length=box[0],
            height=box[1],
            width=box[2],
            profile=profile or piece.facts.get(f"{OWN_SET}.Profile") or "",
            processes=(*processes, *told_processes(piece.facts, warn)),
        )

    def _board(self, piece: Piece, category: Category, warn: Warn) -> Board:
        frame, box = sheet_frame(piece)
        sheet = _plain_sheet(piece, frame, box)
        if sheet is None and _is_told(piece):
            sheet = _plain_sheet(replace(piece, shape=replace(piece.shape, cuts=(), minus=())), frame, box)
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
            processes=(*sheet.processes, *told_processes(piece.facts, warn)),
        )

    def _common(self, piece: Piece, category: Category, frame: Frame, warn: Warn) -> dict[str, Any]:
        facts = piece.facts
        depth = self.setup.value("milling_depth", facts)
        guid = facts.get(f"{OWN_SET}.Uid") or facts.get("GlobalId") or ""
        return {
            "uid": guid if piece.count == 1 else f"{guid}#{piece.index + 1}",
            "reference": self.setup.value("reference", facts)[:255],
            "name": (self.setup.value("name", facts) or facts.get("Name") or "")[:255],
            "category": category,
            "zone": zone_of(self.setup.value("zone", facts), warn),
            "material": self.setup.value("material", facts)[:255],
            "grade": self.setup.value("grade", facts)[:255],
            "frame": frame,
            "attributes": {**attributes_of(facts), **({"milling_depth": depth} if depth else {})},
        }


def attributes_of(facts: Facts) -> dict[str, str]:
    """The properties of an element; the sets of our own writer are what the part itself says, so they are left out."""
    found = {}
    for name, text in facts.properties.items():
        set_name = name.partition(".")[0]
        if set_name == ATTRIBUTE_SET:
            found[name.partition(".")[2]] = text
        elif set_name not in (OWN_SET, PANEL_SET, PROCESSING_SET):
            found[name] = text
    return found


def _is_told(piece: Piece) -> bool:
    """Whether all processings stand as text, so that the body need not be asked."""
    return piece.placed is not None and piece.facts.get(f"{PROCESSING_SET}.{COMPLETE}") == "true"


def told_processes(facts: Facts, warn: Warn) -> list[Process]:
    """The processings that stand as text in our own property set."""
    found = []
    for name, text in sorted(facts.properties.items()):
        if name.startswith(f"{PROCESSING_SET}.") and name != f"{PROCESSING_SET}.{COMPLETE}":
            try:
                found.append(from_text(text))
            except ValueError as error:
                warn(str(error))
    return found


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
    if piece.shape.cuts or piece.shape.minus:
        return None
    if piece.is_box:
        return Sheet()
    if not isinstance(base, Extrusion):
        return None
    inverse = np.linalg.inv(frame.matrix)
    local = piece.shape.moved(inverse).base
    assert isinstance(local, Extrusion)
    sweep = local.sweep / np.linalg.norm(local.sweep)
    if abs(float(sweep[2])) < 1 - 1e-9 or not is_flat(local):
        return None
    holes = tuple(map_contour(hole, local.matrix) for hole in local.holes)
    return Sheet(outline=map_contour(local.outline, local.matrix), holes=holes)
