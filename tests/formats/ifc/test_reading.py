"""One thing at a time: schemas, units, ways to describe a body, what belongs to which panel, what a part is."""

import math

import numpy as np
import pytest

from fabwright.formats.ifc import CategoryEntry, ParsingSetup, PropertyEntry, read_ifc
from fabwright.timber import Panel, from_json, to_json
from fabwright.timber.planes import cut_planes
from fabwright.timber.process import Drilling, JackRafterCut
from tests.formats.ifc.small_models import SmallModel, turned

STUD = (45.0, 145.0, 2400.0)


def _wall(model: SmallModel, *parts: object, **placement: object) -> None:
    wall = model.element("IfcWall", placement=model.place(**placement), Name="W")
    for part in parts:
        part.ObjectPlacement.PlacementRelTo = wall.ObjectPlacement  # type: ignore[attr-defined]
    model.aggregate(wall, *parts)
    model.contain(wall)


def _only(model: SmallModel, setup: ParsingSetup | None = None) -> Panel:
    project = read_ifc(model.data(), setup)
    assert project.warnings == (), project.warnings
    (panel,) = project.panels
    return panel


@pytest.mark.parametrize("schema", ["IFC2X3", "IFC4", "IFC4X3"])
@pytest.mark.parametrize(("unit", "mm"), [("millimetre", 1.0), ("metre", 1000.0), ("foot", 304.8)])
def test_all_schemas_and_units_give_the_same_millimetres(schema: str, unit: str, mm: float) -> None:
    model = SmallModel(schema, unit)
    size = tuple(value / mm for value in STUD)
    bodies = [model.shape(model.block(size)), model.shape(model.brep(size), kind="Brep")]
    places = [model.place(origin=(x / mm, 0.0, 0.0)) for x in (0.0, 600.0)]
    studs = [model.element("IfcMember", body, place, Name="Stud") for body, place in zip(bodies, places, strict=True)]
    _wall(model, *studs)
    panel = _only(model)
    assert (panel.name, panel.kind, panel.storey) == ("W", "wall", "Level 1")
    assert panel.size == pytest.approx((645.0, 2400.0, 145.0), abs=1e-6)
    for member in panel.members:
        assert member.box == pytest.approx((2400.0, 145.0, 45.0), abs=1e-6)
        assert (member.category, member.reference) == ("stud", "S1")


@pytest.mark.parametrize("angle", [0.0, 30.0, 90.0, 217.5])
def test_a_turned_wall_is_read_in_its_own_axes(angle: float) -> None:
    model = SmallModel()
    stud = model.element("IfcMember", model.shape(model.block(STUD)))
    sheet = model.element(
        "IfcPlate", model.shape(model.block((1250.0, 15.0, 2400.0))), model.place(origin=(0.0, -15.0, 0.0))
    )
    _wall(model, stud, sheet, origin=(5000.0, 7000.0, 100.0), x=turned(angle), z=(0.0, 0.0, 1.0))
    panel = _only(model)
    assert panel.size == pytest.approx((1250.0, 2400.0, 160.0), abs=1e-6)
    assert panel.frame.x == pytest.approx(turned(angle), abs=1e-9)
    assert panel.frame.y == pytest.approx((0.0, 0.0, 1.0), abs=1e-9)
    (board,) = panel.boards
    assert (board.zone, panel.members[0].zone) == (1, 0)  # the wall's own -y is the outside
    middle = panel.frame.place(panel.members[0].frame.place((1200.0, 72.5, 22.5)))
    across = (-turned(angle)[1], turned(angle)[0])
    wanted = np.array((5000.0, 7000.0)) + 22.5 * np.array(turned(angle)[:2]) + 72.5 * np.array(across)
    assert middle == pytest.approx((*wanted, 1300.0), abs=1e-6)


@pytest.mark.parametrize("agreement", [True, False])
def test_a_clipped_end_is_a_cut_on_the_shortest_stick(agreement: bool) -> None:
    normal = (math.sin(math.radians(30)), 0.0, math.cos(math.radians(30)))
    model = SmallModel()
    body = model.clipped(model.block((45.0, 145.0, 3000.0)), (0.0, 0.0, 2000.0), normal, agreement=agreement)
    _wall(model, model.element("IfcMember", model.shape(body, kind="Clipping")))
    (member,) = _only(model).members
    (cut,) = member.processes
    assert isinstance(cut, JackRafterCut)
    assert member.length == pytest.approx(2000.0, abs=1e-6)
    (plane,) = cut_planes(member, cut)
    assert member.frame.direction(plane.normal) == pytest.approx((normal[0], normal[2], normal[1]), abs=1e-9)


def test_a_square_clip_only_makes_the_stick_shorter() -> None:
    model = SmallModel()
    body = model.clipped(model.block((45.0, 145.0, 3000.0)), (0.0, 0.0, 1234.5), (0.0, 0.0, 1.0))
    _wall(model, model.element("IfcMember", model.shape(body, kind="Clipping")))
    (member,) = _only(model).members
    assert (member.length, member.processes) == (pytest.approx(1234.5, abs=1e-9), ())


def test_a_half_space_within_a_polygon_cuts_only_there() -> None:
    """The polygon covers the lower half of a beam's end: what is taken away is a lap, not a cut."""
    model = SmallModel()
    plane = model.make("IfcPlane", model.axes((2000.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0)))
    ring = [(-10.0, -10.0), (70.0, -10.0), (70.0, 100.0), (-10.0, 100.0), (-10.0, -10.0)]
    boundary = model.make("IfcPolyline", tuple(model.make("IfcCartesianPoint", point) for point in ring))
    position = model.axes((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
    half = model.make("IfcPolygonalBoundedHalfSpace", plane, False, position, boundary)
    profile = model.make("IfcRectangleProfileDef", "AREA", None, model._flat(), 60.0, 200.0)
    beam = model.make(
        "IfcExtrudedAreaSolid", profile, model.axes((0.0, 30.0, 100.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
        model.make("IfcDirection", (0.0, 0.0, 1.0)), 2400.0,
    )  # fmt: skip
    body = model.make("IfcBooleanClippingResult", "DIFFERENCE", beam, half)
    _wall(model, model.element("IfcBeam", model.shape(body, kind="Clipping")))
    (member,) = _only(model).members
    (lap,) = member.processes
    assert member.box == pytest.approx((2400.0, 200.0, 60.0), abs=1e-6)
    assert (lap.start_x, lap.length, lap.depth, lap.width) == pytest.approx((2000.0, 400.0, 100.0, 60.0), abs=1e-6)  # type: ignore[union-attr]


def test_mapped_items_are_single_pieces_with_their_own_scale() -> None:
    model = SmallModel()
    operators = [model.operator((0.0, 0.0, 0.0)), model.operator((600.0, 0.0, 0.0), (1.0, 1.0, 0.5))]
    _wall(model, model.element("IfcMember", model.mapped(model.block(STUD), *operators)))
    panel = _only(model)
    assert [member.length for member in panel.members] == pytest.approx([2400.0, 1200.0])
    guid = panel.members[0].uid.partition("#")[0]
    assert [member.uid for member in panel.members] == [f"{guid}#1", f"{guid}#2"]


def test_a_mirrored_piece_keeps_its_cut_on_the_right_side() -> None:
    normal = (math.sin(math.radians(20)), 0.0, math.cos(math.radians(20)))
    model = SmallModel()
    body = model.clipped(model.block((45.0, 145.0, 2000.0)), (0.0, 0.0, 1900.0), normal)
    mirror = model.make(
        "IfcCartesianTransformationOperator3D",
        model.make("IfcDirection", (-1.0, 0.0, 0.0)), model.make("IfcDirection", (0.0, 1.0, 0.0)),
        model.point((0.0, 0.0, 0.0)), 1.0, model.make("IfcDirection", (0.0, 0.0, 1.0)),
    )  # fmt: skip
    _wall(model, model.element("IfcMember", model.mapped(body, mirror)))
    panel = _only(model)
    (member,) = panel.members
    (plane,) = cut_planes(member, member.processes[0])
    world = panel.frame.place_plane(member.frame.place_plane(plane))
    assert world.normal == pytest.approx((-normal[0], 0.0, normal[2]), abs=1e-9)
    assert float(world.distance([(0.0, 0.0, 1900.0)])[0]) == pytest.approx(0.0, abs=1e-6)


def test_a_hole_taken_out_of_a_beam_is_a_drilling() -> None:
    model = SmallModel()
    circle = model.make("IfcCircleProfileDef", "AREA", None, model._flat(), 15.0)
    hole = model.make(
        "IfcExtrudedAreaSolid", circle, model.axes((-5.0, 70.0, 400.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
        model.make("IfcDirection", (0.0, 0.0, 1.0)), 60.0,
    )  # fmt: skip
    body = model.make("IfcBooleanResult", "DIFFERENCE", model.block(STUD), hole)
    _wall(model, model.element("IfcMember", model.shape(body, kind="CSG")))
    (member,) = _only(model).members
    (drilling,) = member.processes
    assert isinstance(drilling, Drilling)
    assert (drilling.side, drilling.start_x, drilling.start_y) == pytest.approx((2, 400.0, 70.0), abs=1e-6)
    assert (drilling.diameter, drilling.depth_limited) == (pytest.approx(30.0, abs=1e-6), False)


def test_a_lone_slab_is_a_panel_of_one_board_with_the_hole_of_its_opening() -> None:
    model = SmallModel()
    slab = model.element("IfcSlab", model.shape(model.block((6000.0, 2400.0, 160.0))), Name="CLT")
    opening = model.element("IfcOpeningElement", model.shape(model.block((800.0, 600.0, 160.0), (1000.0, 500.0, 0.0))))
    model.root("IfcRelVoidsElement", RelatingBuildingElement=slab, RelatedOpeningElement=opening)
    model.contain(slab)
    panel = _only(model)
    (board,) = panel.boards
    assert board.box == pytest.approx((6000.0, 2400.0, 160.0))
    (hole,) = board.holes
    assert set(hole.points()) == {(1000.0, 500.0), (1800.0, 500.0), (1800.0, 1100.0), (1000.0, 1100.0)}
    assert len(panel.openings) == 1
    assert panel.kind == "floor"


def test_a_roof_of_slabs_is_one_panel_per_slab() -> None:
    model = SmallModel()
    slope = (0.0, -math.sin(math.radians(40)), math.cos(math.radians(40)))
    slabs = [
        model.element(
            "IfcSlab", model.shape(model.block((3000.0, 5000.0, 200.0))),
            model.place(origin=(x, 0.0, 0.0), z=slope, x=(1.0, 0.0, 0.0)), Name=f"R{k}", PredefinedType="ROOF",
        )
        for k, x in enumerate((0.0, 3000.0))
    ]  # fmt: skip
    roof = model.element("IfcRoof", Name="Roof")
    model.aggregate(roof, *slabs)
    model.contain(roof)
    project = read_ifc(model.data())
    assert [(panel.name, panel.kind) for panel in project.panels] == [("R0", "roof"), ("R1", "roof")]
    for panel in project.panels:
        assert panel.size == pytest.approx((3000.0, 5000.0, 200.0), abs=1e-6)
        assert panel.frame.z == pytest.approx(slope, abs=1e-9)
        assert panel.storey == "Level 1"


def test_an_assembly_of_assemblies_is_one_panel_per_inner_assembly() -> None:
    model = SmallModel()
    inner = [model.element("IfcElementAssembly", Name=f"A{k}") for k in range(2)]
    for k, assembly in enumerate(inner):
        stud = model.element("IfcMember", model.shape(model.block(STUD)), model.place(origin=(k * 3000.0, 0.0, 0.0)))
        model.aggregate(assembly, stud)
    outer = model.element("IfcElementAssembly", Name="Module")
    model.aggregate(outer, *inner)
    model.contain(outer)
    project = read_ifc(model.data())
    assert [panel.name for panel in project.panels] == ["A0", "A1"]


def test_loose_members_are_gathered_by_the_panel_that_they_name() -> None:
    model = SmallModel()
    names = ["North", "South", "North", None]
    for k, name in enumerate(names):
        stud = model.element("IfcMember", model.shape(model.block(STUD)), model.place(origin=(k * 600.0, 0.0, 0.0)))
        if name:
            model.properties(stud, "Site", Panel=name)
        model.contain(stud)
    project = read_ifc(model.data())
    assert {panel.name: len(panel.members) for panel in project.panels} == {
        "North": 2, "South": 1, "Level 1: loose parts": 1,
    }  # fmt: skip
    assert "belong to no wall" in project.warnings[0].message


def test_a_nail_line_is_read_by_its_ends() -> None:
    model = SmallModel()
    stud = model.element("IfcMember", model.shape(model.block(STUD)))
    line = model.make("IfcPolyline", (model.point((22.5, 30.0, 0.0)), model.point((22.5, 110.0, 0.0))))
    axis = model.make("IfcShapeRepresentation", model.context, "Axis", "Curve3D", (line,))
    nails = model.element(
        "IfcMechanicalFastener", model.make("IfcProductDefinitionShape", None, None, (axis,)), Name="NL",
        ObjectType="Nail 3.1x90", NominalDiameter=3.1, NominalLength=90.0,
    )  # fmt: skip
    model.properties(nails, "Nails", Quantity="3", Spacing="40")
    setup = ParsingSetup(
        categories=(CategoryEntry(category="frame_nail_line", property="name", match="PREFIX", value="nl"),),
        properties=(
            PropertyEntry(field="article", property="ObjectType"),
            PropertyEntry(field="quantity", property="Nails.Quantity"),
            PropertyEntry(field="spacing", property="SPACING"),
        ),
    )
    _wall(model, stud, nails)
    (fastener,) = _only(model, setup).fasteners
    assert (fastener.category, fastener.article, fastener.quantity) == ("frame_nail_line", "Nail 3.1x90", 3)
    assert (fastener.length, fastener.diameter, fastener.spacing) == (90.0, 3.1, 40.0)
    assert np.ptp(np.array(fastener.points), axis=0) == pytest.approx((0.0, 0.0, 80.0), abs=1e-6)


# -- parsing setups: the words of the vendor's page ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "hits"),
    [("TOPRAIL", True), ("TR", True), ("TR12", True), ("toprail", True), ("tr1", True), ("TOPRAIL2", False),
     ("TOP_RAIL", False), ("12TR", False), ("", False)],
)  # fmt: skip
def test_several_entries_of_a_category_hit_as_the_vendor_says(text: str, hits: bool) -> None:
    model = SmallModel()
    stud = model.element("IfcMember", model.shape(model.block(STUD)))
    model.properties(stud, "CAD", REFERENCE=text)
    _wall(model, stud)
    setup = ParsingSetup(
        categories=(
            CategoryEntry(category="top_rail", property="Reference", match="ALL", value="TopRail"),
            CategoryEntry(category="top_rail", property="cad.reference", match="PREFIX", value="TR"),
        ),
        by_position=False,
    )
    (member,) = _only(model, setup).members
    assert (member.category == "top_rail") is hits


def test_zone_reference_and_material_stand_where_the_setup_says() -> None:
    model = SmallModel()
    stud = model.element("IfcMember", model.shape(model.block(STUD)))
    model.properties(stud, "CAD", Layer="-2", Mark="X7", Wood="Spruce", Strength="C24")
    _wall(model, stud)
    fields = {"zone": "Layer", "reference": "CAD.Mark", "material": "wood", "grade": "STRENGTH"}
    setup = ParsingSetup(
        properties=tuple(PropertyEntry(field=field, property=name) for field, name in fields.items())  # type: ignore[arg-type]
    )
    (member,) = _only(model, setup).members
    assert (member.zone, member.reference, member.material, member.grade) == (-2, "X7", "Spruce", "C24")
    assert member.attributes["CAD.Mark"] == "X7"


def test_a_setup_and_a_project_have_a_json_form() -> None:
    setup = ParsingSetup(
        name="ours",
        categories=(CategoryEntry(category="plate", property="Name", match="PREFIX", value="OSB"),),
        properties=(PropertyEntry(field="zone", property="Layer"),),
    )
    assert from_json(to_json(setup), ParsingSetup) == setup
    model = SmallModel()
    _wall(model, model.element("IfcMember", model.shape(model.block(STUD))))
    project = read_ifc(model.data())
    assert from_json(to_json(project), type(project)) == project


def test_progress_runs_from_nothing_to_the_whole() -> None:
    model = SmallModel()
    _wall(model, model.element("IfcMember", model.shape(model.block(STUD))))
    shares: list[float] = []
    read_ifc(model.data(), progress=lambda share, _: shares.append(share))
    assert shares[0] == 0.0
    assert shares[-1] == 1.0
    assert shares == sorted(shares)


def test_rails_and_studs_are_known_by_where_they_lie() -> None:
    model = SmallModel()
    lying = (2000.0, 145.0, 45.0)
    parts = [
        model.element("IfcMember", model.shape(model.block(size)), model.place(origin=origin))
        for size, origin in (
            (lying, (0.0, 0.0, 0.0)),
            (lying, (0.0, 0.0, 2445.0)),
            ((45.0, 145.0, 2400.0), (0.0, 0.0, 45.0)),
            ((45.0, 145.0, 2400.0), (1955.0, 0.0, 45.0)),
            ((1910.0, 145.0, 45.0), (45.0, 0.0, 1200.0)),
        )
    ]
    _wall(model, *parts)
    panel = _only(model)
    assert [member.category for member in panel.members] == ["bottom_rail", "top_rail", "stud", "stud", "blocking"]
    assert [member.reference for member in panel.members] == ["BR1", "TR1", "S1", "S1", "B1"]


def test_a_body_whose_faces_look_inwards_is_the_same_body() -> None:
    model = SmallModel()
    body = model.brep(STUD)
    for face in body.Outer.CfsFaces:
        face.Bounds[0].Orientation = False
    _wall(model, model.element("IfcMember", model.shape(body, kind="Brep")))
    (member,) = _only(model).members
    assert member.box == pytest.approx((2400.0, 145.0, 45.0), abs=1e-6)


def test_a_body_with_a_missing_face_gives_its_box_and_a_warning() -> None:
    model = SmallModel()
    body = model.brep(STUD)
    body.Outer.CfsFaces = body.Outer.CfsFaces[:-1]
    _wall(model, model.element("IfcMember", model.shape(body, kind="Brep"), Name="open"))
    project = read_ifc(model.data())
    (warning,) = project.warnings
    assert (warning.name, "do not close" in warning.message) == ("open", True)
    assert project.panels[0].members[0].box == pytest.approx((2400.0, 145.0, 45.0), abs=1e-6)


def test_a_panel_in_national_coordinates_keeps_its_exact_size() -> None:
    model = SmallModel()
    normal = (math.sin(math.radians(30)), 0.0, math.cos(math.radians(30)))
    body = model.clipped(model.block((45.0, 145.0, 3000.0)), (0.0, 0.0, 2000.0), normal)
    far = (2_600_123_456.789, 1_200_654_321.123, 456_789.5)
    _wall(model, model.element("IfcMember", model.shape(body, kind="Clipping")), origin=far)
    panel = _only(model)
    assert panel.members[0].box == pytest.approx((2000.0, 145.0, 45.0), abs=1e-6)
    (plane,) = cut_planes(panel.members[0], panel.members[0].processes[0])
    assert abs(plane.normal[0]) == pytest.approx(normal[2], abs=1e-9)
    middle = panel.frame.place([panel.bounds.mean(axis=0)])[0]
    assert middle == pytest.approx((far[0] + 22.5, far[1] + 72.5, far[2] + 1000.0), abs=1e-3)


def test_a_slab_that_stands_upright_is_a_wall() -> None:
    model = SmallModel()
    slab = model.element("IfcSlab", model.shape(model.block((5000.0, 120.0, 2800.0))), Name="CLT wall")
    model.contain(slab)
    panel = _only(model)
    assert (panel.kind, panel.size) == ("wall", pytest.approx((5000.0, 2800.0, 120.0), abs=1e-6))
