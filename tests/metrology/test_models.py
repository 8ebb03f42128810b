"""What a piece may be compared with: a stick of timber after its processes, a 3MF."""

import io
import zipfile

import numpy as np
import pytest

from fabwright.formats.mesh import Mesh, make_mesh, read_mesh
from fabwright.metrology import DEFAULT_PROFILE, Reference, evaluate, inspect, read_scan, scan_of
from fabwright.timber import process as p
from fabwright.timber.part import Member
from fabwright.timber.solid import mesh_of, part_solid
from tests.metrology.metrology_parts import bracket, place, pose, scan, write_ply


def stick(*processes: p.Process) -> Mesh:
    part = Member(reference="S1", length=400.0, width=60.0, height=120.0, material="C24", processes=processes)
    vertices, triangles = mesh_of(part_solid(part))
    return make_mesh(vertices, triangles.astype(np.int32))


LAP = p.Lap(start_x=150, start_y=0, length=80, depth=25)
HOLE = p.Drilling(start_x=320, start_y=30, diameter=20, depth_limited=False)


def test_a_stick_is_compared_with_its_solid_after_all_processes():
    reference = Reference(stick(LAP, HOLE))
    good = inspect(reference, scan_of(place(pose(3), scan(stick(LAP, HOLE), 120_000, noise=0.1)))).measurement
    assert evaluate(good, DEFAULT_PROFILE).verdict.passed is True
    undrilled = inspect(reference, scan_of(place(pose(4), scan(stick(LAP), 120_000, noise=0.1)))).measurement
    assert evaluate(undrilled, DEFAULT_PROFILE).verdict.passed is False
    worst = undrilled.regions[0]
    assert not worst.missing
    assert worst.place_mm[0] == pytest.approx(320, abs=3)


def three_mf(mesh: Mesh) -> bytes:
    corners = "".join(f'<vertex x="{x:.6f}" y="{y:.6f}" z="{z:.6f}"/>' for x, y, z in mesh.vertices)
    faces = "".join(f'<triangle v1="{a}" v2="{b}" v3="{c}"/>' for a, b, c in mesh.faces)
    model = (
        '<model unit="millimeter" xmlns="http://schemas.microsoft.com/3dmanufacturing/core/2015/02"><resources>'
        f'<object id="1" type="model"><mesh><vertices>{corners}</vertices>'
        f"<triangles>{faces}</triangles></mesh></object>"
        '</resources><build><item objectid="1"/></build></model>'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("3D/3dmodel.model", model)
        package.writestr(
            "_rels/.rels",
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship '
            'Target="/3D/3dmodel.model" Id="r" Type="http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"/>'
            "</Relationships>",
        )
    return out.getvalue()


def test_a_3mf_is_a_model_as_good_as_an_stl():
    reference = Reference(read_mesh(three_mf(bracket()), name="bracket.3mf"))
    data = write_ply(place(pose(2), scan(bracket(), 40_000)))
    measurement = inspect(reference, read_scan(data, name="piece.ply")).measurement
    assert evaluate(measurement, DEFAULT_PROFILE).verdict.passed is True
