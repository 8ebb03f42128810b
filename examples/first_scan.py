"""Printed pieces are photographed; the service says which part each is. The checking API from end to end.

    .venv/bin/fabwright vision simulate --models STL_FOLDER --out scans --scans 5
    .venv/bin/python examples/first_scan.py http://127.0.0.1:8000 TOKEN STL_FOLDER scans

`scans` is a bundle: the rig's calibration, pictures of the empty belt, a folder of photos per piece. `simulate` draws
one from the models; a real station sends the same.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx


def main(address: str, token: str, models: Path, bundle: Path) -> None:
    """Uploads the models, orders ten of each, posts the photos, prints who was recognised."""
    with httpx.Client(base_url=f"{address}/api/", headers={"Authorization": f"Token {token}"}, timeout=60) as client:
        names = sorted(path.relative_to(models).with_suffix("").as_posix() for path in models.rglob("*.stl"))
        known = {model["id"] for model in checked(client.get("model/", params={"id": ",".join(names)}))["results"]}
        for name in names:
            if name in known:
                continue
            checked(client.post("model/", data={"id": name}, files={"geometry": (models / f"{name}.stl").open("rb")}))

        attribute = {"id": "order", "field": "order", "datatype": "STRING", "filtering": True}
        checked(client.put("part_attribute/", json=[attribute]))
        parts = [
            {"id": name, "title": name, "copies": 10, "model": name, "material": "PA12", "attributes": {"order": "A1"}}
            for name in names
        ]
        checked(client.put("part/", json=parts))
        checked(client.put("batch/", json=[{"id": "first", "title": "First batch", "query": "order=A1"}]))
        wait(client, "batch/first/", lambda found: found["status"] not in ("CREATED", "PROCESSING"))

        files = {"rig": ("rig.json", (bundle / "rig.json").read_bytes())}
        for path in sorted(bundle.glob("background_*.png")):
            files[path.stem] = (path.name, path.read_bytes())
        checked(client.post("rig/", files=files))

        session = checked(client.post("scan_session/", json={"batch": "first"}))["uuid"]
        for folder in sorted(bundle.glob("scan-*")):
            photos = {path.stem.removeprefix("scan_"): path.open("rb") for path in sorted(folder.glob("*.png"))}
            scan = checked(client.post("scan/", data={"scan_session": session}, files=photos))["uuid"]
            found = wait(client, f"scan/{scan}/candidates/", lambda found: found["status"] == "done")
            best = ", ".join(f"{one['part']} {one['probability']:.1%}" for one in found["candidates"][:3])
            print(f"{folder.name}: {found['decision']}: {best}")


def checked(answer: httpx.Response) -> Any:
    """The answer's JSON; ends with what the service says when it refuses."""
    if answer.is_error:
        sys.exit(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text}")
    return answer.json()


def wait(client: httpx.Client, path: str, is_over: Callable[[Any], bool]) -> Any:
    """The object once it is over. A webhook (scan.assign) saves the asking: see examples/receive_webhooks.py."""
    while not is_over(found := checked(client.get(path))):
        time.sleep(0.2)
    return found


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
