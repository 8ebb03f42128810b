"""From a report's selection to the order that its kind works from: plain data, read in a handful of queries."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from fabwright.errors import InputError
from fabwright.server.designs.models import Design
from fabwright.server.designs.selectors import panels_of, parts_of
from fabwright.server.production.group_selectors import GroupState, locked_groups
from fabwright.server.production.models import Constructible, Machine, PartBatchItem, ProductionLine
from fabwright.server.reports.kinds import kinds
from fabwright.server.reports.kinds.base import Element, Group, Notes, Order, Piece, Placed, read_options
from fabwright.server.reports.models import Report
from fabwright.server.reports.payloads import as_uuid
from fabwright.server.reports.stations import setup_of, stations_of
from fabwright.server.workshop.record_selectors import records_of

type Sources = list[list[Any]]


def order_of(report: Report) -> tuple[Order, Sources]:
    """The order of a report, and the states of the designs that it is made from.

    Raises:
        InputError: something selected is gone, or a design has no parts yet; names it.
    """
    chosen = _chosen(report)
    designs = {design.pk: design for design in _designs(report, chosen)}
    _refuse_unanalysed(designs.values())
    elements = _elements(report, chosen, designs)
    if not any(element.pieces for element in elements):
        raise InputError("the selection holds no parts", where="selected_assemblies")
    machine = _machine(report)
    line = _line(report)
    setup = _setup(report, machine, line)
    notes = _notes(report, setup)
    uuids = [choice.constructible.pk for choice in chosen]
    order = Order(
        document_type=report.document_type,
        report_name=report.name,
        company=report.company.name,
        project=report.project.name,
        project_number=report.project.project_number,
        client=report.project.client_name,
        super_project=report.project.super_project,
        elements=elements,
        as_of=_launched_at(report) if notes else max(one.analyzed_at or one.modified for one in designs.values()),
        machine=machine.name if machine else "",
        machine_model=machine.model if machine else "",
        production_line=line.name if line else "",
        stations=stations_of(line) if line else (),
        setup=setup,
        meta=report.meta,
        base_url=settings.BASE_URL,
        groups=_groups(report, uuids),
        records=records_of(uuids, task_photos=notes.task_photos, issue_photos=notes.issue_photos) if notes else {},
    )
    sources = [[str(pk), design.revision, design.analyzed_ifc_hash] for pk, design in sorted(designs.items())]
    return order, sources


def _notes(report: Report, setup: dict[str, Any]) -> Notes | None:
    kind = kinds()[report.document_type]
    return kind.notes(read_options(kind, setup, report.meta))


def _launched_at(report: Report) -> datetime:
    """When the newest version was launched: an input, so that making it once more gives the same bytes."""
    newest = report.versions.order_by("-number").values_list("created", flat=True).first()
    return (newest or report.created).astimezone(UTC)


class _Choice:
    """One thing to build, and which of its parts: all (None) or some."""

    def __init__(self, constructible: Constructible, parts: set[UUID] | None) -> None:
        self.constructible = constructible
        self.parts = parts


def _chosen(report: Report) -> list[_Choice]:
    """Things to build in the order in which they were selected; what is selected whole stays whole."""
    whole = [*report.selected_assemblies, *report.selected_modules]
    items = _part_batch_items(report)
    wanted = dict.fromkeys([*whole, *(assembly for assembly, _ in items)])
    rows = Constructible.objects.filter(company=report.company_id, pk__in=wanted).select_related("batch")
    found = {row.pk: row for row in rows}
    parts: dict[UUID, set[UUID]] = {}
    for assembly, part in items:
        parts.setdefault(assembly, set()).add(part)
    choices = []
    for pk in wanted:
        if pk not in found:
            raise InputError(f"{pk} does not exist any more", where="selected_assemblies")
        choices.append(_Choice(found[pk], None if pk in whole else parts[pk]))
    return choices


def _part_batch_items(report: Report) -> list[tuple[UUID, UUID]]:
    asked = [pk for pk in map(as_uuid, report.meta.get("part_batches", [])) if pk]
    rows = PartBatchItem.objects.filter(part_batch__company=report.company_id, part_batch__in=asked)
    found = list(rows.order_by("part_batch__created", "position").values_list("part_batch", "assembly", "part"))
    missing = set(asked) - {row[0] for row in found}
    if missing:
        raise InputError(f"part batch {min(missing)} is gone or empty", where="meta.part_batches")
    return [(assembly, part) for _, assembly, part in found]


def _designs(report: Report, chosen: Iterable[_Choice]) -> list[Design]:
    direct = [*report.selected_assembly_designs, *report.selected_module_designs]
    wanted = {*direct, *(choice.constructible.design_id for choice in chosen)}
    designs = list(Design.objects.filter(company=report.company_id, pk__in=wanted))
    missing = wanted - {design.pk for design in designs}
    if missing:
        raise InputError(f"design {min(missing)} does not exist any more", where="selected_assembly_designs")
    return designs


def _refuse_unanalysed(designs: Iterable[Design]) -> None:
    for design in designs:
        if design.panel is None:
            state = design.analysis_error or f"its analysis is {design.analysis}"
            raise InputError(f"design {design.name} has no parts yet: {state}", where="selected_assemblies")


def _elements(report: Report, chosen: Iterable[_Choice], designs: dict[UUID, Design]) -> tuple[Element, ...]:
    rows = parts_of(designs)
    panels = panels_of(designs, rows)
    parts = {pk: tuple(Piece(*row) for row in rows[pk]) for pk in designs}
    elements = []
    for choice in chosen:
        row = choice.constructible
        design = designs[row.design_id]
        pieces = _pieces(choice, parts.get(design.pk, ()))
        elements.append(
            Element(
                uuid=row.pk,
                name=row.name,
                design=design.pk,
                design_name=design.name,
                revision=design.revision,
                panel=panels[design.pk],
                pieces=pieces,
                phase=row.batch.phase if row.batch else "",
                batch=row.batch.name if row.batch else "",
                batch_uuid=row.batch_id,
            )
        )
    for pk in dict.fromkeys([*report.selected_assembly_designs, *report.selected_module_designs]):
        design = designs[pk]
        elements.append(
            Element(
                uuid=pk,
                name=design.name,
                design=pk,
                design_name=design.name,
                revision=design.revision,
                panel=panels[pk],
                pieces=parts.get(pk, ()),
            )
        )
    return tuple(elements)


def _pieces(choice: _Choice, pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """The chosen pieces of a design.

    Raises:
        InputError: a part batch names a part that the design has no more; nothing is left out in silence.
    """
    if choice.parts is None:
        return pieces
    gone = choice.parts - {piece.uuid for piece in pieces}
    if gone:
        name = choice.constructible.name
        raise InputError(
            f"part {min(gone)} of {name} is not in the newest revision of its design; mend the part batch",
            where="meta.part_batches",
        )
    return tuple(piece for piece in pieces if piece.uuid in choice.parts)


def _groups(report: Report, assemblies: list[UUID]) -> tuple[Group, ...]:
    """The locked multipanel groups of the selected assemblies."""
    selected = set(assemblies)
    return tuple(
        Group(
            uuid=row.pk,
            name=row.name,
            elements=tuple(
                Placed(panel.assembly, panel.figures.name, panel.offset, panel.figures.width or 0.0)
                for panel in state.panels
            ),
            gap_mm=row.gap,
            faults=(*_not_selected(state, selected), *(check.message for check in state.failed)),
        )
        for row, state in locked_groups(report.company_id, assemblies)
    )


def _not_selected(state: GroupState, selected: set[UUID]) -> list[str]:
    names = [panel.figures.name for panel in state.panels if panel.assembly not in selected]
    return [f"{', '.join(names)} of it is not selected"] if names else []


def _machine(report: Report) -> Machine | None:
    pk = as_uuid(report.meta.get("machine_uuid", report.meta.get("machine")))
    if pk is None:
        return None
    machine = Machine.objects.filter(company=report.company_id, pk=pk).first()
    if machine is None:
        raise InputError(f"machine {pk} does not exist any more", where="meta.machine_uuid")
    return machine


def _setup(report: Report, machine: Machine | None, line: ProductionLine | None) -> dict[str, Any]:
    """What the machine says for this type: that of the line where the type needs a line, else the one that is named."""
    if line is not None and kinds()[report.document_type].needs == "production_line":
        return setup_of(line, report.document_type)
    return (machine.setup.get(report.document_type) or {}) if machine else {}


def _line(report: Report) -> ProductionLine | None:
    pk = as_uuid(report.meta.get("production_line_uuid", report.meta.get("production_line")))
    if pk is None:
        return None
    line = ProductionLine.objects.filter(company=report.company_id, pk=pk).prefetch_related("stations__machine").first()
    if line is None:
        raise InputError(f"production line {pk} does not exist any more", where="meta.production_line_uuid")
    return line
