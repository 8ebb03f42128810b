"""What runs in the child process: from an order to one verified file. No Django in here."""

from typing import NamedTuple

from fabwright.errors import VerificationError
from fabwright.formats.files import File
from fabwright.server.jobs.limited import report_progress
from fabwright.server.reports.kinds import kinds
from fabwright.server.reports.kinds.base import Order, read_options


class Made(NamedTuple):
    """The delivered file, and how many files are in it."""

    file: File
    files: int


def make_verified(order: Order) -> Made:
    """Makes the files of the order, reads them back, compares, and packs them.

    Raises:
        FabwrightError: it cannot be made, or what was read back is not what was asked.
    """
    kind = kinds()[order.document_type]
    options = read_options(kind, order.setup, order.meta)
    files = kind.make(order, options, lambda percent, note: report_progress(percent * 0.8, note))
    if not files:
        raise VerificationError("no file came out of a selection that is not empty", where=order.document_type)
    report_progress(80, "reading the files back")
    kind.verify(order, options, files)
    report_progress(95, "packing")
    return Made(kind.pack(order, options, files), len(files))
