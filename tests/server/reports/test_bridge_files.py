"""`panel_wup`, `panel_mob1` and `panel_mob2` over HTTP, from the launch to the file."""

from typing import Any

import pytest

from fabwright.demo.house import build_house
from fabwright.formats.mob import read_mob
from fabwright.formats.wup import read_wup
from fabwright.server.production.models import Machine, ProductionLine, Station
from tests.factory_rows import Factory
from tests.making_helpers import post
from tests.server.reports.making_kinds import files_of, made

pytestmark = pytest.mark.django_db
LAUNCH = "/api/v2/reports/bulk_launch/"
FORM = "panel_mob2"


def line_with(
    factory: Factory, model: str, setup: dict[str, Any] | None = None, zones: list[int] | None = None
) -> ProductionLine:
    """The factory's line with a manual framing station and a bridge."""
    machine = Machine.objects.create(company=factory.company, name=model, model=model, setup=setup or {})
    line = factory.line
    Station.objects.create(company=factory.company, line=line, position=0, name="Framing", zones=[0])
    Station.objects.create(
        company=factory.company, line=line, position=1, name="Bridge", zones=zones or [], machine=machine
    )
    return line


def payload(factory: Factory, document_type: str, **meta: Any) -> dict[str, Any]:
    meta.setdefault("production_line_uuid", str(factory.line.pk))
    return factory.payload(document_type, meta=meta)


def refused(api: Any, body: dict[str, Any]) -> dict[str, list[str]]:
    answer = api.post(LAUNCH, [body], format="json")
    assert answer.status_code == 400, answer.json()
    errors: dict[str, list[str]] = answer.json()[0]
    return errors


def test_wup_has_a_file_for_every_panel_and_needs_no_machine(api, factory):
    report, data = made(api, factory.payload("panel_wup"))
    files = files_of(data)
    assert sorted(files) == ["W01.wup", "W02.wup"]
    for panel in build_house()[:2]:
        document = read_wup(files[f"{panel.name}.wup"])
        assert document.header["ELN"] == panel.name
        assert sum(len(layer.sheets) for layer in document.program.layers) == len(panel.boards)
        assert document.program.nail_count > 500
    again, _ = made(api, factory.payload("panel_wup"))
    assert again["last_file"]["hash"] == report["last_file"]["hash"]


def test_more_spacing_means_fewer_nails(api, factory):
    counts = []
    for spacing in (75, 300):
        _, data = made(api, factory.payload("panel_wup", meta={"nail_source": "computed", "nail_spacing": spacing}))
        counts.append(sum(read_wup(content).program.nail_count for content in files_of(data).values()))
    assert counts[0] > 2 * counts[1] > 0


@pytest.mark.parametrize("document_type", ["panel_mob1", "panel_mob2"])
def test_mob_files_need_a_line_and_take_no_part_batches(api, factory, document_type):
    body = factory.payload(document_type)
    assert refused(api, body) == {"meta.production_line_uuid": ["this type needs a production line"]}
    batch = factory.part_batch((factory.assemblies[0], 0))
    errors = refused(api, payload(factory, document_type, part_batches=[str(batch.pk)]))
    assert "cannot be made from these; give selected_assemblies" in errors["meta.part_batches"][0]


@pytest.mark.parametrize(("document_type", "ending"), [("panel_mob1", "mob"), ("panel_mob2", "mob2")])
def test_a_line_without_machines_makes_everything_with_the_built_in_defaults(api, factory, document_type, ending):
    _, data = made(api, payload(factory, document_type))
    files = files_of(data)
    assert sorted(files) == [f"W01.{ending}", f"W02.{ending}"]
    document = read_mob(files[f"W01.{ending}"])
    assert [layer.zone for layer in document.program.layers] == [0, -1, 1]
    assert {row.tool for layer in document.program.layers for row in layer.nails} == {5}
    assert document.line == (str(factory.line.pk) if ending == "mob2" else "")


@pytest.mark.parametrize(
    ("document_type", "place", "meta"),
    [
        ("panel_wup", "meta.nail_spacing", {"nail_spacing": 0}),
        ("panel_mob1", "meta.nail_spacing", {"nail_spacing": 0}),
        ("panel_mob1", "meta.starting_side", {"starting_side": "above"}),
        (
            "panel_mob2",
            "meta.dynamic_forms.panel_mob2.general.nail_spacing",
            {"dynamic_forms": {FORM: {"general": {"nail_spacing": 0}}}},
        ),
        (
            "panel_mob2",
            "meta.dynamic_forms.panel_mob2.tools.inside.1.mill",
            {"dynamic_forms": {FORM: {"tools": {"inside": {"1": {"mill": "big"}}}}}},
        ),
    ],
)
def test_a_wrong_option_is_refused_at_launch_and_named(api, factory, document_type, place, meta):
    assert list(refused(api, payload(factory, document_type, **meta))) == [place]


def test_the_stations_of_the_line_say_which_zones_are_made_at_the_machine(api, factory):
    line_with(factory, "mobi_one", zones=[1])
    _, data = made(api, payload(factory, "panel_mob1"))
    document = read_mob(files_of(data)["W01.mob"])
    assert [layer.zone for layer in document.program.layers] == [1]
    assert "# zone -1 is not made here" in document.notes


def test_mob1_takes_the_options_of_the_line_s_machine(api, factory):
    setup = {
        "panel_mob1": {
            "starting_side": "outside",
            "shift_mode": "by layer",
            "nail_spacing": 300,
            "nail_source": "computed",
        }
    }
    line_with(factory, "mobi_one", setup)
    _, data = made(api, payload(factory, "panel_mob1"))
    document = read_mob(files_of(data)["W01.mob"])
    assert document.starting_side == "outside"
    assert b"# shift" in files_of(data)["W01.mob"]
    _, closer = made(api, payload(factory, "panel_mob1", nail_spacing=100))
    assert read_mob(files_of(closer)["W01.mob"]).program.nail_count > document.program.nail_count


def test_the_form_of_mob2_is_filled_from_the_machine_and_shown(api, factory):
    setup = {
        FORM: {
            "general": {"starting_side": "outside", "max_x": 12000, "trim_operations": "Generate anyway"},
            "tools": {"outside": {"1": {"cladding_nailer": 8, "laser": 3}}},
            "framing": {"use_custom_matrix": True, "matrix": [[1, 2]]},
        }
    }
    line_with(factory, "mobi_one_v2", setup)
    sent = {"other_type": {"a": 1}, FORM: {"general": {"max_x": 9000, "colour": "red"}}}
    report, data = made(api, payload(factory, "panel_mob2", fill_mob2_defaults=True, dynamic_forms=sent))
    forms = report["meta"]["dynamic_forms"]
    assert report["meta"]["fill_mob2_defaults"] is True
    form = forms[FORM]
    assert forms["other_type"] == {"a": 1}
    assert form["general"]["starting_side"] == "outside"  # from the setup
    assert form["general"]["max_x"] == 9000  # from the payload
    assert form["general"]["trim_operations"] == "anyway"
    assert form["general"]["machine_zero_mode"] == "walls"  # built in
    assert form["general"]["colour"] == "red"
    assert form["tools"]["outside"]["1"]["cladding_nailer"] == 8
    assert form["tools"]["outside"]["1"]["laser"] == 3
    assert form["tools"]["outside"]["2"]["cladding_nailer"] == 5
    assert form["tools"]["inside"]["1"]["mill"] == 28
    assert form["framing"] == {"use_custom_matrix": True, "matrix": [[1, 2]]}
    assert form["mill_directions"] == {
        "negative_zones_outside": "ccw",
        "positive_zones_outside": "cw",
        "negative_zones_inside": "cw",
        "positive_zones_inside": "ccw",
    }
    document = read_mob(files_of(data)["W01.mob2"])
    assert (document.starting_side, document.max_size) == ("outside", (9000.0, 0.0, 0.0))
    tools = {layer.zone: {row.tool for row in layer.nails} for layer in document.program.layers}
    assert tools == {0: set(), -1: {5}, 1: {8}}


def test_without_the_flag_the_form_stays_as_it_was_sent(api, factory):
    line_with(factory, "mobi_one_v2", {FORM: {"general": {"starting_side": "outside"}}})
    report, data = made(api, payload(factory, "panel_mob2", dynamic_forms={FORM: {"general": {"carriages": 1}}}))
    assert report["meta"]["dynamic_forms"] == {FORM: {"general": {"carriages": 1}}}
    document = read_mob(files_of(data)["W01.mob2"])
    assert (document.starting_side, document.carriages) == ("inside", 1)


def test_filling_is_refused_at_launch_where_no_machine_of_the_line_reads_mob2(api, factory):
    line_with(factory, "mobi_one")
    errors = refused(api, payload(factory, "panel_mob2", fill_mob2_defaults=True))
    assert errors == {"meta.fill_mob2_defaults": ["the line has no station with a machine that reads panel_mob2"]}


def test_a_wrong_setup_of_the_machine_is_named_at_launch(api, factory):
    line_with(factory, "robobrick", {FORM: {"general": {"carriages": 99}}})
    errors = refused(api, payload(factory, "panel_mob2", fill_mob2_defaults=True))
    assert list(errors) == ["meta.dynamic_forms.panel_mob2.general.carriages"]


@pytest.mark.parametrize(("document_type", "ending"), [("panel_mob1", "mob"), ("panel_mob2", "mob2")])
def test_a_locked_group_is_one_file(api, factory, document_type, ending):
    group = post(
        api,
        "constructibles/multipanel_groups/",
        {
            "batch": str(factory.batch.pk),
            "name": "G1",
            "gap": 40,
            "assemblies": [str(one.pk) for one in factory.assemblies],
        },
    )
    api.post(f"/api/v2/constructibles/multipanel_groups/{group['uuid']}/lock/")
    _, data = made(api, payload(factory, document_type))
    ((name, content),) = files_of(data).items()
    assert name == f"G1.{ending}"
    document = read_mob(content)
    first, second = build_house()[:2]
    assert document.program.length == pytest.approx(first.size[0] + 40 + second.size[0])
    boards = sum(len(layer.sheets) for layer in document.program.layers)
    assert boards == len(first.boards) + len(second.boards)
    if ending == "mob2":
        assert document.group == group["uuid"]
        assert [panel.offset for panel in document.program.panels] == [0.0, first.size[0] + 40]
        assert [panel.uuid for panel in document.program.panels] == [str(one.pk) for one in factory.assemblies]


def test_half_of_a_locked_group_is_an_error_that_names_the_group(api, factory):
    group = post(
        api,
        "constructibles/multipanel_groups/",
        {"batch": str(factory.batch.pk), "name": "G1", "assemblies": [str(one.pk) for one in factory.assemblies]},
    )
    api.post(f"/api/v2/constructibles/multipanel_groups/{group['uuid']}/lock/")
    half = {**payload(factory, "panel_mob2"), "selected_assemblies": [str(factory.assemblies[0].pk)]}
    report, _ = made(api, half, status="error")
    assert "multipanel group G1" in report["last_file"]["meta"]["error"]["message"]


def test_the_form_is_published(api, company):
    types = {row["document_type"]: row for row in api.get("/api/v2/reports/document_types/").json()}
    schema = types["panel_mob2"]["options"]
    assert types["panel_mob2"]["needs_production_line"] is True
    assert types["panel_mob2"]["selection"] == ["assemblies"]
    assert "analogue" in types["panel_mob2"]["description"]
    tools = schema["$defs"]["Tools"]["properties"]
    assert {name: tools[name]["default"] for name in tools} == {
        "cladding_nailer": 5,
        "cladding_screwer": 0,
        "batten_nailer": 25,
        "mill": 28,
        "saw": 23,
        "drill": 22,
        "glue": 29,
    }
    assert schema["$defs"]["General"]["properties"]["shift_mode"]["default"] == "operations"


@pytest.mark.parametrize("option", ["max_length", "max_height", "max_thickness"])
@pytest.mark.parametrize("document_type", ["panel_wup", "panel_mob1"])
def test_a_panel_that_the_machine_does_not_take_is_an_error_that_names_it_option_and_limit(
    api, factory, document_type, option
):
    meta = {option: 100, "production_line_uuid": str(factory.line.pk)}
    report, _ = made(api, factory.payload(document_type, meta=meta), status="error")
    error = report["last_file"]["meta"]["error"]
    assert error["code"] == "limit_exceeded"
    assert "panel W01: it is" in error["message"]
    assert f"{option} of the machine is 100 mm" in error["message"]


def test_drawn_nails_come_before_computed_ones_unless_the_options_say_otherwise(api, factory):
    counts = {}
    for source in ("both", "drawn", "computed"):
        _, data = made(api, factory.payload("panel_wup", meta={"nail_source": source}))
        counts[source] = sum(read_wup(content).program.nail_count for content in files_of(data).values())
    assert counts["both"] == counts["drawn"] != counts["computed"]
