"""Sessions and rigs."""

import json
from typing import Any

import numpy as np

from tests.server.checking import Api, file, picture


def rig(cameras: int = 2) -> dict[str, Any]:
    camera = {
        "width": 1600, "height": 1200, "K": [[3000, 0, 800], [0, 3000, 600], [0, 0, 1]], "distortion": [0, 0, 0, 0, 0],
        "R": np.diag([1, -1, -1]).tolist(), "t": [0, 0, 600],
    }  # fmt: skip
    return {
        "version": 1,
        "unit": "mm",
        "world": "belt plane z=0, z up, x along belt travel",
        "cameras": [{"id": f"cam{number:02d}", **camera} for number in range(1, cameras + 1)],
    }


def test_a_session_starts_its_batch_once(api: Api) -> None:
    api.tray(api.part("bus"))
    first = api.session()
    api.session()
    assert len(api.told("batch.start")) == 1
    shown = api.get(f"scan_session/{first}/")
    assert (shown["batch"], shown["query"], shown["is_open"]) == ("240", None, True)
    assert api.get("scan_session/?batch=240")["count"] == 2
    ended = api.post(f"scan_session/{first}/end/", code=200)
    assert ended["is_open"] is False
    assert api.post(f"scan_session/{first}/end/", code=200)["ended_at"] == ended["ended_at"]
    assert api.get("scan_session/?ended_at__isnull=true")["count"] == 1


def test_a_session_needs_a_batch_and_keeps_it(api: Api) -> None:
    api.tray(api.part("bus"))
    api.post("batch/", {"id": "other", "query": ""})
    assert "batch" in api.post("scan_session/", {}, code=400)
    assert "batch" in api.post("scan_session/", {"batch": "none"}, code=400)
    assert "query" in api.post("scan_session/", {"batch": "240", "query": "none"}, code=400)
    assert "batch" in api.patch(f"scan_session/{api.session()}/", {"batch": "other"}, code=400)


def test_deleting_a_session_deletes_its_scans(api: Api) -> None:
    api.tray(api.part("bus"))
    session = api.session()
    api.assign(api.scan(session), "bus")
    api.delete(f"scan_session/{session}/")
    assert api.get("scan/")["count"] == api.get("scan_assignment/")["count"] == 0


def test_the_newest_rig_is_in_force(api: Api) -> None:
    for cameras in (2, 3):
        made = api.post(
            "rig/",
            {
                "rig": file("rig.json", json.dumps(rig(cameras)).encode()),
                "background_cam01": file("b.png", picture()),
            },
            form=True,
        )
    newest = api.get("rig/")["results"][0]
    assert newest == made
    assert len(newest["rig"]["cameras"]) == 3
    assert api.client.get(newest["backgrounds"]["cam01"]).content == picture()
    api.put("rig/", [], code=405)


def test_a_rig_that_cannot_be_is_refused(api: Api) -> None:
    broken = rig()
    broken["cameras"][1]["R"] = [[1, 0, 0], [0, 1, 0], [0, 0, 2]]
    assert "rig" in api.post("rig/", {"background_cam01": file("b.png", picture())}, form=True, code=400)
    assert "rig" in api.post("rig/", {"rig": file("rig.json", b"{")}, form=True, code=400)
    assert "camera 2" in str(api.post("rig/", {"rig": file("r", json.dumps(broken).encode())}, form=True, code=400))
    files = {"rig": file("r", json.dumps(rig()).encode()), "background_cam07": file("b.png", picture())}
    assert "background_cam07" in api.post("rig/", files, form=True, code=400)
