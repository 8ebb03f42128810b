"""The demo factory: two lines with stations and checklists, a machine for every document type that needs one."""

import io
from dataclasses import dataclass
from typing import Any

import httpx

from fabwright.demo.service import DemoError, call

PREFERRED = {
    "wood_btl": "hundegger_speed_cut",
    "wood_bvx": "hundegger_speed_cut",
    "plates_ardis": "gabbiani_s95_38",
    "plates_xcs": "gabbiani_s95_38",
    "plates_cix": "biesse",
    "plates_ptx": "panel_saw",
    "panel_mob1": "mobi_one",
    "panel_mob2": "mobi_one_v2",
}
"""Models by document type; for a type that is not named the first model that reads it is taken."""


@dataclass(frozen=True)
class Factory:
    """What reports name besides parts: a machine by document type, and the two lines."""

    machines: dict[str, str]
    lines: list[dict[str, Any]]


def build_factory(client: httpx.Client, types: list[dict[str, Any]]) -> Factory:
    """Machines that read all these document types, and two lines that they stand in.

    Raises:
        DemoError: no machine model reads a type that needs a machine.
    """
    models = call(client, "GET", "/api/v2/company/machine_models/")
    machines: dict[str, str] = {}
    made: dict[str, str] = {}
    for one in types:
        name = one["document_type"]
        readers = [model["model"] for model in models if name in model["document_types"]]
        if not readers and one["needs_machine"]:
            raise DemoError(f"no machine model reads {name}")
        if not readers:
            continue
        model = PREFERRED.get(name, readers[0])
        if model not in made:
            body = {"name": model.replace("_", " "), "model": model, "setup": {}}
            made[model] = call(client, "POST", "/api/v2/company/machines/", json=body)["uuid"]
        machines[name] = made[model]
    return Factory(machines, _lines(client, machines))


def _lines(client: httpx.Client, machines: dict[str, str]) -> list[dict[str, Any]]:
    stations = [
        {"name": "Saw", "zones": [], "machine": machines.get("wood_btl"), "tasks": []},
        {"name": "Framing", "zones": [0], "machine": None, "tasks": ["Check the diagonals", "Nail the studs"]},
        {"name": "Sheathing", "zones": [-1, 1], "machine": machines.get("plates_ardis"), "tasks": ["Glue the joints"]},
        *(
            {"name": f"Bridge {name}", "zones": [], "machine": machines[name], "tasks": []}
            for name in ("panel_mob1", "panel_mob2")
            if name in machines
        ),
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


def work_a_little(client: httpx.Client, line: dict[str, Any], assemblies: list[str], photo: bytes) -> None:
    """Notes of a morning: the first three walls are framed, one has an issue with a photo, another had one."""
    framing = next(station for station in line["stations"] if station["name"] == "Framing")
    for number, assembly in enumerate(assemblies[:3]):
        run = {"constructible": assembly, "station": framing["uuid"]}
        call(client, "POST", "/api/v2/workshop/station_runs/", json=run)
        for task in framing["tasks"][: 2 - number // 2]:
            result = {"constructible": assembly, "task": task["uuid"], "remark": "2 mm off" if number == 1 else ""}
            call(client, "POST", "/api/v2/workshop/task_results/", json=result)
    for number, (title, text, status) in enumerate(
        (
            ("Stud S3 is split", "From the lower end to the first nail; needs a new one.", "open"),
            ("Wrong mark on the bottom rail", "Read from the wrong end.", "solved"),
        )
    ):
        body = {"constructible": assemblies[number], "station": framing["uuid"], "title": title, "text": text}
        issue = call(client, "POST", "/api/v2/workshop/issues/", json=body)
        files = {"file": ("stud.png", io.BytesIO(photo), "image/png")}
        call(client, "POST", "/api/v2/workshop/photos/", data={"issue": issue["uuid"]}, files=files)
        if status != "open":
            call(client, "PATCH", f"/api/v2/workshop/issues/{issue['uuid']}/", json={"status": status})
