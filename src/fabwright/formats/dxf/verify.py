"""Whether the files hold every plate that was asked, with all its work."""

from collections.abc import Sequence

from fabwright.errors import VerificationError
from fabwright.formats.dxf.reader import read_dxf
from fabwright.formats.files import File
from fabwright.formats.plates import PlateOrder, pieces_by_plate, plate_of
from fabwright.formats.plates.compare import compare_plates


def verify_dxf(files: Sequence[File], orders: Sequence[PlateOrder]) -> None:
    """Reads the files again and compares every plate and count.

    Raises:
        FormatError: a file cannot be read.
        VerificationError: a plate is missing or different; names it.
    """
    asked = pieces_by_plate(orders)
    if len(files) != len(asked):
        raise VerificationError(f"{len(asked)} plates were asked, there are {len(files)} files", where="files")
    pieces = 0
    for file, (order, count) in zip(files, asked, strict=True):
        found = read_dxf(file.content)
        if found.quantity != count:
            raise VerificationError(f"{count} pieces were asked, the file says {found.quantity}", where=file.name)
        compare_plates(plate_of(order.board), found.plate, file.name)
        pieces += found.quantity
    total = sum(order.quantity for order in orders)
    if pieces != total:
        raise VerificationError(f"{total} pieces were asked, the files hold {pieces}", where="files")
