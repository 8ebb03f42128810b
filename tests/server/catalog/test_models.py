"""Models: meshes are checked when they arrive; what is derived of them is made by a job."""

import io
from pathlib import Path

import pytest
from PIL import Image

from fabwright.server.catalog.jobs import derive_geometry
from fabwright.server.catalog.models import Geometry
from tests.server.checking import Api, file, stl


def test_an_uploaded_mesh_shows_its_measures_at_once(api: Api) -> None:
    shown = api.model("cube", side_mm=20)
    assert shown["dimensions"] == {"x": 20, "y": 20, "z": 20}
    assert shown["volume"] == pytest.approx(8000)
    assert (shown["triangles"], shown["bodies"], shown["watertight"], shown["status"]) == (12, 1, True, "WAITING")
    assert len(shown["design"]) == 40
    assert shown["glb"] is shown["thumbnail"] is None


def test_the_job_makes_viewer_file_and_thumbnail(api: Api) -> None:
    api.model()
    derive_geometry.func(geometry=Geometry.objects.get().pk)
    shown = api.get("model/cube/")
    assert (shown["status"], shown["error"]) == ("READY", "")
    assert api.client.get(shown["glb"]).content[:4] == b"glTF"
    assert Image.open(io.BytesIO(api.client.get(shown["thumbnail"]).content)).size == (256, 256)
    assert api.client.get(shown["geometry"]).content == stl()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (stl()[:-1], "truncated"),
        (stl() + b"x", "expected"),
        (b"solid x\nfacet normal 0 0 0\n", "truncated"),
        (b"hello", "STL"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_mesh_is_refused_with_a_reason(api: Api, data: bytes, says: str) -> None:
    errors = api.post("model/", {"id": "bad", "geometry": file("bad.stl", data)}, form=True, code=400)
    assert says in str(errors["geometry"])
    assert not Geometry.objects.exists()


def test_a_part_smaller_than_a_printer_can_make_is_read_as_metres(api: Api) -> None:
    shown = api.model("tiny", side_mm=0.02)
    assert shown["dimensions"]["x"] == pytest.approx(20)
    assert shown["warnings"]


def test_models_of_the_same_bytes_share_a_geometry(api: Api) -> None:
    assert api.model("one")["design"] == api.model("two")["design"]
    assert Geometry.objects.count() == 1
    assert api.ids(f"model/?design={Geometry.objects.get().sha1}") == ["one", "two"]


def test_an_id_is_given_once_and_search_finds_what_is_there(api: Api) -> None:
    assert api.post("model/search/?page_size=7", {"id": "cube,ball"}, code=200)["results"] == []
    api.model()
    errors = api.post("model/", {"id": "cube", "geometry": file("c.stl", stl(3))}, form=True, code=400)
    assert "id" in errors
    assert [row["id"] for row in api.post("model/search/", {"id": "cube,ball"}, code=200)["results"]] == ["cube"]
    api.post("model/search/", {"nope": "x"}, code=400)


def test_a_model_needs_a_file_and_a_new_file_replaces_the_old(api: Api) -> None:
    assert "geometry" in api.post("model/", {"id": "cube"}, code=400)
    api.model()
    before = api.get("model/cube/")["design"]
    after = api.call("put", "model/cube/", {"geometry": file("c.stl", stl(3))}, form=True, code=200)["design"]
    assert after != before
    assert api.put("model/", [{"id": "cube", "title": "Cube"}])[0]["title"] == "Cube"
    assert "id" in api.put("model/", [{"id": "unknown", "title": "x"}], code=400)[0]


def test_a_model_that_parts_use_is_not_deleted(api: Api) -> None:
    api.model()
    api.put("part/", [api.part("bus")])
    api.delete("model/cube/", code=409)
    api.delete("part/bus/")
    api.delete("model/cube/")


def test_the_published_stand_ins_are_read_open_or_not(api: Api) -> None:
    folder = Path(__file__).resolve().parents[4] / "shared" / "data" / "amvision"
    if not folder.is_dir():
        pytest.skip("the vendor's sample meshes are not here")
    for name, triangles in (("knight", 17_872), ("vase", 28_902)):
        data = (folder / f"{name}.stl").read_bytes()
        shown = api.post("model/", {"id": name, "geometry": file(f"{name}.stl", data)}, form=True)
        assert shown["triangles"] == triangles
    assert api.get("model/vase/")["watertight"] is False
