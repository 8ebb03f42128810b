"""How every bill of material becomes files: selection, grouping, cover, designs, names."""

from collections.abc import Callable, Sequence

from fabwright.documents.bom import Assembly, Bom, BomOptions, groups, only
from fabwright.documents.layout import (
    Col,
    Cover,
    Document,
    Group,
    Part,
    Section,
    Table,
    data_of,
    mm,
    natural,
    square_metres,
)
from fabwright.documents.reading import check_tables
from fabwright.documents.typesetting import Paper
from fabwright.errors import InputError, VerificationError
from fabwright.formats.files import File, file_name, unique_files
from fabwright.timber.metrics import panel_metrics
from fabwright.timber.panel import Panel

TEMPLATE = "bom.typ"
Selection = tuple[str, tuple[Assembly, ...]]
Figures = tuple[tuple[str, str, str], ...]


def selection(bom: Bom, options: BomOptions, pick: Callable[[Panel], Panel], what: str) -> list[Selection]:
    """The groups with assemblies whose panels hold only what is picked; groups without any part are left out.

    Args:
        pick: a panel with only the parts to list.
        what: named in the error, such as "wood".

    Raises:
        InputError: nothing is left.
    """
    chosen = []
    for name, assemblies in groups(bom.assemblies, options.grouping):
        picked = tuple(_with(assembly, pick(assembly.panel)) for assembly in assemblies)
        kept = tuple(assembly for assembly in picked if assembly.panel.parts)
        if kept:
            chosen.append((name, kept))
    if not chosen:
        had_any = any(assembly.panel.parts for assembly in bom.assemblies)
        filtered = " that the filters let through" if had_any else ""
        raise InputError(f"the selection holds no {what}{filtered}", where="assemblies")
    return chosen


def _with(assembly: Assembly, panel: Panel) -> Assembly:
    return Assembly(
        name=assembly.name,
        panel=panel,
        design=assembly.design or assembly.panel.name,
        batch=assembly.batch,
        phase=assembly.phase,
        quantity=assembly.quantity,
        rail_parts=assembly.rail_parts,
    )


def files_of(bom: Bom, options: BomOptions, kind: str, parts: Sequence[Part], paper: Paper | None) -> tuple[File, ...]:
    """One PDF of all parts (grouping `selected`, or `combine`), else one for each part."""
    paper = paper or Paper()
    return unique_files(
        [
            File(
                file_name("_".join(filter(None, (kind, bom.project, name))), "pdf"),
                paper.pdf(TEMPLATE, data_of(document)),
            )
            for name, document in _documents(bom, options, parts)
        ]
    )


def _documents(bom: Bom, options: BomOptions, parts: Sequence[Part]) -> list[tuple[str, Document]]:
    if options.combine or options.grouping == "selected":
        return [("", document_of(bom, tuple(parts)))]
    return [(part.name, document_of(bom, (part,))) for part in parts]


def check_files(files: Sequence[File], bom: Bom, options: BomOptions, parts: Sequence[Part]) -> None:
    """Every file holds the tables of its document, whole and in order.

    Raises:
        FormatError: a file is no PDF.
        VerificationError: a file is missing or one too many, or a row is missing or different; names it.
    """
    documents = _documents(bom, options, parts)
    if len(files) != len(documents):
        raise VerificationError(f"{len(documents)} files were expected, got {len(files)}", where="files")
    for file, (_, document) in zip(files, documents, strict=True):
        check_tables(file.content, document)


def document_of(bom: Bom, parts: Sequence[Part]) -> Document:
    """The document with what the pages say at their head and foot."""
    return Document(
        title=bom.title, company=bom.company, project=bom.project, phase=bom.phase, footer=bom.date, parts=parts
    )


def cover_of(bom: Bom, assemblies: Sequence[Assembly], figures: Figures) -> Cover:
    """A cover with the facts of the project, figures, and the assemblies."""
    count = sum(assembly.quantity for assembly in assemblies)
    return Cover(
        facts=(
            ("Project", bom.project),
            ("Phase", bom.phase or only(assembly.phase for assembly in assemblies)),
            ("Batch", only(assembly.batch for assembly in assemblies)),
            ("Date", bom.date),
        ),
        figures=((str(count), "", "Assembly" if count == 1 else "Assemblies"), *figures),
        contents=_contents(assemblies),
    )


_MOST_CONTENTS = 90  # names that fit below the figures of a cover in three columns


def _contents(assemblies: Sequence[Assembly]) -> tuple[tuple[str, str], ...]:
    counts: dict[str, int] = {}
    for assembly in assemblies:
        counts[assembly.name] = counts.get(assembly.name, 0) + assembly.quantity
    names = sorted(counts, key=natural)
    shown = [(name, f"×{counts[name]}" if counts[name] > 1 else "") for name in names[:_MOST_CONTENTS]]
    if len(names) > _MOST_CONTENTS:
        shown.append((f"and {len(names) - _MOST_CONTENTS} more", ""))
    return tuple(shown)


def designs_section(
    originals: Sequence[Assembly], extra: Sequence[Col], figures: Callable[[Panel], Sequence[str]]
) -> Section:
    """Every distinct design with its size and how often it is built.

    Args:
        extra: further columns (what the list is about).
        figures: their texts for one panel of the design.
    """
    found: dict[tuple[str, bytes], list[Assembly]] = {}
    for assembly in originals:
        metrics = panel_metrics(assembly.panel)
        key = (assembly.design_name, repr((metrics["x"], metrics["y"], metrics["z"])).encode())
        found.setdefault(key, []).append(assembly)
    columns = (
        Col("Design", "1fr", kind="strong"),
        Col("Assemblies", "18mm", "right"),
        Col("Length", "15mm", "right"),
        Col("Height", "15mm", "right"),
        Col("Thickness", "16mm", "right"),
        Col("Net m²", "14mm", "right"),
        *extra,
    )
    rows = []
    for (name, _), assemblies in sorted(found.items(), key=lambda item: natural(item[0][0])):
        metrics = panel_metrics(assemblies[0].panel)
        size = [mm(metrics[axis]) for axis in ("x", "y", "z")]
        count = sum(assembly.quantity for assembly in assemblies)
        rows.append((name, str(count), *size, square_metres(metrics["neto"] * 1e6), *figures(assemblies[0].panel)))
    return Section(
        title="Designs",
        note="Figures of one assembly of each design; lengths in mm.",
        tables=(Table(columns, (Group("", rows),)),),
    )


def originals_of(bom: Bom, assemblies: Sequence[Assembly]) -> tuple[Assembly, ...]:
    """The assemblies as they were given, with all their parts, for a filtered selection of them."""
    names = {(assembly.name, assembly.design, assembly.batch) for assembly in assemblies}
    return tuple(
        assembly
        for assembly in bom.assemblies
        if (assembly.name, assembly.design or assembly.panel.name, assembly.batch) in names
    )
