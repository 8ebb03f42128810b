"""The vendor's tutorial, step by step, driven by the client that its examples use (slumber).

Geometries are stand-ins of our own; ids, attributes and what must come out are those of the tutorial. Step numbers are
those of the acceptance walk that the checking side was built from.
"""

import io
import json
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests
import slumber
import trimesh
from django.conf import settings
from PIL import Image

from tests.running_service import RunningService, started, wait_until

ATTRIBUTES = [
    # id, title, field, datatype, filtering, sorting, detail, summary, order
    ("next_step", "Next step", "next_step", "STRING", True, True, True, True, 0),
    ("prev_step", "Previous step", "prev_step", "STRING", True, True, True, False, 1),
    ("technology", "Technology", "technology", "STRING", True, False, True, False, None),
    ("order", "Order #", "order_id", "NUMBER", True, False, True, True, None),
    ("tray", "Print tray", "tray", "STRING", True, False, True, False, None),
    ("target_date", "Target date", "target_date", "STRING", True, True, True, True, None),
]
PARTS = [
    # id, copies, model, material, prev_step, next_step, technology, order_id, target_date
    ("airplane", 1, "airplane", "SLS_PA11", "printing", "shipping", "SLS", 168, "2022-07-23"),
    ("bus", 5, "bus", "SLS_PA11", "Printing", "shipping", "SLS", 201, "2022-03-10"),
    ("bracket", 1, "bracket", "MJF_PA12", "Printing", "shipping", "MJF", 201, "2022-03-10"),
    ("widget", 1, "bracket", "MJF_PA12", "Printing", "dye_black", "MJF", 443, "2022-03-18"),
    ("coupling", 1, "coupling", "SLS_PA11", "Printing", "dye_black", "SLS", 302, "2022-03-18"),
    ("flange", 1, "flange", "SLS_PA11", "Printing", "dye_red", "SLS", 201, "2022-03-10"),
    ("knight", 1, "knight", "MJF_PA12", "Printing", "dye_red", "MJF", 302, "2022-03-18"),
    ("vase", 3, "vase", "MJF_PA12", "Printing", "dye_red", "MJF", 168, "2022-07-23"),
]
MODELS = ["airplane", "bus", "bracket", "coupling", "flange", "knight", "vase"]
HAS_WEBHOOKS = "fabwright.server.webhooks" in settings.INSTALLED_APPS
PAYLOAD = {
    "url", "created", "modified", "uuid", "scan_session", "design_material", "scan_urls", "scan_urls_full",
    "assignment", "output", "batch", "archived", "inspectionreport", "qc_machine", "qc_needs_review",
    "qc_operator", "qc_pass", "qc_comment", "qc_reasons",
}  # fmt: skip
ASSIGNMENT = {"assignment", "part_id", "part_title", "copies", "last_added_copies", "manual"}


@dataclass
class Receiver:
    """A customer's system: keeps what arrives."""

    address: str = ""
    arrived: list[dict[str, Any]] = field(default_factory=list)

    def events(self) -> list[str]:
        return [message["hook"]["event"] for message in self.arrived]


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    kept = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept.arrived.append(json.loads(body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    kept.address = f"http://127.0.0.1:{server.server_port}/amvision"
    yield kept
    server.shutdown()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    with started(tmp_path_factory.mktemp("tutorial"), workers=1, FABWRIGHT_WEBHOOK_ALLOW="127.0.0.0/8") as running:
        yield running


@dataclass
class Walk:
    """One integration against one service."""

    api: Any
    session: requests.Session
    root: str
    receiver: Receiver

    def ids(self, **filters: Any) -> list[str]:
        """Ids of the parts that a filtered list shows."""
        return sorted(part["id"] for part in self.api.part.get(**filters)["results"])

    def members(self, batch: str) -> list[str]:
        return sorted(part["id"] for part in self.api.batch(batch).parts.get()["results"])

    def copies(self, query: str, batch: str) -> dict[str, int]:
        """Copies per sorting target of a query over batches."""
        return {target["value"]: target["copies"] for target in self.api.query(query).targets.get(batch=batch)}

    def expect_event(self, event: str, before: int) -> None:
        """Waits until one more of an event has arrived."""
        if HAS_WEBHOOKS:
            wait_until(lambda: self.receiver.events().count(event) > before, within_s=60)

    def heard(self, event: str, count: int) -> list[dict[str, Any]]:
        """What the receiver got of an event, once it is so many."""
        if not HAS_WEBHOOKS:
            return []
        wait_until(lambda: self.receiver.events().count(event) >= count, within_s=60)
        found = [message for message in self.receiver.arrived if message["hook"]["event"] == event]
        assert len(found) == count
        return [message["data"] for message in found]


@pytest.fixture(scope="module")
def walk(service: RunningService, receiver: Receiver) -> Walk:
    session = requests.Session()
    session.headers["Authorization"] = f"Token {service.token('integration', 'Print Works')}"
    api = slumber.API(f"{service.url}/api/", session=session)
    return Walk(api, session, service.url, receiver)


def stl(name: str) -> bytes:
    """A stand-in of that name: seven different solids, in mm."""
    solids = {
        "airplane": lambda: trimesh.creation.capsule(60, 8),
        "bus": lambda: trimesh.creation.box((80, 30, 30)),
        "bracket": lambda: trimesh.creation.annulus(20, 50, 30),
        "coupling": lambda: trimesh.creation.annulus(10, 20, 60),
        "flange": lambda: trimesh.creation.cylinder(30, 8),
        "knight": lambda: trimesh.creation.cone(15, 50),
        "vase": lambda: trimesh.creation.torus(25, 6),
    }
    return bytes(solids[name]().export(file_type="stl"))


def part(row: tuple[Any, ...]) -> dict[str, Any]:
    key, copies, model, material, prev_step, next_step, technology, order, date = row
    attributes = {
        "prev_step": prev_step,
        "next_step": next_step,
        "technology": technology,
        "order_id": order,
        "target_date": date,
        "tray": "240",
    }
    return {
        "id": key, "title": key.capitalize(), "copies": copies, "model": model, "material": material,
        "attributes": attributes,
    }  # fmt: skip


def picture(seed: int) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((160, 120), 20 + seed).save(out, "PNG")
    return out.getvalue()


def refused(call: Any) -> dict[str, Any]:
    """The answer 400 of a call that must fail."""
    with pytest.raises(slumber.exceptions.HttpClientError) as caught:
        call()
    assert caught.value.response.status_code == 400
    found: dict[str, Any] = caught.value.response.json()
    return found


def test_the_tutorial_from_configuration_to_quality(walk: Walk) -> None:
    """Steps 1 to 28 in their order; each builds on the ones before."""
    configure(walk)
    upload_models(walk)
    put_parts(walk)
    make_the_batch(walk)
    ask_complex_queries(walk)
    look_at_sorting_targets(walk)
    scans = scan_fourteen_pieces(walk)
    mark_two_as_to_be_reprinted(walk, scans)
    advance(walk)
    sort_again_by_order(walk)
    inspect(walk)


def configure(walk: Walk) -> None:
    names = ("id", "title", "field", "datatype", "filtering", "sorting", "detail", "summary", "order")
    attributes = [dict(zip(names, row, strict=True)) for row in ATTRIBUTES]
    for _ in range(2):  # 1, 2: the second time updates
        assert sorted(row["id"] for row in walk.api.part_attribute.put(attributes)) == sorted(
            row["id"] for row in attributes
        )
        assert walk.api.part_attribute.get()["count"] == 6
    categories = [("next_step", "Next step"), ("order", "Order #"), ("date", "Target date")]
    assert len(walk.api.query_category.put([{"id": key, "title": title} for key, title in categories])) == 3  # 3
    queries = [("next_step", "next_step"), ("target_date", "date"), ("order", "order")]  # 4
    stored = walk.api.query.put(
        [{"id": key, "title": key, "query": "", "category": tab, "dynamic_attribute": key} for key, tab in queries]
    )
    assert {row["id"]: row["dynamic_attribute"] for row in stored} == {key: key for key, _ in queries}
    if HAS_WEBHOOKS:
        subscribe(walk)


def subscribe(walk: Walk) -> None:
    """5: one subscription per event, however often it is asked for."""
    for event in ("batch.advance", "scan.capture", "scan.assign", "scan.quality_control"):
        hook = walk.api.webhook.post({"event": event, "target": walk.receiver.address})
        assert isinstance(hook["id"], int)
        assert walk.api.webhook.post({"event": event, "target": walk.receiver.address})["id"] == hook["id"]
    assert "event" in refused(lambda: walk.api.webhook.post({"event": "no.such", "target": walk.receiver.address}))


def upload_models(walk: Walk) -> None:
    wanted = {"id": ",".join(MODELS)}
    assert walk.api.model.search.post(wanted, page_size=7)["results"] == []  # 6
    for name in MODELS:  # 7
        made = walk.api.model.post({"id": name}, files={"geometry": (f"{name}.stl", stl(name))})
        assert made["id"] == name
    again = lambda: walk.api.model.post({"id": "bus"}, files={"geometry": ("bus.stl", stl("bus"))})  # noqa: E731
    assert "id" in refused(again)
    found = walk.api.model.search.post(wanted, page_size=7)["results"]  # 8
    assert sorted(row["id"] for row in found) == sorted(MODELS)


def put_parts(walk: Walk) -> None:
    assert len(walk.api.part.put([part(row) for row in PARTS])) == 8  # 9
    assert len(walk.ids(tray="240")) == 8  # 10
    assert walk.ids(copies__gt=1) == ["bus", "vase"]
    assert len(walk.ids(copies__lt=2)) == 6
    assert walk.ids(title__icontains="a") == ["airplane", "bracket", "flange", "vase"]
    assert walk.ids(next_step="dye_red") == ["flange", "knight", "vase"]
    assert walk.ids(order=201) == ["bracket", "bus", "flange"]


def make_the_batch(walk: Walk) -> None:
    batch = {"id": "240", "title": "Tray 240", "query": "tray=240"}
    assert walk.api.batch.post(batch)["status"] == "CREATED"  # 11
    assert "id" in refused(lambda: walk.api.batch.post(batch))
    assert walk.api.batch.put([batch])[0]["id"] == "240"
    shown = wait_until(lambda: (row := walk.api.batch(240).get())["status"] == "READY" and row)  # 12
    assert (shown["counts"]["parts"], shown["counts"]["copies"], shown["progress"]) == (8, 14, 100)
    assert walk.api.model("vase").get()["status"] == "READY"
    thumbnail = walk.session.get(walk.root + walk.api.model("vase").get()["thumbnail"])
    assert Image.open(io.BytesIO(thumbnail.content)).format == "PNG"


def ask_complex_queries(walk: Walk) -> None:
    """13"""
    asked = {
        "technology=SLS+copies__lt=2": ["airplane", "coupling", "flange"],
        "technology=SLS|next_step=dye_red": ["airplane", "bus", "coupling", "flange", "knight", "vase"],
        "~technology=SLS": ["bracket", "knight", "vase", "widget"],
        "technology=MJF+(order=168|~next_step=dye_red)": ["bracket", "vase", "widget"],
        "technology=MJF&(order=168|~next_step=dye_red)": ["bracket", "vase", "widget"],
    }
    for query, members in asked.items():
        walk.api.batch.put([{"id": "throw-away", "title": "Throw away", "query": query}])
        assert walk.members("throw-away") == members, query
    assert walk.api.batch("throw-away").delete()


def look_at_sorting_targets(walk: Walk) -> None:
    """14"""
    assert walk.copies("next_step", "240") == {"shipping": 7, "dye_black": 2, "dye_red": 5}
    assert walk.copies("order", "240") == {"168": 4, "201": 7, "302": 2, "443": 1}
    assert walk.copies("target_date", "240") == {"2022-07-23": 4, "2022-03-10": 7, "2022-03-18": 3}


def scan_fourteen_pieces(walk: Walk) -> dict[str, str]:
    """15: captured and assigned one by one. Answers the last scan of each part."""
    session = walk.api.scan_session.post({"batch": "240", "query": "next_step"})
    scans: dict[str, str] = {}
    outputs: dict[str, set[int]] = {}
    for number, row in enumerate(line for line in PARTS for _ in range(line[1])):
        files = {f"cam{camera:02d}": (f"{camera}.png", picture(number)) for camera in range(1, 6)}
        scan = walk.api.scan.post({"scan_session": session["uuid"]}, files=files)
        assert len(scan["scan_urls"]) == 5
        walk.api.scan_assignment.post({"scan": scan["uuid"], "part": row[0], "manual": False})
        scans[row[0]] = scan["uuid"]
        outputs.setdefault(row[5], set()).add(walk.api.scan(scan["uuid"]).get()["output"]["id"])
    assert {step: len(found) for step, found in outputs.items()} == {"shipping": 1, "dye_black": 1, "dye_red": 1}
    assert len(set.union(*outputs.values())) == 3
    done = Counter()
    for assignment in walk.api.scan_assignment.get(batch="240")["results"]:
        done[assignment["part"]] += assignment["copies"]
    assert done == {row[0]: row[1] for row in PARTS}
    assert walk.api.batch("240").get()["counts"]["assigned"] == 14
    check_pictures(walk, scans["vase"])
    walk.heard("scan.capture", 14)
    for payload in walk.heard("scan.assign", 14):
        assert set(payload) == PAYLOAD
        assert set(payload["assignment"]) == ASSIGNMENT
        assert payload["batch"] == {"id": "240", "title": "Tray 240"}
    return scans


def check_pictures(walk: Walk, scan: str) -> None:
    shown = walk.api.scan(scan).get()
    for address in (shown["scan_urls"][4], shown["scan_urls_full"][4]):
        answer = walk.session.get(walk.root + address)
        assert answer.status_code == 200
        assert Image.open(io.BytesIO(answer.content)).size == (160, 120)
    assert requests.get(walk.root + shown["scan_urls"][0], timeout=10).status_code == 401


def mark_two_as_to_be_reprinted(walk: Walk, scans: dict[str, str]) -> None:
    """16"""
    walk.api.quality_control_reason_category.put([{"id": "geometry", "title": "Geometry"}])
    walk.api.quality_control_reason.put([{"id": "warped", "title": "Warped", "category": "geometry"}])
    verdict = {"qc_operator": False, "qc_comment": "print again", "qc_reasons": ["warped"]}
    for name in ("airplane", "knight"):
        assert walk.api.scan(scans[name]).patch(verdict)["qc_pass"] is False
    for payload in walk.heard("scan.quality_control", 2):
        assert set(payload) == PAYLOAD
        assert (payload["qc_pass"], payload["qc_reasons"]) == (False, ["warped"])


def advance(walk: Walk) -> None:
    before = walk.receiver.events().count("batch.advance")
    assert walk.api.batch("240").advance.post()["status"] == "SORTED"  # 17
    walk.expect_event("batch.advance", before)
    if HAS_WEBHOOKS:
        told = [message["data"] for message in walk.receiver.arrived if message["hook"]["event"] == "batch.advance"]
        assert "SORTED" in [data["status"] for data in told if data["id"] == "240"]
    failed = walk.api.scan.get(batch="240", qc_pass="false")["results"]  # 18
    assert sorted(scan["assignment"]["part_id"] for scan in failed) == ["airplane", "knight"]


def sort_again_by_order(walk: Walk) -> None:
    assert walk.api.part.delete(id="airplane,knight")  # 19
    assert len(walk.ids(tray="240")) == 6
    changed = {
        "widget": "MJF_PA12-BLACK",
        "coupling": "SLS_PA11-BLACK",
        "flange": "SLS_PA11-RED",
        "vase": "MJF_PA12-RED",
    }
    rows = []
    for row in [part(row) for row in PARTS if row[0] in changed]:
        attributes = row["attributes"]
        attributes |= {"prev_step": attributes["next_step"], "next_step": "shipping"}
        rows.append({**row, "material": changed[row["id"]]})
    assert len(walk.api.part.put(rows)) == 4  # 20
    assert walk.api.part("bus").get()["attributes"]["next_step"] == "shipping"
    steps = {"240_no_post_process": "printing", "240_dye_black": "dye_black", "240_dye_red": "dye_red"}
    batches = [{"id": key, "title": key, "query": f"tray=240&prev_step={step}"} for key, step in steps.items()]
    assert len(walk.api.batch.put(batches)) == 3  # 21
    assert {key: walk.members(key) for key in steps} == {  # 22
        "240_no_post_process": ["bracket", "bus"],
        "240_dye_black": ["coupling", "widget"],
        "240_dye_red": ["flange", "vase"],
    }
    classes = [walk.api.part(key).get()["design_material"] for key in ("bracket", "widget")]
    assert classes[0].split("_")[0] == classes[1].split("_")[0]
    assert classes[0] != classes[1]
    assert walk.api.batch("240").delete()  # 23
    with pytest.raises(slumber.exceptions.HttpNotFoundError):
        walk.api.batch("240").get()
    assert len(walk.ids(tray="240")) == 6
    assert walk.copies("order", ",".join(steps)) == {"168": 3, "201": 7, "302": 1, "443": 1}  # 24


def inspect(walk: Walk) -> None:
    profile = walk.api.inspection_profile.post({"title": "Usual", "criteria": [{"metric": "rms_mm", "max": 0.2}]})
    walk.api.settings.patch({"default_inspection_profile": profile["uuid"]})
    session = walk.api.scan_session.post({"batch": "240_dye_red"})
    scan = walk.api.scan.post({"scan_session": session["uuid"]}, files={"cam01": ("1.png", picture(99))})["uuid"]
    walk.api.scan_assignment.post({"scan": scan, "part": "vase"})
    walk.api.inspection_report.post({"scan": scan, "metrics": {"rms_mm": 0.12, "p95_mm": 0.3}})
    (report,) = walk.api.inspection_report.get(scan=scan)["results"]  # 25
    assert (report["part"], report["metrics"]["rms_mm"]) == ("vase", 0.12)
    accept = {"Accept": "application/json"}
    pdf = walk.session.get(f"{walk.root}/api/inspection_report/{report['uuid']}/render_pdf/", headers=accept)  # 26
    assert (pdf.status_code, pdf.headers["content-type"], pdf.content[:5]) == (200, "application/pdf", b"%PDF-")
    plan = walk.api.metrology_template.post({"title": "Plan"}, files={"file": ("plan.xvgt", b"\x00opaque")})  # 27
    assert walk.api.part("vase").patch({"metrology_template": plan["id"]})["metrology_template"] == plan["id"]
    assert walk.session.get(walk.root + plan["file"]).content == b"\x00opaque"
    assert walk.api.scan(scan).get()["qc_machine"] is True
    strict = walk.api.inspection_profile.post({"title": "Strict", "criteria": [{"metric": "rms_mm", "max": 0.1}]})
    before = walk.receiver.events().count("scan.quality_control")
    judged = walk.api.scan(scan).evaluate.post({"inspection_profile": strict["uuid"]})  # 28
    assert (judged["qc_machine"], judged["inspectionreport"]) == (False, report["uuid"])
    walk.expect_event("scan.quality_control", before)
