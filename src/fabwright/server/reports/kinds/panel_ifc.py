"""`panel_ifc`: whole panels as IFC4, for every program that reads building models."""

from collections import Counter
from datetime import UTC

from msgspec.structs import replace

from fabwright.errors import VerificationError
from fabwright.formats.files import File, file_name, unique_files
from fabwright.server.reports.kinds.base import Kind, Order, Progress
from fabwright.server.reports.kinds.whole_panels import (
    PanelFileOptions,
    PanelGroup,
    compare_marks,
    compare_panels,
    compare_values,
    panel_groups,
)
from fabwright.timber import Panel


class PanelIfc(Kind[PanelFileOptions]):
    document_type = "panel_ifc"
    title = "IFC File [Panels]"
    sentence = "Whole panels as IFC4: sticks, sheets, hardware and openings with bodies, materials and processings."
    selects = ("assemblies", "assembly_designs")
    options = PanelFileOptions

    def make(self, order: Order, options: PanelFileOptions, progress: Progress) -> tuple[File, ...]:
        tasks = panel_groups(order, options)
        files = []
        for number, task in enumerate(tasks, 1):
            files.append(File(file_name(task.name, "ifc"), _content(order, task)))
            progress(100 * number / len(tasks), task.name)
        return unique_files(files)

    def verify(self, order: Order, options: PanelFileOptions, files: tuple[File, ...]) -> None:
        from fabwright.formats.ifc import DEFAULT_SETUP, read_ifc

        as_told = replace(DEFAULT_SETUP, by_position=False)  # nothing is guessed that the file leaves open
        for file, task in zip(files, panel_groups(order, options), strict=True):
            found = read_ifc(file.content, as_told).panels
            compare_panels(task.panels, found)
            for panel, back in zip(task.panels, found, strict=True):
                compare_marks(panel, back)
                _compare_rest(panel, back)


def _content(order: Order, task: PanelGroup) -> bytes:
    from fabwright.formats.ifc import write_ifc

    return write_ifc(task.panels, name=order.project, at=f"{order.as_of.astimezone(UTC):%Y-%m-%dT%H:%M:%S}")


def _compare_rest(panel: Panel, back: Panel) -> None:
    """Hardware and openings, piece by piece, and how many processings there are of each kind.

    Raises:
        VerificationError: names assembly and value.
    """
    where = f"assembly {panel.name}"
    for what, wanted, found in (
        ("hardware", _hardware(panel), _hardware(back)),
        ("number of fasteners", len(panel.fasteners), len(back.fasteners)),
        ("openings", len(panel.openings), len(back.openings)),
        ("processings", _processings(panel), _processings(back)),
    ):
        if wanted != found:
            raise VerificationError(f"{what} is {found}, {wanted} was asked", where=where)
    for number, (fastener, told) in enumerate(zip(panel.fasteners, back.fasteners, strict=True), 1):
        for name in ("article", "category", "quantity", "length", "diameter", "points", "spacing"):
            compare_values(getattr(fastener, name), getattr(told, name), f"{where}, fastener {number}", name)
    for opening, hole in zip(panel.openings, back.openings, strict=True):
        compare_values(opening.outline, hole.outline, f"{where}, opening {opening.name}")


def _hardware(panel: Panel) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for fastener in panel.fasteners:
        counts[fastener.article or fastener.category] += fastener.quantity
    return dict(sorted(counts.items()))


def _processings(panel: Panel) -> dict[str, int]:
    from fabwright.timber.process import label_of

    return dict(sorted(Counter(label_of(process) for part in panel.stock for process in part.processes).items()))


KIND = PanelIfc()
