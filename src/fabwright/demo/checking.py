"""The checking half of the demo's day: a tray of fourteen printed pieces, sorted twice, heard of by webhook.

A simulated station photographs the pieces; the service is told nothing but the photos, and recognises them.
"""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple, cast

import cv2
import httpx
import numpy as np
import trimesh
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from fabwright.demo.receiver import Receiver
from fabwright.demo.service import DemoError, call, wait_for
from fabwright.vision import Signature, compute
from fabwright.vision.meshes import read_shape
from fabwright.vision.simulate import COLOURS, Conditions, Station, default_rig

EVENTS = ("scan.capture", "scan.assign", "scan.quality_control", "batch.advance", "report.ready")
CAMERAS, PICTURE, FOCAL_PX, SEED = 5, (800, 600), 1500.0, 240


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
    Line("wedge", 1, "wedge", "PA12", "dye_red", 302),
    Line("ring", 3, "ring", "PA12", "dye_red", 168),
)
_SIDES = ((12, 0), (-12, 0), (0, 12), (0, -12))
SHAPES: dict[str, Callable[[], trimesh.Trimesh]] = {
    "knob": lambda: _joined(trimesh.creation.cylinder(17, 12, sections=8), _box(0, 0, 14, 12, 12, 20)),
    "spacer": lambda: trimesh.creation.box((60, 24, 18)),
    "hinge": lambda: trimesh.creation.annulus(12, 30, 24),
    "sleeve": lambda: _joined(*(_box(x, y, 0, 4 if x else 20, 4 if y else 28, 60) for x, y in _SIDES)),
    "disc": lambda: trimesh.creation.cylinder(30, 8),
    "wedge": lambda: trimesh.convex.convex_hull(
        np.array([[x, y, z] for x in (0.0, 50.0) for y in (0.0, 30.0) for z in (0.0, 8.0 if x else 24.0)])
    ),
    "ring": lambda: trimesh.creation.annulus(18, 30, 12, sections=6),
}


def _box(x: float, y: float, z: float, *size: float) -> trimesh.Trimesh:
    """A box of a size about a place."""
    box = cast(trimesh.Trimesh, trimesh.creation.box(size))
    box.apply_translation((x, y, z))
    return box


def _joined(*bodies: trimesh.Trimesh) -> trimesh.Trimesh:
    return cast(trimesh.Trimesh, trimesh.boolean.union(bodies, engine="manifold"))


DYED = {"dye_black": "BLACK", "dye_red": "RED"}
COLOUR_OF = {"PA11": "natural", "PA12": "white", "PA11-BLACK": "black", "PA12-BLACK": "black", "PA11-RED": "red"}
COLOUR_OF["PA12-RED"] = "red"


def subscribe(client: httpx.Client, receiver: Receiver) -> None:
    """Asks for the events that the demo counts, those of the making half too."""
    for event in EVENTS:
        call(client, "POST", "/api/webhook/", json={"event": event, "target": receiver.address})


def run_checking(client: httpx.Client, receiver: Receiver, console: Console, *, reports: int = 6) -> None:
    """Sorts the tray to its next steps, sends two pieces back, then sorts the rest by order.

    Args:
        reports: that were ready before; the receiver must have heard of each.

    Raises:
        DemoError: anything is not as it must be.
    """
    _configure(client)
    shapes = _upload(client)
    camera = _set_up_station(client)
    _put(client, TRAY, previous="printing")
    _batch(client, "tray", "tray=240", pieces=14)
    first = _sort(client, "tray", "next_step", TRAY, shapes, camera, console)
    for part in ("knob", "wedge"):
        verdict = {"qc_operator": False, "qc_comment": "print again", "qc_reasons": ["warped"]}
        if call(client, "PATCH", f"/api/scan/{first[part]}/", json=verdict)["qc_pass"] is not False:
            raise DemoError(f"{part} was sent back, but did not fail")
    call(client, "POST", "/api/batch/tray/advance/")
    call(client, "DELETE", "/api/part/", params={"id": "knob,wedge"})
    call(client, "DELETE", "/api/batch/tray/")
    rest = [line for line in TRAY if line.part not in ("knob", "wedge")]
    dyed = [
        line._replace(material=f"{line.material}-{DYED[line.next_step]}") for line in rest if line.next_step in DYED
    ]
    _put(client, [line._replace(next_step="shipping") for line in dyed], previous="dyeing")
    _batch(client, "shipping", "tray=240", pieces=12)
    by_name = {line.part: line for line in dyed}
    _sort(client, "shipping", "order", [by_name.get(line.part, line) for line in rest], shapes, camera, console)
    _show_events(receiver, console, reports)


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


def _upload(client: httpx.Client) -> dict[str, Signature]:
    """Uploads the shapes; what the simulated station needs of each."""
    shapes = {}
    for name, shape in SHAPES.items():
        stl = cast(bytes, shape().export(file_type="stl"))
        file = {"geometry": (f"{name}.stl", stl, "model/stl")}
        call(client, "POST", "/api/model/", data={"id": name}, files=file)
        mesh = read_shape(stl, name)
        shapes[name] = compute(mesh.points, mesh.faces, closed=mesh.closed)
    materials = [{"id": key, "title": key, "colour": colour} for key, colour in COLOUR_OF.items()]
    call(client, "PUT", "/api/material/", json=materials)
    return shapes


def _set_up_station(client: httpx.Client) -> Station:
    """A station of simulated cameras; its calibration and its empty belt are uploaded as those of a real one."""
    rig = default_rig(CAMERAS, focal_px=FOCAL_PX, size=PICTURE)
    station = Station(rig, np.random.default_rng(SEED), Conditions(noise=0.5))
    files = {"rig": ("rig.json", json.dumps(rig.as_json()).encode(), "application/json")}
    for camera, picture in zip(rig.cameras, station.background(), strict=True):
        files[f"background_{camera.id}"] = (f"{camera.id}.png", _png(picture), "image/png")
    call(client, "POST", "/api/rig/", files=files)
    return station


def _png(picture: Any) -> bytes:
    done, data = cv2.imencode(".png", picture)
    if not done:
        raise DemoError("a photo could not be written")
    return bytes(data.tobytes())


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
    shapes: dict[str, Signature],
    station: Station,
    console: Console,
) -> dict[str, str]:
    """Photographs every piece, has it recognised and drops it where the query says; the last scan of each part."""
    session = call(client, "POST", "/api/scan_session/", json={"batch": batch, "query": query})["uuid"]
    pieces = [line for line in lines for _ in range(line.copies)]
    by_part = {line.part: line for line in lines}
    scans: dict[str, str] = {}
    bins: Counter[str] = Counter()
    asked = 0
    with Progress(console=console) as progress:
        waiting = [
            (line, _photograph(client, session, line, shapes, station))
            for line in progress.track(pieces, description=f"photographing {batch}")
        ]
        for line, scan in progress.track(waiting, description=f"recognising {batch}, sorting by {query}"):
            asked += _settle(client, scan, line, by_part)
            shown = call(client, "GET", f"/api/scan/{scan}/")
            found = by_part[shown["assignment"]["part_id"]]
            bins[f"{shown['output']['id']}: {getattr(found, query)}"] += 1
            scans[found.part] = scan
    counts = call(client, "GET", f"/api/batch/{batch}/")["counts"]
    if counts["assigned"] != len(pieces):
        raise DemoError(f"{counts['assigned']} of {len(pieces)} pieces of {batch} are assigned")
    console.print(
        f"{batch} by {query}: {len(pieces) - asked} of {len(pieces)} pieces recognised without help, {asked} confirmed "
        "by the operator; " + ", ".join(f"bin {name} x {number}" for name, number in sorted(bins.items()))
    )
    return scans


def _photograph(client: httpx.Client, session: str, line: Line, shapes: dict[str, Signature], station: Station) -> str:
    """Lays a piece on the belt as it falls and posts its photos; the scan."""
    shape = shapes[line.model]
    chances = shape.probabilities / shape.probabilities.sum()
    pose = int(station.rng.choice(len(chances), p=chances))
    photos, _ = station.scan(shape, pose, COLOURS[COLOUR_OF[line.material]])
    files = {f"cam{number:02d}": ("photo.png", _png(photo), "image/png") for number, photo in enumerate(photos, 1)}
    return str(call(client, "POST", "/api/scan/", data={"scan_session": session}, files=files)["uuid"])


def _settle(client: httpx.Client, scan: str, line: Line, by_part: dict[str, Line]) -> bool:
    """Waits for recognition; the operator, who sees the piece, assigns what it leaves to him. Whether it did.

    Raises:
        DemoError: recognition took the piece for another one.
    """

    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = call(client, "GET", f"/api/scan/{scan}/candidates/")
        return found if found["status"] == "done" else None

    found = wait_for(look)
    if found["decision"] != "assigned":
        equal = [part for part, one in by_part.items() if (one.model, one.material) == (line.model, line.material)]
        opened = {one["part"]: one["open"] for one in found["candidates"]}
        part = max(equal, key=lambda name: opened.get(name, 0))
        call(client, "POST", "/api/scan_assignment/", json={"scan": scan, "part": part})
        return True
    taken = by_part[call(client, "GET", f"/api/scan/{scan}/")["assignment"]["part_id"]]
    if (taken.model, taken.material) != (line.model, line.material):
        raise DemoError(f"a piece of {line.part} was taken for {taken.part}")
    return False


def _show_events(receiver: Receiver, console: Console, reports: int) -> None:
    """What the customer's system has heard, once all of it has arrived."""
    wanted = {"report.ready": reports, "scan.capture": 26, "scan.assign": 26, "scan.quality_control": 2}

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
