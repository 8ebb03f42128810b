"""What a machine or a line must have for a document type is known at launch."""

from typing import Any

from rest_framework.test import APIClient

from fabwright.server.production.models import Machine, Station
from fabwright.server.reports.models import Report
from tests.factory_rows import Factory
from tests.making_helpers import post


def refused(api: APIClient, payload: dict[str, Any]) -> dict[str, Any]:
    (errors,) = post(api, "reports/bulk_launch/", [payload], expect=400)
    assert not Report.objects.exists()
    assert isinstance(errors, dict)
    return errors


def test_a_machine_that_does_not_read_the_type_is_refused(api: APIClient, factory: Factory) -> None:
    saw = str(factory.machines["wood_btl"].pk)
    errors = refused(api, factory.payload("plates_ardis", meta={"machine_uuid": saw}))
    assert errors == {"meta.machine_uuid": ["Saw (hundegger_speed_cut) does not read plates_ardis"]}


def test_a_setup_stored_before_its_options_were_known_is_refused_by_name(api: APIClient, factory: Factory) -> None:
    saw = factory.machines["wood_btl"]
    Machine.objects.filter(pk=saw.pk).update(setup={"wood_btl": {"angle_decimals": 99}})
    errors = refused(api, factory.payload("wood_btl"))
    assert list(errors) == ["meta.angle_decimals"]
    assert "with the setup of Saw" in errors["meta.angle_decimals"][0]
    post(api, "reports/bulk_launch/", [factory.payload("wood_btl", meta={"angle_decimals": 2})])


def test_a_line_whose_machines_do_not_read_the_type_is_refused(api: APIClient, factory: Factory) -> None:
    bridge = Machine.objects.create(company=factory.company, name="Bridge", model="mobi_one")
    Station.objects.create(company=factory.company, line=factory.line, position=0, name="B", machine=bridge)
    meta = {"production_line_uuid": str(factory.line.pk)}
    errors = refused(api, factory.payload("panel_mob2", meta=meta))
    assert errors == {"meta.production_line_uuid": ["none of the machines of Wall line reads panel_mob2"]}
    post(api, "reports/bulk_launch/", [factory.payload("panel_mob1", meta=meta)])


def test_a_wrong_setup_of_the_line_s_machine_is_named(api: APIClient, factory: Factory) -> None:
    setup = {"panel_mob1": {"nail_spacing": 0}}
    bridge = Machine.objects.create(company=factory.company, name="Bridge", model="mobi_one", setup=setup)
    Station.objects.create(company=factory.company, line=factory.line, position=0, name="B", machine=bridge)
    meta = {"production_line_uuid": str(factory.line.pk)}
    errors = refused(api, factory.payload("panel_mob1", meta=meta))
    assert "with the setup of Wall line" in errors["meta.nail_spacing"][0]
