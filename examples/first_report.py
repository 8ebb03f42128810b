"""A timber design goes in; a bill of material and the file for the saw come out. The making API from end to end.

    .venv/bin/python examples/first_report.py http://127.0.0.1:8000 TOKEN demo-output/demo-house.ifc

Takes an IFC, BTL or BTLx file and leaves `wood_bom.pdf` and `wood_btl.zip` in the current folder.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx


def main(address: str, token: str, design: Path) -> None:
    """Imports the design, builds one of each of its panels, launches two reports, downloads them."""
    with httpx.Client(base_url=f"{address}/api/v2/", headers={"Authorization": f"Token {token}"}, timeout=60) as client:
        project = post(client, "company/projects/", name=f"First project: {design.stem}")["uuid"]

        with design.open("rb") as file:
            imports = f"company/projects/{project}/imports/"
            started = checked(client.post(imports, files={"file": (design.name, file)}))
        done = wait(client, f"{imports}{started['uuid']}/", lambda found: found["status"] in ("done", "error"))
        for warning in done["warnings"]:
            print(f"warning: {warning['element']}: {warning['message']}")
        if done["status"] == "error":
            sys.exit(done["error"])
        print(f"{len(done['assembly_designs'])} panels were read from {design.name}")

        batch = post(client, "constructibles/batches/", project=project, phase="1", name="Monday")["uuid"]
        assemblies = [
            post(client, "constructibles/assemblies/", project=project, batch=batch, assembly_design=uuid)["uuid"]
            for uuid in done["assembly_designs"]
        ]
        saw = post(client, "company/machines/", name="Saw", model="hundegger_speed_cut")["uuid"]
        line = post(
            client,
            "company/production_lines/",
            name="Wall line",
            tipo=["timber_panel"],
            stations=[{"name": "Saw", "zones": [], "machine": saw, "tasks": []}],
        )["uuid"]

        # What a document type needs, and every option with its default: GET reports/document_types/
        common = {"project": project, "selected_assemblies": assemblies}
        meta = {"production_line_uuid": line, "machine_uuid": saw}
        payloads = [
            {"name": "List", "document_type": "wood_bom", "meta": {**meta, "cover_page": True}, **common},
            {"name": "Saw", "document_type": "wood_btl", "meta": {**meta, "group_parts": "panels"}, **common},
        ]
        for report in checked(client.post("reports/bulk_launch/", json=payloads))["reports"]:
            ready = wait(
                client, f"reports/{report['uuid']}/", lambda found: found["document_status"] in ("ready", "error")
            )
            if ready["document_status"] == "error":
                sys.exit(f"{report['name']}: {ready['last_file']['meta']['error']}")
            file_name = f"{report['document_type']}.{ready['last_file']['name'].rpartition('.')[2]}"
            # The address is signed: whoever has it may download until it expires; it takes no token.
            Path(file_name).write_bytes(httpx.get(ready["last_file"]["presigned_url"]).raise_for_status().content)
            print(f"{file_name}: {Path(file_name).stat().st_size:,} bytes")


def post(client: httpx.Client, path: str, **body: Any) -> Any:
    """The object that was made."""
    return checked(client.post(path, json=body))


def checked(answer: httpx.Response) -> Any:
    """The answer's JSON; ends with what the service says when it refuses."""
    if answer.is_error:
        sys.exit(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text}")
    return answer.json()


def wait(client: httpx.Client, path: str, is_over: Callable[[Any], bool]) -> Any:
    """The object once it is over. A webhook (report.ready) saves the asking: see examples/receive_webhooks.py."""
    while not is_over(found := checked(client.get(path))):
        time.sleep(0.5)
    return found


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
