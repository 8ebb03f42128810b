"""Launching a report over HTTP, making it, and fetching its file: what tests of kinds need."""

from typing import Any

import httpx

from fabwright.formats.files import unzip_files
from fabwright.server.production.models import Machine
from fabwright.server.reports.jobs import make_version
from fabwright.server.reports.models import Version
from tests.factory_rows import Factory


def machine_for(factory: Factory, document_type: str, model: str, setup: dict[str, Any] | None = None) -> Machine:
    """A machine of a model; payloads of the document type name it from now on."""
    machine = Machine.objects.create(
        company=factory.company, name=f"{model} 1", model=model, setup={document_type: setup} if setup else {}
    )
    factory.machines[document_type] = machine
    return machine


def made(api: Any, payload: dict[str, Any], *, status: str = "ready") -> tuple[dict[str, Any], bytes]:
    """The report once it was made, and its file's bytes; none when it was to end with an error."""
    answer = api.post("/api/v2/reports/bulk_launch/", [payload], format="json")
    assert answer.status_code == 201, answer.json()
    uuid = answer.json()["reports"][0]["uuid"]
    make_version(version=str(Version.objects.get(report=uuid).pk))
    report: dict[str, Any] = api.get(f"/api/v2/reports/{uuid}/").json()
    assert report["document_status"] == status, report["last_file"]
    if status != "ready":
        return report, b""
    file = api.get(httpx.URL(report["last_file"]["presigned_url"]).raw_path.decode())
    assert file.status_code == 200
    return report, b"".join(file.streaming_content) if file.streaming else file.content


def files_of(archive: bytes) -> dict[str, bytes]:
    """The files of a ZIP by name."""
    return {file.name: file.content for file in unzip_files(archive)}
