"""A line with stations and checklists, and short ways to note what happens in the workshop."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.response import Response
from rest_framework.test import APIClient

from fabwright.server.production.line_services import line_update
from fabwright.server.production.models import Station
from tests.factory_rows import Factory
from tests.making_helpers import API


def line_of(factory: Factory) -> dict[str, Station]:
    """Gives the factory's line three stations: framing with two tasks, sheathing with one for plates, one without."""
    stations: list[dict[str, Any]] = [
        {"name": "Framing", "zones": [0], "tasks": [{"text": "Check the diagonal"}, {"text": "Nail the studs"}]},
        {"name": "Sheathing", "tasks": [{"text": "Nail the sheets", "branches": ["plates"]}]},
        {"name": "Loading"},
    ]
    line_update(line=factory.line, stations=stations)
    return {station.name: station for station in factory.line.stations.prefetch_related("tasks")}


def post_photo(api: APIClient, content: bytes, name: str = "IMG 1.jpg", **of: str) -> Response:
    """Uploads a photo of a task result or an issue."""
    body = {"file": SimpleUploadedFile(name, content), **of}
    answer: Response = api.post(f"{API}/workshop/photos/", body, format="multipart")
    return answer
