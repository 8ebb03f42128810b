"""What tests of the checking side share: small meshes and pictures, a caller that checks answers, a prepared tray."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest
import trimesh
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from fabwright.server.sorting import events

ATTRIBUTES = [
    {"id": "next_step", "field": "next_step", "datatype": "STRING", "filtering": True},
    {"id": "order", "field": "order_id", "datatype": "NUMBER", "filtering": True},
    {"id": "tray", "field": "tray", "datatype": "STRING", "filtering": True},
    {"id": "due", "field": "due", "datatype": "DATETIME", "filtering": True},
    {"id": "rush", "field": "rush", "datatype": "BOOLEAN", "filtering": True},
    {"id": "colours", "field": "colours", "datatype": "STRING", "is_list": True, "filtering": True},
    {"id": "hidden", "field": "hidden", "datatype": "STRING", "filtering": False},
]


def stl(side_mm: float = 10.0) -> bytes:
    """A cube as binary STL."""
    return bytes(trimesh.creation.box((side_mm,) * 3).export(file_type="stl"))


def picture(width: int = 64, height: int = 48, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("L", (width, height), 77).save(out, kind)
    return out.getvalue()


def file(name: str, data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


@dataclass
class Api:
    """Calls the checking side and makes sure that the answer has the expected code."""

    client: Any
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def call(self, verb: str, address: str, body: Any = None, *, code: int, form: bool = False) -> Any:
        kind = "multipart" if form else "json"
        answer = getattr(self.client, verb)(f"/api/{address}", body, format=kind)
        assert answer.status_code == code, f"{answer.status_code} {answer.content[:2000]!r}"
        return answer.json() if answer.content else None

    def get(self, address: str, *, code: int = 200) -> Any:
        answer = self.client.get(f"/api/{address}")
        assert answer.status_code == code, f"{answer.status_code} {answer.content[:2000]!r}"
        return answer.json()

    def ids(self, address: str) -> list[str]:
        return [row["id"] for row in self.get(address)["results"]]

    def post(self, address: str, body: Any = None, *, code: int = 201, form: bool = False) -> Any:
        return self.call("post", address, body if body is not None else {}, code=code, form=form)

    def put(self, address: str, body: Any, *, code: int = 200) -> Any:
        return self.call("put", address, body, code=code)

    def patch(self, address: str, body: Any, *, code: int = 200) -> Any:
        return self.call("patch", address, body, code=code)

    def delete(self, address: str, *, code: int = 204) -> Any:
        return self.call("delete", address, code=code)

    def told(self, event: str) -> list[dict[str, Any]]:
        """What was told of an event."""
        return [data for name, data in self.events if name == event]

    def model(self, key: str = "cube", side_mm: float = 10.0) -> Any:
        return self.post("model/", {"id": key, "geometry": file(f"{key}.stl", stl(side_mm))}, form=True)

    def part(self, key: str, *, copies: int = 1, material: str = "PA12", **attributes: Any) -> dict[str, Any]:
        """An order line to PUT."""
        return {
            "id": key, "title": key.capitalize(), "copies": copies, "model": "cube", "material": material,
            "attributes": {"tray": "240", **attributes},
        }  # fmt: skip

    def tray(self, *parts: dict[str, Any], batch: str = "240") -> None:
        """Attributes, a model, parts and a batch of them."""
        self.put("part_attribute/", ATTRIBUTES)
        self.model()
        self.put("part/", list(parts))
        self.post("batch/", {"id": batch, "title": "Tray", "query": "tray=240"})

    def session(self, batch: str = "240", **more: Any) -> str:
        return str(self.post("scan_session/", {"batch": batch, **more})["uuid"])

    def scan(self, session: str, cameras: int = 1) -> str:
        files = {f"cam{number:02d}": file("a.png", picture()) for number in range(1, cameras + 1)}
        return str(self.post("scan/", {"scan_session": session, **files}, form=True)["uuid"])

    def assign(self, scan: str, part: str, *, code: int = 201, **more: Any) -> Any:
        return self.post("scan_assignment/", {"scan": scan, "part": part, **more}, code=code)


@pytest.fixture
def api(company: Any, client_of: Callable[[Any], Any], monkeypatch: pytest.MonkeyPatch) -> Api:
    """A caller of a company, with the events that its calls fire."""
    made = Api(client_of(company))

    def keep(*, company: Any, event: str, data: Sequence[msgspec.Struct]) -> None:
        made.events += [(event, msgspec.to_builtins(one)) for one in data]

    monkeypatch.setattr(events, "emit_all", keep)
    return made
