"""The making half of the demo's day: a house comes in as IFC; lists and machine files go out for two lines."""

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.progress import Progress, TaskID

from fabwright.demo.factory import Factory, build_factory, work_a_little
from fabwright.demo.service import DemoError, call, wait_for
from fabwright.formats.files import safe_name

# Boards of the house are as wide as these sheets, so the saw trims nothing.
_SHEETS: dict[str, Any] = {
    "trim": 0,
    "stock": [
        {"code": "3000x1250", "length": 3000.0, "width": 1250.0},
        {"code": "3800x1250", "length": 3800.0, "width": 1250.0},
    ],
    "material_stock": {"DWD 22": [{"code": "5400x1250", "length": 5400.0, "width": 1250.0}]},
}
OPTIONS: dict[str, dict[str, Any]] = {
    "wood_bom": {"grouping": "selected", "cover_page": True, "profile_drawings": True, "onedimensional": True},
    "wood_btl": {"group_parts": "panels", "user_attributes": [{"name": "SHIFT", "value": "early"}]},
    "plates_ardis": {"group_parts": "batch"},
    "plates_xcs": {"full_contour": True, "create_holes": True},
    "plates_cix": {"full_contour": True, "create_holes": True},
    "plates_ptx": _SHEETS,
    "cutting_plan": _SHEETS,
}
"""Options of document types that have more to show than their defaults."""
BY_LINE = ("wood_bom", "wood_btl", "plates_ardis")
"""Made for each line by itself; all others once for the whole house."""
WALLS_ONLY = ("frame_nailer_csv", "wood_bvx")
"""Refused for the roofs, and rightly: no rail holds a rafter, and BVX 1.0 says no oblique laps (the rafters' seats)."""
WHOLE_HOUSE = "Whole house"


@dataclass(frozen=True)
class Delivered:
    """A report that came out: what was asked and the file that was downloaded."""

    line: str
    document_type: str
    path: Path
    size: int
    sha256: str


def run_making(client: httpx.Client, ifc: Path, photo: bytes, output: Path, console: Console) -> list[Delivered]:
    """Imports the house, launches every document type that the service offers, downloads and checks what comes.

    Raises:
        DemoError: anything is not as it must be.
    """
    project = call(
        client,
        "POST",
        "/api/v2/company/projects/",
        json={"name": "Demo house", "client_name": "Family Larch", "phases": ["Walls", "Floors and roof"]},
    )
    designs = import_house(client, project["uuid"], ifc, console)
    types = call(client, "GET", "/api/v2/reports/document_types/")
    factory = build_factory(client, types)
    assemblies = make_assemblies(client, project["uuid"], designs)
    work_a_little(client, factory.lines[0], assemblies[0], photo)
    payloads = [payload for one in types for payload in payloads_of(one, project["uuid"], factory, assemblies, designs)]
    console.print(f"launching {len(payloads)} reports of all {len(types)} document types")
    began = time.monotonic()
    launched = call(client, "POST", "/api/v2/reports/bulk_launch/", json=payloads)["reports"]
    ready = _wait(client, launched, console)
    console.print(f"{len(ready)} reports ready after {time.monotonic() - began:.1f} s")
    return [_download(report, report["name"].removesuffix(f" {report['document_type']}"), output) for report in ready]


def import_house(client: httpx.Client, project: str, ifc: Path, console: Console) -> list[dict[str, Any]]:
    """Imports the IFC file of the house and returns its designs.

    Raises:
        DemoError: the import ends with an error, or designs are missing.
    """
    with ifc.open("rb") as file:
        address = f"/api/v2/company/projects/{project}/imports/"
        started = call(client, "POST", address, files={"file": (ifc.name, file, "application/x-step")})
    with Progress(console=console) as progress:
        task = progress.add_task("import of the house", total=100)

        def look() -> dict[str, Any] | None:
            state: dict[str, Any] = call(client, "GET", f"{address}{started['uuid']}/")
            progress.update(task, completed=state["progress"])
            return state if state["status"] in ("done", "error") else None

        done = wait_for(look)
    if done["status"] != "done":
        raise DemoError(f"the import ended with an error: {done}")
    designs: list[dict[str, Any]] = call(
        client, "GET", "/api/v2/constructibles/assembly_designs/", params={"project": project}
    )
    if len(designs) != len(done["assembly_designs"]):
        raise DemoError(f"{len(done['assembly_designs'])} designs were imported, {len(designs)} are listed")
    return designs


def make_assemblies(client: httpx.Client, project: str, designs: list[dict[str, Any]]) -> list[list[str]]:
    """Uuids of the assemblies of each line: walls and partitions, then floors and roofs."""
    batches = [
        call(
            client,
            "POST",
            "/api/v2/constructibles/batches/",
            json={"project": project, "phase": phase, "name": f"{phase} 1"},
        )
        for phase in ("Walls", "Floors and roof")
    ]
    sides: list[list[dict[str, Any]]] = [[], []]
    for design in designs:
        sides[design["name"][0] in "FDR"].append(design)
    uuids = []
    for batch, side in zip(batches, sides, strict=True):
        body = [
            {
                "project": project,
                "batch": batch["uuid"],
                "assembly_design": design["uuid"],
                "name": design["name"],
            }
            for design in side
        ]
        made = call(client, "POST", "/api/v2/constructibles/assemblies/", json=body)
        uuids.append([assembly["uuid"] for assembly in made])
    return uuids


def payloads_of(
    one: dict[str, Any], project: str, factory: Factory, assemblies: list[list[str]], designs: list[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """What to launch of one document type."""
    name = one["document_type"]
    lines = factory.lines
    lots = [(line["name"], line["uuid"], uuids) for line, uuids in zip(lines, assemblies, strict=True)]
    if name in WALLS_ONLY:
        lots = lots[:1]
    elif name not in BY_LINE:
        lots = [(WHOLE_HOUSE, lines[0]["uuid"], [uuid for uuids in assemblies for uuid in uuids])]
    for place, line, uuids in lots:
        machine = {"machine_uuid": factory.machines[name]} if one["needs_machine"] else {}
        yield {
            "name": f"{place} {name}",
            "document_type": name,
            "project": project,
            **(
                {"selected_assemblies": uuids}
                if "assemblies" in one["selection"]
                else {"selected_assembly_designs": [design["uuid"] for design in designs]}
            ),
            "meta": {**OPTIONS.get(name, {}), "production_line_uuid": line, **machine},
        }


def _wait(client: httpx.Client, launched: list[dict[str, Any]], console: Console) -> list[dict[str, Any]]:
    with Progress(console=console) as progress:
        tasks: dict[str, TaskID] = {report["uuid"]: progress.add_task(report["name"], total=100) for report in launched}

        def look() -> list[dict[str, Any]] | None:
            states = [call(client, "GET", f"/api/v2/reports/{uuid}/") for uuid in tasks]
            for state in states:
                progress.update(tasks[state["uuid"]], completed=state["last_file"]["meta"]["progress"])
            return states if all(state["document_status"] in ("ready", "error") for state in states) else None

        ready: list[dict[str, Any]] = wait_for(look)
    failed = [report for report in ready if report["document_status"] == "error"]
    if failed:
        raise DemoError("; ".join(f"{report['name']}: {report['last_file']['meta']['error']}" for report in failed))
    return ready


def _download(report: dict[str, Any], line: str, output: Path) -> Delivered:
    """Fetches the file as anybody with the address would, without a token, and compares its hash."""
    file = report["last_file"]
    answer = httpx.get(file["presigned_url"], timeout=60)
    if answer.status_code != 200:
        raise DemoError(f"the signed address of {report['name']} answered {answer.status_code}")
    sha256 = hashlib.sha256(answer.content).hexdigest()
    if sha256 != file["hash"]:
        raise DemoError(f"{report['name']}: the bytes have the hash {sha256}, {file['hash']} was promised")
    folder = output / safe_name(line)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{report['document_type']}.{file['name'].rpartition('.')[2]}"
    path.write_bytes(answer.content)
    return Delivered(line, report["document_type"], path, len(answer.content), sha256)
