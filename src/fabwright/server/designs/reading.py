"""What runs in the child process: from the bytes of a file to rows of panels and parts. No Django in here.

The readers are imported where they are used: the web server and the workers know this module as well, and must not
carry the geometry libraries for it.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from fabwright.errors import InputError
from fabwright.formats.ifc.references import with_references
from fabwright.formats.ifc.setup import ParsingSetup
from fabwright.server.designs.btl_attributes import by_attributes
from fabwright.server.jobs.limited import report_progress
from fabwright.timber import Board, Fastener, Member, Panel, Part, to_json
from fabwright.timber.metrics import panel_metrics

type PartRow = dict[str, Any]
type Warnings = list[dict[str, str]]


class ReadPanel(NamedTuple):
    """A panel as it is stored.

    Attributes:
        name: different from that of every other panel of the file.
        panel: its parameters without the parts.
        digest: SHA-256 of panel and parts.
        uids: of the panel and its parts.
        parts: columns of a part row, without uuid and design.
    """

    name: str
    panel: dict[str, Any]
    metrics: dict[str, Any]
    digest: str
    uids: list[str]
    parts: list[PartRow]


class ReadFile(NamedTuple):
    """What a file holds. `warnings` are `{element, name, cls, message}`; `skipped` counts by class of element."""

    panels: list[ReadPanel]
    warnings: Warnings
    skipped: dict[str, int]


def read_design_file(path: str, name: str, setup: ParsingSetup, attributes: dict[str, str]) -> ReadFile:
    """Reads an IFC, BTL or BTLx file; tells its progress to the parent process.

    Args:
        name: the file's name; its ending says how it is read, its stem names a panel without a name.
        setup: how IFC elements are understood.
        attributes: field of a part -> user attribute that carries it, for BTL and BTLx.

    Raises:
        FabwrightError: it cannot be read; says where and what was expected.
    """
    panels, warnings, skipped = _READERS[Path(name).suffix.lower()](Path(path), Path(name).stem, setup, attributes)
    report_progress(85, "taking the panels apart")
    named, renamed = _different_names(panels, Path(name).stem)
    return ReadFile([read_panel(panel) for panel in named], [*warnings, *renamed], skipped)


def read_panel(panel: Panel) -> ReadPanel:
    """A panel as it is stored."""
    panel = _storable(panel)
    bare = msgspec.structs.replace(panel, members=(), boards=(), fasteners=())
    return ReadPanel(
        name=panel.name,
        panel=msgspec.to_builtins(bare),
        metrics=panel_metrics(panel),
        digest=hashlib.sha256(to_json(panel)).hexdigest(),
        uids=[uid for uid in (panel.uid, *(part.uid for part in panel.parts)) if uid],
        parts=_part_rows(panel.parts),
    )


def _part_rows(parts: Sequence[Part]) -> list[PartRow]:
    seen: Counter[str] = Counter()
    rows = []
    for position, part in enumerate(parts):
        key = f"uid {part.uid}" if part.uid else f"ref {part.reference}"
        seen[key] += 1
        rows.append(
            {
                "position": position,
                "source": f"{key} {seen[key]}",
                "reference": part.reference,
                "branch": part.branch,
                "category": part.category,
                "zone": part.zone,
                "material": part.material,
                **_sizes(part),
                "parameters": msgspec.to_builtins(part),
            }
        )
    return rows


def _sizes(part: Part) -> dict[str, Any]:
    match part:
        case Member():
            return {"length": part.length, "width": part.width, "thickness": part.height, "quantity": 1}
        case Board():
            return {"length": part.length, "width": part.width, "thickness": part.thickness, "quantity": 1}
        case Fastener():
            return {"length": part.length, "width": None, "thickness": None, "quantity": part.quantity}


def _different_names(panels: Sequence[Panel], otherwise: str) -> tuple[list[Panel], Warnings]:
    """Panels with names that differ within the file, and a warning for each that had to be renamed."""
    taken = {panel.name for panel in panels if panel.name}
    seen: set[str] = set()
    named: list[Panel] = []
    warnings = []
    for panel in panels:
        name, number = panel.name or otherwise[:200], 1
        while name in seen or (number > 1 and name in taken):
            number += 1
            name = f"{(panel.name or otherwise)[:200]} ({number})"
        seen.add(name)
        if name != panel.name:
            message = f"the name {panel.name} occurs more than once" if panel.name else "the panel has no name"
            warnings.append(
                {"element": panel.uid, "name": panel.name, "cls": "", "message": f"{message}; it is imported as {name}"}
            )
            panel = msgspec.structs.replace(panel, name=name)
        named.append(panel)
    return named, warnings


def _storable(panel: Panel) -> Panel:
    """The panel without the two kinds of character that a database text cannot hold (NUL, halves of pairs)."""
    try:
        if b"\\u0000" not in to_json(panel):
            return panel
    except UnicodeEncodeError:
        pass  # a half of a pair: handled below, like NUL
    return msgspec.convert(_clean(msgspec.to_builtins(panel)), Panel)


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {_clean(name): _clean(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(item) for item in value]
    return value


type _Found = tuple[Sequence[Panel], Warnings, dict[str, int]]


def _read_ifc(path: Path, stem: str, setup: ParsingSetup, attributes: dict[str, str]) -> _Found:
    from fabwright.formats.ifc import read_ifc

    project = read_ifc(path, setup, lambda share, note: report_progress(80 * share, note))
    warnings = [
        {field: _clean(text) for field, text in msgspec.structs.asdict(warning).items()} for warning in project.warnings
    ]
    return project.panels, warnings, {_clean(name): number for name, number in project.skipped.items()}


def _read_btl(path: Path, stem: str, setup: ParsingSetup, attributes: dict[str, str]) -> _Found:
    from fabwright.formats.btl import panels_of, read_btl

    document = read_btl(path.read_bytes())
    return _from_btl(panels_of(document), document.warnings, attributes)


def _read_btlx(path: Path, stem: str, setup: ParsingSetup, attributes: dict[str, str]) -> _Found:
    from fabwright.formats.btlx import panels_of, read_btlx

    document = read_btlx(path.read_bytes())
    return _from_btl(panels_of(document), document.warnings, attributes)


def _from_btl(panels: Iterable[Panel], warnings: Iterable[str], attributes: dict[str, str]) -> _Found:
    report_progress(50, "putting panels together")
    said = [{"element": "", "name": "", "cls": "", "message": _clean(text)} for text in warnings]
    filled, more = by_attributes(list(panels), attributes)
    return [with_references(panel) for panel in filled if panel.parts], [*said, *more], {}


_READERS: dict[str, Callable[[Path, str, ParsingSetup, dict[str, str]], _Found]] = {
    ".ifc": _read_ifc,
    ".btl": _read_btl,
    ".btlx": _read_btlx,
}

ENDINGS = tuple(_READERS)
"""Endings of the files that designs are read from."""


def choose_panel(read: ReadFile, design: str, file: str) -> ReadPanel:
    """The panel of a file that belongs to one design: the only one, else the one of the design's or file's name.

    Raises:
        InputError: there is none, or which one is meant is not clear.
    """
    if not read.panels:
        reasons = "; ".join(warning["message"] for warning in read.warnings[:3])
        raise InputError(f"the file {file} holds no panel with parts" + (f" ({reasons})" if reasons else ""))
    if len(read.panels) == 1:
        return read.panels[0]
    for name in (design, Path(file).stem):
        fitting = [panel for panel in read.panels if panel.name.casefold() == name.casefold()]
        if len(fitting) == 1:
            return fitting[0]
    names = ", ".join(panel.name for panel in read.panels[:5])
    raise InputError(
        f"the file {file} holds {len(read.panels)} panels ({names} ...) and none is called {design}; "
        "import it into the project instead"
    )
