"""Small steps that tests of the making side share: run waiting jobs, make IFC files, upload them."""

import io
from collections.abc import Sequence
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from rest_framework.response import Response
from rest_framework.test import APIClient

from fabwright.formats.ifc import write_ifc
from fabwright.timber import Panel

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
API = "/api/v2"


def run_jobs() -> list[str]:
    """Runs all waiting jobs in this process, as a worker would, and returns their names."""
    done = []
    while (job := ProcrastinateJob.objects.filter(status="todo").order_by("id").first()) is not None:
        app.tasks[job.task_name](**job.args)
        done.append(job.task_name)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = %s", [job.id])
    return done


def ifc_of(panels: Sequence[Panel]) -> bytes:
    """The panels as an IFC file."""
    content = io.BytesIO()
    write_ifc(panels, content)
    return content.getvalue()


def upload(api: APIClient, address: str, name: str, content: bytes, **fields: Any) -> Response:
    """Posts a file."""
    answer: Response = api.post(
        f"{API}/{address}", {"file": SimpleUploadedFile(name, content), **fields}, format="multipart"
    )
    return answer


def post(api: APIClient, address: str, body: Any, expect: int = 201) -> Any:
    """Posts JSON and returns the answer's body."""
    answer = api.post(f"{API}/{address}", body, format="json")
    assert answer.status_code == expect, answer.content
    return answer.json()


def get(api: APIClient, address: str, expect: int = 200) -> Any:
    """Gets JSON."""
    answer = api.get(f"{API}/{address}")
    assert answer.status_code == expect, answer.content
    return answer.json()


def patch(api: APIClient, address: str, body: Any, expect: int = 200) -> Any:
    """Patches JSON."""
    answer = api.patch(f"{API}/{address}", body, format="json")
    assert answer.status_code == expect, answer.content
    return answer.json()
