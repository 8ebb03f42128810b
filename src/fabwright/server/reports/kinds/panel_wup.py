"""`panel_wup`: whole panels for framing stations and nailing bridges that read WUP."""

from typing import TYPE_CHECKING

from fabwright.formats.files import File, file_name, unique_files
from fabwright.server.reports.kinds.base import Element, Kind, Order, Progress
from fabwright.server.reports.kinds.bridge_files import NailOptions, settings_of

if TYPE_CHECKING:
    from fabwright.bridge import BridgeSettings, PlacedPanel, Program
    from fabwright.formats.wup import WupHead


class PanelWupOptions(NailOptions):
    """Options of `panel_wup`."""


class PanelWup(Kind[PanelWupOptions]):
    document_type = "panel_wup"
    title = "WUP File [Panels]"
    sentence = "Whole panels as WUP 3.4: members, boards, rows of nails, paths of mill and saw, areas without nails."
    selects = ("assemblies",)
    options = PanelWupOptions

    def make(self, order: Order, options: PanelWupOptions, progress: Progress) -> tuple[File, ...]:
        from fabwright.formats.wup import write_wup

        settings = settings_of(options.nails())
        files = []
        for number, element in enumerate(order.elements, 1):
            program, _ = _program(element, settings)
            content = write_wup(program, _head(order, element), correction=settings.correction)
            files.append(File(file_name(element.name, "wup"), content))
            progress(100 * number / len(order.elements), element.name)
        return unique_files(files)

    def verify(self, order: Order, options: PanelWupOptions, files: tuple[File, ...]) -> None:
        from fabwright.formats.wup import verify_wup

        settings = settings_of(options.nails())
        for file, element in zip(files, order.elements, strict=True):
            program, placed = _program(element, settings)
            head = _head(order, element)
            verify_wup(file.content, program, [placed], file.name, correction=settings.correction, head=head)


def _head(order: Order, element: Element) -> "WupHead":
    from fabwright.formats.wup import WupHead

    return WupHead(order=order.project_number, kind=element.panel.kind)


def _program(element: Element, settings: "BridgeSettings") -> "tuple[Program, PlacedPanel]":
    from fabwright.bridge import PlacedPanel, plan_panel

    placed = PlacedPanel(element.panel, 0.0, str(element.uuid), element.name)
    return plan_panel(element.panel, settings, uuid=placed.uuid, name=element.name), placed


KIND = PanelWup()
