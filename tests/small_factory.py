"""The least that reports need, made over HTTP: a project with one wall, a batch, an assembly, machines and a line."""

import io
from dataclasses import dataclass
from typing import Any

import httpx

from fabwright.demo.house import build_house
from fabwright.formats.ifc import write_ifc
from tests.running_service import wait_until


@dataclass(frozen=True)
class SmallFactory:
    """What was made, by uuid."""

    client: httpx.Client
    project: str
    designs: tuple[str, ...]
    assemblies: tuple[str, ...]
    machines: dict[str, str]
    line: str

    def payload(self, document_type: str, name: str, **meta: Any) -> dict[str, Any]:
        """A payload that launches."""
        if document_type in self.machines:
            meta.setdefault("machine_uuid", self.machines[document_type])
        return {
            "name": name,
            "document_type": document_type,
            "project": self.project,
            "selected_assemblies": list(self.assemblies),
            "meta": meta,
        }

    def launch(self, document_type: str, name: str, **meta: Any) -> str:
        """Launches a report and returns its uuid."""
        answer = self.client.post("/api/v2/reports/bulk_launch/", json=[self.payload(document_type, name, **meta)])
        assert answer.status_code == 201, answer.text
        uuid: str = answer.json()["reports"][0]["uuid"]
        return uuid

    def ready(self, report: str, *, within_s: float = 60) -> dict[str, Any]:
        """The report once it is ready; fails when it ends with an error."""

        def look() -> dict[str, Any] | None:
            state: dict[str, Any] = self.client.get(f"/api/v2/reports/{report}/").json()
            assert state["document_status"] != "error", state["last_file"]
            return state if state["document_status"] == "ready" else None

        found: dict[str, Any] = wait_until(look, within_s=within_s)
        return found


def made(client: httpx.Client, address: str, body: Any) -> Any:
    """What a POST made."""
    answer = client.post(address, json=body)
    assert answer.is_success, f"{address}: {answer.status_code} {answer.text[:500]}"
    return answer.json()


def small_factory(client: httpx.Client, *, panels: int = 1, name: str = "Small house") -> SmallFactory:
    """Makes it: the first `panels` panels of the demo house, imported as IFC."""
    project = made(client, "/api/v2/company/projects/", {"name": name, "phases": ["Walls"]})["uuid"]
    ifc = io.BytesIO()
    write_ifc(build_house()[:panels], ifc)
    imports = f"/api/v2/company/projects/{project}/imports/"
    started = client.post(imports, files={"file": ("house.ifc", ifc.getvalue(), "application/x-step")})
    assert started.status_code == 202, started.text

    def look() -> Any:
        state = client.get(f"{imports}{started.json()['uuid']}/").json()
        assert state["status"] != "error", state
        return state if state["status"] == "done" else None

    designs = wait_until(look)["assembly_designs"]
    batch = made(client, "/api/v2/constructibles/batches/", {"project": project, "phase": "Walls", "name": "Walls 1"})
    assemblies = made(
        client,
        "/api/v2/constructibles/assemblies/",
        [{"project": project, "batch": batch["uuid"], "assembly_design": design} for design in designs],
    )
    machines = {
        document_type: made(client, "/api/v2/company/machines/", {"name": model, "model": model, "setup": {}})["uuid"]
        for document_type, model in (("wood_btl", "hundegger_speed_cut"), ("plates_ardis", "gabbiani_s95_38"))
    }
    line = made(
        client,
        "/api/v2/company/production_lines/",
        {"name": "Wall line", "tipo": ["timber_panel"], "stations": []},
    )["uuid"]
    return SmallFactory(client, project, tuple(designs), tuple(one["uuid"] for one in assemblies), machines, line)
