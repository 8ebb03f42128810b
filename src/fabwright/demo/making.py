"""The making half of the demo's day: a house comes in as IFC; lists and machine files go out for two lines."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.progress import Progress, TaskID

from fabwright.demo.service import DemoError, call, wait_for
from fabwright.formats.files import safe_name

REPORTS: dict[str, dict[str, Any]] = {
    "wood_bom": {"grouping": "selected", "cover_page": True, "profile_drawings": True},
    "wood_btl": {"group_parts": "panels", "user_attributes": [{"name": "SHIFT", "value": "early"}]},
    "plates_ardis": {"group_parts": "batch"},
}
MACHINES = {"wood_btl": "hundegger_speed_cut", "plates_ardis": "gabbiani_s95_38"}


@dataclass(frozen=True)
class Delivered:
    """A report that came out: what was asked and the file that was downloaded."""

    line: str
    document_type: str
    path: Path
    size: int
    sha256: str


def run_making(client: httpx.Client, ifc: Path, output: Path, console: Console) -> list[Delivered]:
    """Imports the house, launches every report for both lines, downloads and checks what comes.

    Raises:
        DemoError: anything is not as it must be.
    """
    project = call(
        client,
        "POST",
        "/api/v2/company/projects/",
        json={"name": "Demo house", "client_name": "Family Larch", "phases": ["Walls", "Floors and roof"]},
    )
    designs = _import(client, project["uuid"], ifc, console)
    machines = _machines(client)
    lines = _lines(client, machines)
    assemblies = _assemblies(client, project["uuid"], designs)
    payloads = _payloads(project["uuid"], lines, assemblies, machines)
    launched = call(client, "POST", "/api/v2/reports/bulk_launch/", json=payloads)["reports"]
    ready = _wait(client, launched, console)
    names = {line["uuid"]: line["name"] for line in lines}
    return [_download(report, names[report["meta"]["production_line_uuid"]], output) for report in ready]


def _import(client: httpx.Client, project: str, ifc: Path, console: Console) -> list[dict[str, Any]]:
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


def _machines(client: httpx.Client) -> dict[str, str]:
    made = {}
    for document_type, model in MACHINES.items():
        body = {"name": model.replace("_", " "), "model": model, "setup": {}}
        made[document_type] = call(client, "POST", "/api/v2/company/machines/", json=body)["uuid"]
    return made


def _lines(client: httpx.Client, machines: dict[str, str]) -> list[dict[str, Any]]:
    stations = [
        {"name": "Saw", "zones": [], "machine": machines["wood_btl"], "tasks": []},
        {"name": "Framing", "zones": [0], "machine": None, "tasks": [{"text": "Check the diagonals"}]},
        {"name": "Sheathing", "zones": [-1, 1], "machine": machines["plates_ardis"], "tasks": []},
    ]
    return [
        call(
            client,
            "POST",
            "/api/v2/company/production_lines/",
            json={"name": name, "tipo": ["timber_panel"], "stations": stations},
        )
        for name in ("Wall line", "Floor and roof line")
    ]


def _assemblies(client: httpx.Client, project: str, designs: list[dict[str, Any]]) -> list[list[str]]:
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


def _payloads(
    project: str, lines: list[dict[str, Any]], assemblies: list[list[str]], machines: dict[str, str]
) -> list[dict[str, Any]]:
    return [
        {
            "name": f"{line['name']} {document_type}",
            "document_type": document_type,
            "project": project,
            "selected_assemblies": uuids,
            "meta": {
                **options,
                "production_line_uuid": line["uuid"],
                **({"machine_uuid": machines[document_type]} if document_type in machines else {}),
            },
        }
        for line, uuids in zip(lines, assemblies, strict=True)
        for document_type, options in REPORTS.items()
    ]


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
