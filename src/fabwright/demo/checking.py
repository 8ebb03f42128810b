"""The checking half of the demo's day: a tray of fourteen printed pieces, sorted twice, heard of by webhook."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, cast

import httpx
import trimesh
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from fabwright.demo.receiver import Receiver
from fabwright.demo.service import DemoError, call, wait_for
from fabwright.formats.mesh import read_mesh, thumbnail

EVENTS = ("scan.capture", "scan.assign", "scan.quality_control", "batch.advance", "report.ready")
CAMERAS = 5


class Line(NamedTuple):
    """An order line of the tray."""

    part: str
    copies: int
    model: str
    material: str
    next_step: str
    order: int


# hinge and latch are one shape in one material: only what is still open tells them apart, until one of them is dyed.
TRAY = (
    Line("knob", 1, "knob", "PA11", "shipping", 168),
    Line("spacer", 5, "spacer", "PA11", "shipping", 201),
    Line("hinge", 1, "hinge", "PA12", "shipping", 201),
    Line("latch", 1, "hinge", "PA12", "dye_black", 443),
    Line("sleeve", 1, "sleeve", "PA11", "dye_black", 302),
    Line("disc", 1, "disc", "PA11", "dye_red", 201),
    Line("cone", 1, "cone", "PA12", "dye_red", 302),
    Line("ring", 3, "ring", "PA12", "dye_red", 168),
)
SHAPES: dict[str, Callable[[], trimesh.Trimesh]] = {
    "knob": lambda: trimesh.creation.capsule(30, 12),
    "spacer": lambda: trimesh.creation.box((60, 24, 18)),
    "hinge": lambda: trimesh.creation.annulus(12, 30, 24),
    "sleeve": lambda: trimesh.creation.annulus(10, 16, 60),
    "disc": lambda: trimesh.creation.cylinder(30, 8),
    "cone": lambda: trimesh.creation.cone(18, 45),
    "ring": lambda: trimesh.creation.torus(25, 6),
}
DYED = {"dye_black": "BLACK", "dye_red": "RED"}


def subscribe(client: httpx.Client, receiver: Receiver) -> None:
    """Asks for the events that the demo counts, those of the making half too."""
    for event in EVENTS:
        call(client, "POST", "/api/webhook/", json={"event": event, "target": receiver.address})


def run_checking(client: httpx.Client, receiver: Receiver, console: Console) -> None:
    """Sorts the tray to its next steps, sends two pieces back, then sorts the rest by order.

    Raises:
        DemoError: anything is not as it must be.
    """
    _configure(client)
    meshes = _upload(client)
    _put(client, TRAY, previous="printing")
    _batch(client, "tray", "tray=240", pieces=14)
    first = _sort(client, "tray", "next_step", TRAY, meshes, console)
    for part in ("knob", "cone"):
        verdict = {"qc_operator": False, "qc_comment": "print again", "qc_reasons": ["warped"]}
        if call(client, "PATCH", f"/api/scan/{first[part]}/", json=verdict)["qc_pass"] is not False:
            raise DemoError(f"{part} was sent back, but did not fail")
    call(client, "POST", "/api/batch/tray/advance/")
    call(client, "DELETE", "/api/part/", params={"id": "knob,cone"})
    call(client, "DELETE", "/api/batch/tray/")
    rest = [line for line in TRAY if line.part not in ("knob", "cone")]
    dyed = [
        line._replace(material=f"{line.material}-{DYED[line.next_step]}") for line in rest if line.next_step in DYED
    ]
    _put(client, [line._replace(next_step="shipping") for line in dyed], previous="dyeing")
    _batch(client, "shipping", "tray=240", pieces=12)
    by_name = {line.part: line for line in dyed}
    _sort(client, "shipping", "order", [by_name.get(line.part, line) for line in rest], meshes, console)
    _show_events(receiver, console)


def _configure(client: httpx.Client) -> None:
    attributes = [
        {"id": key, "title": key.replace("_", " "), "field": field, "datatype": datatype, "filtering": True}
        for key, field, datatype in (
            ("next_step", "next_step", "STRING"),
            ("prev_step", "prev_step", "STRING"),
            ("order", "order_id", "NUMBER"),
            ("tray", "tray", "STRING"),
        )
    ]
    call(client, "PUT", "/api/part_attribute/", json=attributes)
    call(client, "PUT", "/api/query_category/", json=[{"id": "sorting", "title": "Sorting"}])
    queries = [
        {"id": key, "title": key, "query": "", "category": "sorting", "dynamic_attribute": key}
        for key in ("next_step", "order")
    ]
    call(client, "PUT", "/api/query/", json=queries)
    call(client, "PUT", "/api/quality_control_reason/", json=[{"id": "warped", "title": "Warped"}])


def _upload(client: httpx.Client) -> dict[str, bytes]:
    """Uploads the shapes; a picture of each, which stands for the photos of its pieces."""
    pictures = {}
    for name, shape in SHAPES.items():
        stl = cast(bytes, shape().export(file_type="stl"))
        file = {"geometry": (f"{name}.stl", stl, "model/stl")}
        call(client, "POST", "/api/model/", data={"id": name}, files=file)
        pictures[name] = thumbnail(read_mesh(stl, name=name), 240)
    return pictures


def _put(client: httpx.Client, lines: list[Line] | tuple[Line, ...], *, previous: str) -> None:
    parts = [
        {
            "id": line.part,
            "title": line.part.capitalize(),
            "copies": line.copies,
            "model": line.model,
            "material": line.material,
            "attributes": {
                "tray": "240",
                "prev_step": previous,
                "next_step": line.next_step,
                "order_id": line.order,
            },
        }
        for line in lines
    ]
    call(client, "PUT", "/api/part/", json=parts)


def _batch(client: httpx.Client, key: str, query: str, *, pieces: int) -> None:
    call(client, "POST", "/api/batch/", json={"id": key, "title": key.capitalize(), "query": query})

    def look() -> dict[str, Any] | None:
        batch: dict[str, Any] = call(client, "GET", f"/api/batch/{key}/")
        return batch if batch["status"] == "READY" else None

    found = wait_for(look)["counts"]["copies"]
    if found != pieces:
        raise DemoError(f"batch {key} holds {found} pieces, {pieces} were expected")


def _sort(
    client: httpx.Client,
    batch: str,
    query: str,
    lines: list[Line] | tuple[Line, ...],
    pictures: dict[str, bytes],
    console: Console,
) -> dict[str, str]:
    """Scans and assigns every piece and drops it where the query says; the last scan of each part."""
    session = call(client, "POST", "/api/scan_session/", json={"batch": batch, "query": query})
    scans: dict[str, str] = {}
    bins: Counter[str] = Counter()
    pieces = [line for line in lines for _ in range(line.copies)]
    with Progress(console=console) as progress:
        for line in progress.track(pieces, description=f"sorting {batch} by {query}"):
            files = {key: (f"{key}.png", pictures[line.model], "image/png") for key in _cameras()}
            scan = call(client, "POST", "/api/scan/", data={"scan_session": session["uuid"]}, files=files)
            body = {"scan": scan["uuid"], "part": line.part, "manual": False}
            call(client, "POST", "/api/scan_assignment/", json=body)
            output = call(client, "GET", f"/api/scan/{scan['uuid']}/")["output"]
            bins[f"{output['id']}: {getattr(line, query)}"] += 1
            scans[line.part] = scan["uuid"]
    counts = call(client, "GET", f"/api/batch/{batch}/")["counts"]
    if counts["assigned"] != len(pieces):
        raise DemoError(f"{counts['assigned']} of {len(pieces)} pieces of {batch} are assigned")
    console.print(
        f"{batch} by {query}: " + ", ".join(f"bin {name} x {number}" for name, number in sorted(bins.items()))
    )
    return scans


def _cameras() -> Iterator[str]:
    return (f"cam{number:02d}" for number in range(1, CAMERAS + 1))


def _show_events(receiver: Receiver, console: Console) -> None:
    """What the customer's system has heard, once all of it has arrived."""
    wanted = {"report.ready": 6, "scan.capture": 26, "scan.assign": 26, "scan.quality_control": 2}

    def look() -> Counter[str] | None:
        heard = receiver.counts()
        return heard if all(heard[event] >= number for event, number in wanted.items()) else None

    heard = wait_for(look, within_s=60)
    table = Table(title="What the receiver heard")
    table.add_column("event")
    table.add_column("messages", justify="right")
    for event, number in sorted(heard.items()):
        table.add_row(event, str(number))
    console.print(table)
