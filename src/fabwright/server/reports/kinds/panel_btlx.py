"""`panel_btlx`: whole panels as BTLx: an element with its layers, and every stick and sheet in the panel's axes."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from msgspec.structs import replace

from fabwright.formats.files import File, file_name, unique_files
from fabwright.server.reports.kinds.base import Kind, Order, Progress
from fabwright.server.reports.kinds.whole_panels import PanelFileOptions, PanelGroup, compare_panels, panel_groups
from fabwright.server.reports.kinds.wood_btlx import Version, written
from fabwright.timber import WORLD, Board, Panel
from fabwright.timber.process import NailLine, Process

if TYPE_CHECKING:
    from fabwright.formats.btlx import Document


class PanelBtlxOptions(PanelFileOptions):
    version: Version = "2.3.1"
    """Edition of the schema. 2.0.0 has no place for the length of nails: it then stands in their comment."""
    axes: Literal["panel", "project"] = "panel"
    """Every panel at the origin in its own axes, or where it stands in the model."""


class PanelBtlx(Kind[PanelBtlxOptions]):
    document_type = "panel_btlx"
    title = "BTLx File [Panels]"
    sentence = (
        "Whole panels as BTLx: sticks, sheets, nails, layers and one element per panel. Hardware is not part of BTLx."
    )
    selects = ("assemblies", "assembly_designs")
    options = PanelBtlxOptions

    def make(self, order: Order, options: PanelBtlxOptions, progress: Progress) -> tuple[File, ...]:
        tasks = panel_groups(order, options)
        files = []
        for number, task in enumerate(tasks, 1):
            files.append(File(file_name(task.name, "btlx"), written(_document(order, options, task))))
            progress(100 * number / len(tasks), task.name)
        return unique_files(files)

    def verify(self, order: Order, options: PanelBtlxOptions, files: tuple[File, ...]) -> None:
        from fabwright.formats.btlx import panels_of, read_btlx, verify_btlx

        for file, task in zip(files, panel_groups(order, options), strict=True):
            verify_btlx(file.content, _document(order, options, task))
            compare_panels(_placed(task.panels, options), panels_of(read_btlx(file.content)))


def _placed(panels: Sequence[Panel], options: PanelBtlxOptions) -> tuple[Panel, ...]:
    return tuple(replace(panel, frame=WORLD) if options.axes == "panel" else panel for panel in panels)


def _document(order: Order, options: PanelBtlxOptions, task: PanelGroup) -> "Document":
    from fabwright.formats.btlx import Project, document_of

    panels = _placed(task.panels, options)
    if options.version == "2.0.0":
        panels = tuple(
            replace(panel, boards=tuple(_without_length(board) for board in panel.boards)) for panel in panels
        )
    return document_of(
        panels,
        project=Project(name=order.project, number=order.project_number),
        version=options.version,
        exported_at=order.as_of,
        file_name=file_name(task.name, "btlx"),
    )


def _without_length(board: Board) -> Board:
    """The board with the length of its nails in their comments."""
    return replace(board, processes=tuple(_commented(process) for process in board.processes))


def _commented(process: Process) -> Process:
    if not isinstance(process, NailLine) or process.nail_length is None:
        return process
    words = "; ".join(filter(None, (process.comment, f"nail length {process.nail_length:g} mm")))
    return replace(process, nail_length=None, comment=words)


KIND = PanelBtlx()
