"""Whether the programs hold every plate that was asked, with all its work."""

from collections.abc import Sequence

from fabwright.errors import VerificationError
from fabwright.formats.cix.machine import CixOptions
from fabwright.formats.cix.reader import read_cix
from fabwright.formats.files import File
from fabwright.formats.plates import PlateOrder
from fabwright.formats.plates.program import compare_programs, plate_programs


def verify_cix(files: Sequence[File], orders: Sequence[PlateOrder], options: CixOptions | None = None) -> None:
    """Reads the programs again and compares every drilling and path.

    Raises:
        FormatError: a program cannot be read.
        VerificationError: a plate or a work is missing or different; names it.
    """
    options = options or CixOptions()
    asked = list(plate_programs(orders, options))
    if len(files) != len(asked):
        raise VerificationError(f"{len(asked)} plates were asked, there are {len(files)} files", where="files")
    for file, (_, count, program) in zip(files, asked, strict=True):
        if f"_{count}x" not in file.name:
            raise VerificationError(f"{count} pieces were asked, the name says otherwise", where=file.name)
        compare_programs(program, read_cix(file.content, options.machine), file.name)
