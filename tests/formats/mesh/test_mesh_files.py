"""What the mesh readers accept, refuse and say about it."""

import hashlib
import io
import json
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from fabwright.errors import FormatError, InputError, LimitError
from fabwright.formats.mesh import limits, make_mesh, read_mesh, read_points, thumbnail, to_glb, write_stl

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"

CUBE = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], float)
SIDES = np.array(
    [
        [0, 1, 3], [0, 3, 2], [4, 6, 7], [4, 7, 5], [0, 4, 5], [0, 5, 1],
        [2, 3, 7], [2, 7, 6], [0, 2, 6], [0, 6, 4], [1, 5, 7], [1, 7, 3],
    ],
    np.int32,
)  # fmt: skip


def block(x: float = 10, y: float = 20, z: float = 30):
    return make_mesh(CUBE * [x, y, z], SIDES)


def ascii_stl(mesh, name: str = "block") -> bytes:
    lines = [f"solid {name}"]
    for corners in mesh.vertices[mesh.faces]:
        lines += ["facet normal 0 0 0", " outer loop"]
        lines += [f"  vertex {x:.9g} {y:.9g} {z:.9g}" for x, y, z in corners]
        lines += [" endloop", "endfacet"]
    return "\n".join([*lines, f"endsolid {name}", ""]).encode()


def three_mf(model: str, extra: dict[str, str] | None = None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "_rels/.rels",
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship '
            'Target="/3D/3dmodel.model" Id="r" Type="http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"/>'
            "</Relationships>",
        )
        archive.writestr("3D/3dmodel.model", model)
        for path, text in (extra or {}).items():
            archive.writestr(path, text)
    return out.getvalue()


def model_xml(body: str, unit: str = "millimeter", head: str = "") -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{head}<model unit="{unit}" '
        f'xmlns="http://schemas.microsoft.com/3dmanufacturing/core/2015/02" '
        f'xmlns:p="http://schemas.microsoft.com/3dmanufacturing/production/2015/06">{body}</model>'
    )


def object_xml(key: int = 1) -> str:
    vertices = "".join(f'<vertex x="{x}" y="{y}" z="{z}"/>' for x, y, z in CUBE)
    triangles = "".join(f'<triangle v1="{a}" v2="{b}" v3="{c}"/>' for a, b, c in SIDES)
    return (
        f'<object id="{key}" type="model"><mesh><vertices>{vertices}</vertices>'
        f"<triangles>{triangles}</triangles></mesh></object>"
    )


ONE_CUBE = model_xml(f"<resources>{object_xml()}</resources><build><item objectid='1'/></build>", unit="inch")


def test_a_binary_stl_comes_back_merged_and_measured():
    data = write_stl(block())
    mesh = read_mesh(data, name="block.stl")
    assert (len(mesh.vertices), mesh.triangles) == (8, 12)
    assert mesh.vertices.dtype == np.float64
    assert mesh.faces.dtype == np.int32
    assert mesh.sha1 == hashlib.sha1(data).hexdigest()
    assert mesh.watertight
    assert mesh.bodies == 1
    assert mesh.warnings == ()
    assert mesh.volume == pytest.approx(6000)
    assert mesh.area == pytest.approx(2 * (200 + 300 + 600))
    assert mesh.extents == pytest.approx([10, 20, 30])


def test_an_ascii_stl_gives_the_same_mesh_as_the_binary_one():
    mesh = read_mesh(ascii_stl(block(), name="facet with a facet in its name"))
    assert mesh.volume == pytest.approx(6000)
    assert mesh.watertight


def test_a_binary_stl_whose_header_says_solid_is_still_binary():
    data = b"solid facet".ljust(80) + write_stl(block())[80:]
    assert read_mesh(data).triangles == 12


@pytest.mark.parametrize("size", [0, 1, 83, 84, 100, 133, 683])
def test_a_truncated_stl_is_refused(size: int):
    with pytest.raises(FormatError):
        read_mesh(write_stl(block())[:size], name="block.stl")


def test_a_truncated_stl_is_refused_with_what_was_expected():
    with pytest.raises(FormatError, match=r"12 triangles, so 684 bytes were expected; 600 are there"):
        read_mesh(write_stl(block())[:600])


def test_an_stl_with_bytes_too_many_is_refused():
    with pytest.raises(FormatError, match="684 bytes were expected; 690 are there"):
        read_mesh(write_stl(block()) + b"123456")


def test_an_stl_with_a_forged_count_is_refused():
    data = write_stl(block())
    with pytest.raises(FormatError, match="4,294,967,295 triangles"):
        read_mesh(data[:80] + b"\xff\xff\xff\xff" + data[84:])


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e30])
def test_a_coordinate_that_is_no_length_is_refused(value: float):
    data = bytearray(write_stl(block()))
    data[96:100] = struct.pack("<f", value)
    with pytest.raises(FormatError, match="corner 1"):
        read_mesh(bytes(data))


def test_a_truncated_ascii_stl_is_refused():
    data = ascii_stl(block())
    with pytest.raises(FormatError, match="endsolid"):
        read_mesh(data[: len(data) // 2])


def test_an_ascii_stl_with_a_missing_corner_is_refused_with_its_facet():
    lines = ascii_stl(block()).splitlines()
    del lines[1 + 7 * 3 + 3]
    with pytest.raises(FormatError, match="facet 4"):
        read_mesh(b"\n".join(lines))


def test_an_ascii_stl_with_words_for_numbers_is_refused():
    with pytest.raises(FormatError, match="not a number"):
        read_mesh(ascii_stl(block()).replace(b"vertex 10", b"vertex ten"))


def test_a_mesh_without_area_is_refused():
    with pytest.raises(FormatError, match="area"):
        make_mesh(np.array([[0.0, 0, 0], [1, 0, 0], [2, 0, 0]]))


def test_too_many_triangles_are_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(limits, "MAX_TRIANGLES", 11)
    with pytest.raises(LimitError, match="at most 11"):
        read_mesh(write_stl(block()))


def test_a_part_in_metres_is_scaled_and_said_so():
    mesh = read_mesh(write_stl(block(0.010, 0.020, 0.030)))
    assert mesh.extents == pytest.approx([10, 20, 30], rel=1e-6)
    assert "metres" in mesh.warnings[0]


def test_an_open_mesh_is_accepted_and_said_so():
    mesh = make_mesh(CUBE * 10, SIDES[2:])
    assert not mesh.watertight
    assert "4 open edges" in mesh.warnings[0]


def test_two_bodies_are_accepted_and_said_so():
    mesh = make_mesh(np.vstack([CUBE * 10, CUBE * 10 + 20]), np.vstack([SIDES, SIDES + 8]))
    assert mesh.bodies == 2
    assert mesh.warnings == ("2 separate bodies",)


def test_a_cavity_is_not_a_body():
    mesh = make_mesh(np.vstack([CUBE * 10, CUBE * 4 + 3]), np.vstack([SIDES, SIDES[:, ::-1] + 8]))
    assert mesh.bodies == 1
    assert mesh.volume == pytest.approx(1000 - 64)


def test_a_mesh_that_is_inside_out_is_turned():
    mesh = make_mesh(CUBE * 10, SIDES[:, ::-1])
    assert mesh.volume == pytest.approx(1000)
    assert "inwards" in mesh.warnings[0]


def test_corners_that_differ_in_the_last_digit_are_one():
    corners = (CUBE * 10)[SIDES].reshape(-1, 3)
    rng = np.random.default_rng(1)
    assert make_mesh(corners + rng.uniform(0, 2e-6, corners.shape)).watertight


def test_a_3mf_is_read_in_its_unit():
    mesh = read_mesh(three_mf(ONE_CUBE))
    assert mesh.extents == pytest.approx([25.4] * 3)
    assert mesh.watertight


def test_a_3mf_places_components_and_mirrors_them_right():
    body = (
        f"<resources>{object_xml()}<object id='2'><components><component objectid='1'/>"
        "<component objectid='1' transform='-2 0 0 0 2 0 0 0 2 -5 0 0'/></components></object></resources>"
        "<build><item objectid='2' transform='1 0 0 0 1 0 0 0 1 0 0 100'/></build>"
    )
    mesh = read_mesh(three_mf(model_xml(body)))
    assert mesh.bodies == 2
    assert mesh.volume == pytest.approx(1 + 8)
    assert mesh.bounds == pytest.approx(np.array([[-7, 0, 100], [1, 2, 102]]))


def test_a_3mf_follows_the_path_of_the_production_extension():
    root = (
        "<resources><object id='5'><components><component objectid='1' p:path='/3D/Objects/a.model'/></components>"
        "</object></resources><build><item objectid='5'/></build>"
    )
    inner = model_xml(f"<resources>{object_xml()}</resources><build/>")
    assert read_mesh(three_mf(model_xml(root), {"3D/Objects/a.model": inner})).triangles == 12


def test_a_3mf_that_contains_itself_is_refused():
    body = (
        "<resources><object id='1'><components><component objectid='1'/></components></object></resources>"
        "<build><item objectid='1'/></build>"
    )
    with pytest.raises(LimitError, match="nested"):
        read_mesh(three_mf(model_xml(body)))


def test_a_3mf_that_multiplies_itself_is_stopped_at_the_limit(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(limits, "MAX_TRIANGLES", 1000)
    levels = "".join(
        f"<object id='{k}'><components>{f'<component objectid="{k - 1}"/>' * 10}</components></object>"
        for k in range(2, 9)
    )
    body = f"<resources>{object_xml()}{levels}</resources><build><item objectid='8'/></build>"
    with pytest.raises(LimitError, match="triangles"):
        read_mesh(three_mf(model_xml(body)))


def test_a_3mf_with_entities_is_refused():
    bomb = '<!DOCTYPE m [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    with pytest.raises(FormatError, match="document type"):
        read_mesh(three_mf(model_xml(f"<resources>{object_xml()}</resources>", head=bomb)))


def test_a_3mf_in_another_encoding_hides_no_entities():
    bomb = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE m [<!ENTITY a "aaaa">]><m>&a;</m>'
    data = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(three_mf(ONE_CUBE))) as old, zipfile.ZipFile(data, "w") as new:
        new.writestr("_rels/.rels", old.read("_rels/.rels"))
        new.writestr("3D/3dmodel.model", bomb.encode("utf-16"))
    with pytest.raises(FormatError, match="UTF-8"):
        read_mesh(data.getvalue())


def test_an_archive_that_unpacks_too_large_is_refused():
    bomb = three_mf(ONE_CUBE, {"Metadata/zeros.bin": "0" * 30_000_000})
    with pytest.raises(LimitError, match="times its size"):
        read_mesh(bomb)


def test_a_3mf_that_names_a_missing_vertex_is_refused():
    body = ONE_CUBE.replace('v1="0"', 'v1="8"', 1)
    with pytest.raises(FormatError, match="beyond the 8"):
        read_mesh(three_mf(body))


def test_a_truncated_3mf_is_refused():
    with pytest.raises(FormatError, match="ZIP"):
        read_mesh(three_mf(ONE_CUBE)[:-30])


def test_a_3mf_with_broken_xml_is_refused():
    with pytest.raises(FormatError, match="well-formed"):
        read_mesh(three_mf(ONE_CUBE[:-20]))


def test_an_obj_with_quads_and_negative_indices_is_read():
    lines = [f"v {x} {y} {z}" for x, y, z in CUBE * 10]
    quads = [(1, 2, 4, 3), (5, 7, 8, 6), (1, 5, 6, 2), (3, 4, 8, 7), (1, 3, 7, 5), (-7, -3, -1, -5)]
    lines += ["f " + " ".join(f"{i}/1/1" for i in quad) for quad in quads]
    mesh = read_mesh("\n".join(lines).encode(), name="block.obj")
    assert mesh.triangles == 12
    assert mesh.volume == pytest.approx(1000)


@pytest.mark.parametrize(
    ("text", "place"),
    [("v 1 2\n", "line 1"), ("v 1 2 3\nf 1 2\n", "line 2"), ("v 1 2 3\nf 1 2 0\n", "line 2"), ("v 0 0 0\n", "no face")],
)
def test_a_wrong_obj_is_refused_with_its_place(text: str, place: str):
    with pytest.raises(FormatError, match=place):
        read_mesh(text.encode(), name="a.obj")


def test_an_obj_that_names_a_missing_vertex_is_refused():
    with pytest.raises(FormatError, match="vertex 9"):
        read_mesh(b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 9\n", name="a.obj")


def ply(order: str = "ascii", faces: bool = True, count: int = 8, ragged: bool = False) -> bytes:
    head = f"ply\nformat {order} 1.0\ncomment made for a test\nelement vertex {count}\n"
    head += "property float x\nproperty float y\nproperty float z\nproperty uchar red\n"
    rings = [list(map(int, side)) for side in SIDES]
    if ragged:
        rings = [*rings[2:], [0, 1, 3, 2]]
    if faces:
        head += f"element face {len(rings)}\nproperty list uchar int vertex_indices\n"
    head += "end_header\n"
    if order == "ascii":
        text = "".join(f"{10 * x:g} {10 * y:g} {10 * z:g} 7\n" for x, y, z in CUBE)
        text += "".join(f"{len(ring)} {' '.join(map(str, ring))}\n" for ring in rings) if faces else ""
        return (head + text).encode()
    sign = "<" if "little" in order else ">"
    body = b"".join(struct.pack(sign + "fffB", *(p * 10), 7) for p in CUBE)
    if faces:
        body += b"".join(struct.pack(f"{sign}B{len(ring)}i", len(ring), *ring) for ring in rings)
    return head.encode() + body


@pytest.mark.parametrize("ragged", [False, True])
@pytest.mark.parametrize("order", ["ascii", "binary_little_endian", "binary_big_endian"])
def test_a_ply_mesh_is_read_in_every_form(order: str, ragged: bool):
    mesh = read_mesh(ply(order, ragged=ragged))
    assert mesh.triangles == 12
    assert mesh.volume == pytest.approx(1000)


@pytest.mark.parametrize("order", ["ascii", "binary_little_endian", "binary_big_endian"])
def test_a_ply_of_points_is_read_as_points_and_refused_as_mesh(order: str):
    data = ply(order, faces=False)
    assert read_points(data).points == pytest.approx(CUBE * 10)
    with pytest.raises(FormatError, match="points without faces"):
        read_mesh(data)


@pytest.mark.parametrize("order", ["ascii", "binary_little_endian"])
def test_a_truncated_ply_is_refused(order: str):
    with pytest.raises(FormatError):
        read_mesh(ply(order)[:-9])


def test_a_ply_that_states_more_than_it_has_is_refused():
    with pytest.raises(FormatError, match="800 of `vertex`"):
        read_points(ply("binary_little_endian", faces=False, count=800))


def test_a_ply_that_has_more_than_it_states_is_refused():
    with pytest.raises(FormatError, match="more than the header"):
        read_points(ply("binary_little_endian", faces=False) + b"123")


def test_points_without_measurement_are_left_out_and_counted():
    data = ply(faces=False).replace(b"\n0 0 0 7", b"\nnan nan nan 7")
    cloud = read_points(data)
    assert len(cloud.points) == 7
    assert "1 of 8 points" in cloud.warnings[0]


def test_a_cloud_of_nothing_but_nan_is_refused():
    with pytest.raises(FormatError, match="no finite point"):
        read_points(b"nan nan nan\nnan nan nan\n", name="a.xyz")


def test_lines_of_numbers_with_a_heading_are_points():
    assert read_points(b"x,y,z,intensity\n1,2,3,9\n4,5,6,9\n", name="a.csv").points.tolist() == [[1, 2, 3], [4, 5, 6]]


@given(
    data=st.binary(max_size=400),
    prefix=st.sampled_from([b"", b"ply\n", b"solid a\nfacet", b"PK\x03\x04", b"v 1 2 3\n"]),
)
@settings(max_examples=150)
def test_noise_is_refused_with_a_clear_error(data: bytes, prefix: bytes):
    with pytest.raises(InputError):
        read_mesh(prefix + data)


@given(st.integers(0, 683), st.integers(0, 255))
@settings(max_examples=150)
def test_a_flipped_byte_gives_a_mesh_or_a_clear_error(at: int, value: int):
    data = bytearray(write_stl(block()))
    data[at] = value
    try:
        mesh = read_mesh(bytes(data))
    except InputError:
        return
    assert np.isfinite(mesh.vertices).all()


@given(
    st.lists(st.tuples(*[st.floats(-1000, 1000, width=32)] * 3), min_size=3, max_size=12),
    st.lists(st.tuples(*[st.integers(0, 11)] * 3), min_size=1, max_size=20),
)
@settings(max_examples=150)
def test_what_is_written_as_stl_is_read_back(corners: list[tuple[float, ...]], sides: list[tuple[int, ...]]):
    points = np.array(corners, float)
    faces = np.array(sides, np.int32) % len(points)
    try:
        mesh = make_mesh(points, faces)
    except FormatError:
        return
    again = read_mesh(write_stl(mesh), guess_units=False)
    assert again.triangles == mesh.triangles
    assert again.area == pytest.approx(mesh.area, rel=1e-5, abs=1e-6)
    assert again.watertight == mesh.watertight


def test_a_glb_carries_positions_and_colours():
    mesh = block()
    data = to_glb(mesh, np.tile([1.0, 0.5, 0.0], (12, 1)))
    magic, version, length = struct.unpack_from("<4sII", data)
    assert (magic, version, length) == (b"glTF", 2, len(data))
    (size,) = struct.unpack_from("<I", data, 12)
    document = json.loads(data[20 : 20 + size])
    colours = document["accessors"][2]
    assert colours["count"] == 36
    start = 28 + size + document["bufferViews"][2]["byteOffset"]
    assert tuple(data[start : start + 4]) == (255, 128, 0, 255)
    assert document["accessors"][0]["max"] == pytest.approx([10, 20, 30])


def test_a_glb_with_the_wrong_number_of_colours_is_refused():
    with pytest.raises(ValueError, match="5 colours"):
        to_glb(block(), np.zeros((5, 3)))


def test_a_thumbnail_shows_the_part_on_a_clear_ground():
    picture = np.asarray(Image.open(io.BytesIO(thumbnail(block(), 64))))
    assert picture.shape == (64, 64, 4)
    assert picture[0, 0, 3] == 0
    assert picture[32, 32, 3] == 255
    assert len(np.unique(picture[picture[..., 3] == 255][:, 0])) >= 3  # three sides in three tones


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data folder is not beside the checkout")
def test_real_files_measure_as_their_manifest_says():
    import csv

    with (SHARED / "stl" / "manifest.csv").open() as table:
        rows = list(csv.DictReader(table))[::6]
    for row in rows:
        path = SHARED / "stl" / row["file"]
        mesh = read_mesh(path.read_bytes(), name=path.name)
        assert mesh.triangles == int(row["faces"]), path
        assert mesh.volume == pytest.approx(float(row["volume_mm3"]), rel=1e-3), path
        assert mesh.area == pytest.approx(float(row["area_mm2"]), rel=1e-3), path
