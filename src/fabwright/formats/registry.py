"""The one table of formats that can be read: what `fabwright formats show` and `check` know.

A format is a name, its endings, a test of the first bytes, and a function that reads a file and tells what it holds
and what is wrong with it. Rooms are imported when they are used, so that the table costs nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fabwright.errors import FabwrightError, FormatError, InputError
from fabwright.formats import signs

if TYPE_CHECKING:
    from fabwright.bridge import Program
    from fabwright.formats.plates.program import Program as PlateProgram

HEAD_BYTES = 4096


@dataclass(frozen=True)
class Problem:
    """A rule that a file breaks: where (line, element, part), and what was expected."""

    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message


@dataclass(frozen=True)
class Report:
    """What a file holds.

    Attributes:
        facts: for people and for JSON: names to numbers, texts, or rows of such.
        problems: rules that it breaks.
        notes: what was read with a doubt, or kept as text; no fault of the file.
    """

    format: str
    facts: Mapping[str, Any]
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Format:
    """One readable format.

    Attributes:
        sniff: whether the first bytes look like it.
        read: reads and checks; raises FormatError or LimitError when there is nothing to read.
    """

    name: str
    title: str
    endings: tuple[str, ...]
    sniff: Callable[[bytes], bool] = field(repr=False)
    read: Callable[[bytes, str], Report] = field(repr=False)


def format_of(data: bytes, name: str) -> Format:
    """The format of a file, by its bytes first and by its ending where the bytes fit none or several.

    Raises:
        FormatError: none fits.
    """
    head = data[:HEAD_BYTES]
    ending = Path(name).suffix.lower().lstrip(".")
    fitting = [entry for entry in FORMATS if entry.sniff(head)]
    named = [entry for entry in fitting or FORMATS if ending in entry.endings]
    if len(fitting) == 1 or (fitting and not named):
        return fitting[0]
    if named:
        return named[0]
    known = ", ".join(f".{one}" for entry in FORMATS for one in entry.endings)
    raise FormatError(f"no readable format; known are {known}", where=Path(name).name)


def read(path: Path) -> Report:
    """What the file at a path holds.

    Raises:
        InputError: there is no such file, or it cannot be read.
        FormatError, LimitError: it is of no readable format, or damaged beyond reading.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from error
    return format_of(data, path.name).read(data, path.name)


def check(path: Path) -> tuple[Problem, ...]:
    """Every problem of a file; one that cannot be read at all has one. An OS error is raised as InputError."""
    if not path.is_file():
        raise InputError("there is no such file", where=str(path))
    try:
        return read(path).problems
    except FabwrightError as error:
        return (Problem(error.where, error.message),)


# -- the rooms ----------------------------------------------------------------------------------------------------


def _read_btl(data: bytes, name: str) -> Report:
    from fabwright.formats.btl.check import check_btl

    document, findings = check_btl(data)
    facts = {
        "version": document.version,
        "project": document.project_name,
        "parts": len(document.parts),
        "pieces": document.pieces,
        "list": [
            {
                "reference": part.member.reference,
                "name": part.member.name,
                "count": part.count,
                "length": part.member.length,
                "width": part.member.width,
                "height": part.member.height,
                "material": part.member.material,
                "processes": len(part.member.processes),
            }
            for part in document.parts
        ],
    }
    return Report("btl", facts, tuple(Problem(*finding) for finding in findings), document.warnings)


def _read_btlx(data: bytes, name: str) -> Report:
    from fabwright.formats.btlx.check import check_btlx

    document, findings = check_btlx(data)
    facts = {
        "version": document.version,
        "project": document.project.name,
        "parts": len(document.parts),
        "pieces": document.pieces,
        "raw_parts": len(document.of_kind("Rawpart")),
        "layers": len(document.of_kind("Layer")),
        "elements": [element.number for element in document.of_kind("Element")],
        "list": [
            {
                "reference": component.stock.reference,
                "name": component.stock.name,
                "kind": type(component.stock).__name__.lower(),
                "count": component.count,
                "length": component.stock.box[0],
                "height": component.stock.box[1],
                "width": component.stock.box[2],
                "material": component.stock.material,
                "processes": len(component.stock.processes),
            }
            for component in document.parts
        ],
    }
    return Report("btlx", facts, tuple(Problem(*finding) for finding in findings), document.warnings)


def _read_bvx(data: bytes, name: str) -> Report:
    from fabwright.formats.bvx.check import check_bvx, facts

    document, findings = check_bvx(data)
    return Report("bvx", facts(document), tuple(Problem(*finding) for finding in findings), document.warnings)


def _read_fnc(data: bytes, name: str) -> Report:
    from fabwright.formats.fnc.check import check_fnc, facts

    document, findings = check_fnc(data)
    return Report("fnc", facts(document), tuple(Problem(*finding) for finding in findings))


def _read_mtf(data: bytes, name: str) -> Report:
    from fabwright.formats.mtf.check import check_mtf, facts

    document, findings = check_mtf(data)
    return Report("mtf", facts(document), tuple(Problem(*finding) for finding in findings))


def _read_ifc(data: bytes, name: str) -> Report:
    from fabwright.formats.ifc import read_ifc

    project = read_ifc(data)
    facts = {
        "schema": project.schema,
        "unit": project.unit,
        "project": project.name,
        "panels": len(project.panels),
        "skipped": dict(project.skipped),
        "list": [
            {
                "panel": panel.name,
                "kind": panel.kind,
                "storey": panel.storey,
                "size": [round(value, 2) for value in panel.size],
                "members": len(panel.members),
                "boards": len(panel.boards),
                "fasteners": len(panel.fasteners),
                "openings": len(panel.openings),
            }
            for panel in project.panels
        ],
    }
    notes = tuple(
        ": ".join(text for text in (" ".join(filter(None, (w.cls, w.element, w.name))), w.message) if text)
        for w in project.warnings
    )
    return Report("ifc", facts, (), notes)


def _read_mesh(data: bytes, name: str) -> Report:
    from fabwright.formats.mesh import read_mesh

    mesh = read_mesh(data, name=name)
    facts = {
        "triangles": mesh.triangles,
        "corners": len(mesh.vertices),
        "bodies": mesh.bodies,
        "watertight": mesh.watertight,
        "size": [round(float(value), 4) for value in mesh.extents],
        "sha1": mesh.sha1,
    }
    problems = () if mesh.watertight else (Problem("", "the surface is not closed, so it bounds no volume"),)
    return Report("mesh", facts, problems, mesh.warnings)


def _read_ardis(data: bytes, name: str) -> Report:
    from fabwright.formats.ardis.check import check_ardis, facts

    return Report("ardis", facts(check_ardis(data, name)))


def _read_ptx(data: bytes, name: str) -> Report:
    from fabwright.formats.ptx.check import check_ptx, facts

    file, findings, doubts = check_ptx(data)
    return Report("ptx", facts(file), tuple(Problem(*finding) for finding in findings), doubts)


def _read_cix(data: bytes, name: str) -> Report:
    from fabwright.formats.cix import read_cix

    return _program("cix", read_cix(data))


def _read_xcs(data: bytes, name: str) -> Report:
    from fabwright.formats.xcs import read_xcs

    return _program("xcs", read_xcs(data))


def _program(name: str, program: "PlateProgram") -> Report:
    from fabwright.formats.plates.check import program_facts, program_faults

    return Report(name, program_facts(program), tuple(Problem(*fault) for fault in program_faults(program)))


def _read_dxf(data: bytes, name: str) -> Report:
    from fabwright.formats.dxf.check import check_dxf

    facts, findings = check_dxf(data)
    return Report("dxf", facts, tuple(Problem(*finding) for finding in findings))


_READ_AS = "read as"  # a doubt with an answer: nothing is wrong with the file


def _read_wup(data: bytes, name: str) -> Report:
    from fabwright.bridge import inspect_program
    from fabwright.formats.wup import read_wup

    document = read_wup(data)
    facts = {"version": document.version, **_bridge_facts(document.program)}
    notes = tuple(one for one in document.warnings if "kept as text" in one or _READ_AS in one)
    notes = tuple(one for one in notes if "not known" not in one)
    problems = [Problem("", warning) for warning in document.warnings if warning not in notes]
    problems += [Problem(*finding) for finding in inspect_program(document.program)]
    return Report("wup", facts, tuple(problems), notes)


def _read_mob(data: bytes, name: str) -> Report:
    from fabwright.bridge import inspect_program
    from fabwright.formats.mob import read_mob

    document = read_mob(data)
    facts = {
        "schema": document.edition,
        "starting_side": document.starting_side,
        "machine_zero": document.zero,
        "carriages": document.carriages,
        "panels": [panel.name for panel in document.program.panels],
        "trims": len(document.program.trims),
        **_bridge_facts(document.program),
    }
    found = [Problem("", warning) for warning in document.warnings if _READ_AS not in warning]
    problems = (*found, *(Problem(*finding) for finding in inspect_program(document.program)))
    notes = (*document.notes, *(warning for warning in document.warnings if _READ_AS in warning))
    return Report("mob", facts, problems, notes)


def _bridge_facts(program: "Program") -> dict[str, Any]:
    from fabwright.bridge import Routing

    return {
        "element": program.name,
        "size": [program.length, program.height, program.thickness],
        "nails": program.nail_count,
        "list": [
            {
                "zone": layer.zone,
                "z": layer.z,
                "thickness": layer.thickness,
                "members": len(layer.sticks),
                "boards": len(layer.sheets),
                "rows_of_nails": len(layer.nails),
                "nails": sum(row.count for row in layer.nails),
                "paths": sum(isinstance(one, Routing) for one in layer.operations),
                "operations": len(layer.operations),
            }
            for layer in program.layers
        ],
    }


FORMATS: tuple[Format, ...] = (
    Format("btl", "BTL V10 text", ("btl",), signs.is_btl, _read_btl),
    Format("btlx", "BTLx 2.x", ("btlx",), signs.is_btlx, _read_btlx),
    Format("bvx", "BVX 1.0", ("bvx",), signs.is_bvx, _read_bvx),
    Format("fnc", "FNC 1.0, frame nails (analogue)", ("csv",), signs.is_fnc, _read_fnc),
    Format("mtf", "MTF-A 1.0, frames (analogue)", ("mtf",), signs.is_mtf, _read_mtf),
    Format("ifc", "IFC2x3, IFC4, IFC4X3", ("ifc",), signs.is_ifc, _read_ifc),
    Format("wup", "WUP 3.x", ("wup",), signs.is_wup, _read_wup),
    Format("mob", "MOB1-A 3.00, MOB2-A 1.0 (analogues)", ("mob", "mob2"), signs.is_mob, _read_mob),
    Format("ardis", "Ardis cutting list", ("csv", "xlsx"), signs.is_ardis, _read_ardis),
    Format("ptx", "PTX 1.x, pattern exchange", ("ptx",), signs.is_ptx, _read_ptx),
    Format("cix", "CIX", ("cix",), signs.is_cix, _read_cix),
    Format("xcs", "XCS", ("xcs",), signs.is_xcs, _read_xcs),
    Format("dxf", "DXF of plates and nested sheets, on our layers", ("dxf",), signs.is_dxf, _read_dxf),
    Format("mesh", "STL, 3MF, OBJ, PLY", ("stl", "3mf", "obj", "ply"), signs.is_mesh, _read_mesh),
)
