"""What plate machines need to know of a board: outline, cut-outs, holes, pockets, grooves, saw lines, marks."""

from fabwright.formats.plates.job import PlateOrder, of_order, pieces_by_plate
from fabwright.formats.plates.plate import Area, Hole, Note, Path, Plate, plate_of

__all__ = ["Area", "Hole", "Note", "Path", "Plate", "PlateOrder", "of_order", "pieces_by_plate", "plate_of"]
