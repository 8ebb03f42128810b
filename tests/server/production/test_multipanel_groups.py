"""Panels of one batch that go through the machine as one."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient

from fabwright.demo.house import build_house
from fabwright.errors import InputError
from fabwright.server.common.models import Company
from fabwright.server.production.group_checks import Limits, PanelFigures, offsets, run_checks, total_width
from fabwright.server.production.models import Batch, Constructible
from fabwright.server.projects.models import Project
from fabwright.server.reports.models import Report
from fabwright.server.reports.orders import order_of
from tests.factory_rows import Factory, analysed_design, factory_of
from tests.making_helpers import API, get, patch, post

GROUPS = "constructibles/multipanel_groups"
SETTINGS = "constructibles/multipanel_settings"

CHECKS = [
    "minimum_count",
    "maximum_count",
    "priorities",
    "minimum_height",
    "minimum_width",
    "maximum_width",
    "transport_width",
    "same_size",
]


@pytest.fixture
def factory(company: Company) -> Factory:
    """Two walls of the demo house of the same height and thickness."""
    made = factory_of(company, panels=2)
    for axis in "yz":
        assert abs(made.designs[0].metrics[axis] - made.designs[1].metrics[axis]) < 1
    return made


def body_of(factory: Factory, **more: Any) -> dict[str, Any]:
    return {
        "batch": str(factory.batch.pk),
        "name": "G1",
        "assemblies": [str(one.pk) for one in factory.assemblies],
        **more,
    }


def failing(group: dict[str, Any]) -> list[str]:
    return [check["check"] for check in group["checks"] if not check["passed"]]


def test_a_group_shows_where_its_panels_lie_and_all_eight_checks(api: APIClient, factory: Factory) -> None:
    group = post(api, f"{GROUPS}/", body_of(factory, gap=25))
    first, second = (design.metrics["x"] for design in factory.designs)
    assert [check["check"] for check in group["checks"]] == CHECKS
    assert (group["status"], group["locked"], group["gap"]) == ("valid", False, 25)
    assert [panel["offset"] for panel in group["panels"]] == [0, pytest.approx(first + 25)]
    assert group["width"] == pytest.approx(first + 25 + second)
    assert group["project"] == str(factory.project.pk)
    assert group == get(api, f"{GROUPS}/{group['uuid']}/")


def test_a_project_sets_limits_and_the_default_gap(api: APIClient, factory: Factory) -> None:
    address = f"{SETTINGS}/{factory.project.pk}/"
    before = get(api, address)
    assert (before["minimum_count"], before["maximum_width"], before["default_gap"]) == (2, None, 0)
    changed = patch(api, address, {"default_gap": 30, "maximum_transport_width": 100})
    assert changed == get(api, address)
    group = post(api, f"{GROUPS}/", body_of(factory))
    assert (group["gap"], group["status"], failing(group)) == (30, "invalid", ["transport_width"])
    patch(api, address, {"maximum_transport_width": None})
    assert get(api, f"{GROUPS}/{group['uuid']}/")["status"] == "valid"


@pytest.mark.parametrize(
    ("limits", "named"),
    [
        ({"minimum_width": -1}, "minimum_width"),
        ({"minimum_count": 0}, "minimum_count"),
        ({"default_gap": "wide"}, "default_gap"),
        ({"default_gap": None}, "default_gap"),
        ({"default_gap": "nan"}, "default_gap"),
        ({"maximum_width": "inf"}, "maximum_width"),
        ({"minimum_width": 500, "maximum_width": 400}, "maximum_width"),
        ({"minimum_count": 5, "maximum_count": 4}, "maximum_count"),
    ],
)
def test_limits_that_make_no_sense_are_refused(
    api: APIClient, factory: Factory, limits: dict[str, Any], named: str
) -> None:
    assert set(patch(api, f"{SETTINGS}/{factory.project.pk}/", limits, expect=400)) == {named}


@pytest.mark.parametrize(
    ("limits", "fails"),
    [
        ({"minimum_count": 3}, "minimum_count"),
        ({"minimum_count": 1, "maximum_count": 1}, "maximum_count"),
        ({"minimum_height": 9000}, "minimum_height"),
        ({"minimum_width": 90000}, "minimum_width"),
        ({"maximum_width": 10}, "maximum_width"),
        ({"maximum_transport_width": 10}, "transport_width"),
    ],
)
def test_a_group_beyond_a_limit_says_which_and_is_not_locked(
    api: APIClient, factory: Factory, limits: dict[str, Any], fails: str
) -> None:
    patch(api, f"{SETTINGS}/{factory.project.pk}/", limits)
    group = post(api, f"{GROUPS}/", body_of(factory))
    assert (failing(group), group["status"]) == ([fails], "invalid")
    refused = post(api, f"{GROUPS}/{group['uuid']}/lock/", None, expect=409)
    message = next(check["message"] for check in group["checks"] if not check["passed"])
    assert message in refused["detail"]
    assert get(api, f"{GROUPS}/{group['uuid']}/")["locked"] is False


def test_priorities_follow_each_other(api: APIClient, factory: Factory) -> None:
    group = post(api, f"{GROUPS}/", body_of(factory))
    for priorities, fails in (
        ([4, 5], []),
        ([5, 4], ["priorities"]),
        ([4, 6], ["priorities"]),
        ([4, None], ["priorities"]),
    ):
        for assembly, priority in zip(factory.assemblies, priorities, strict=True):
            patch(api, f"constructibles/assemblies/{assembly.pk}/", {"priority": priority})
        assert failing(get(api, f"{GROUPS}/{group['uuid']}/")) == fails


def test_panels_of_other_heights_do_not_go_through_as_one(api: APIClient, factory: Factory) -> None:
    y = factory.designs[0].metrics["y"]
    other = next(panel for panel in build_house() if abs(panel.size[1] - y) > 1)
    design = analysed_design(factory.project, other)
    factory.assemblies[1].design = design
    factory.assemblies[1].save()
    group = post(api, f"{GROUPS}/", body_of(factory))
    assert failing(group) == ["same_size"]


def test_a_panel_that_is_not_analysed_makes_the_group_invalid(api: APIClient, factory: Factory) -> None:
    factory.designs[1].metrics = {}
    factory.designs[1].save()
    group = post(api, f"{GROUPS}/", body_of(factory))
    assert (group["status"], group["width"], group["panels"][1]["height"]) == ("invalid", None, None)


def test_what_cannot_be_in_a_group_is_refused_by_place(api: APIClient, company: Company, factory: Factory) -> None:
    first = factory.assemblies[0]
    strange = str(uuid4())
    wrong = post(api, f"{GROUPS}/", body_of(factory, assemblies=[str(first.pk), str(first.pk), strange]), expect=400)
    assert set(wrong["assemblies"]) == {"1", "2"}
    other = Batch.objects.create(company=company, project=factory.project, name="other")
    assert set(post(api, f"{GROUPS}/", body_of(factory, batch=str(other.pk)), expect=400)["assemblies"]) == {"0", "1"}
    for assemblies in ([], "many", [7]):
        assert set(post(api, f"{GROUPS}/", body_of(factory, assemblies=assemblies), expect=400)) == {"assemblies"}
    post(api, f"{GROUPS}/", body_of(factory, assemblies=[str(first.pk)]))
    taken = post(api, f"{GROUPS}/", body_of(factory, name="G2"), expect=400)
    assert "the group G1 already" in taken["assemblies"]["0"][0]
    assert post(api, f"{GROUPS}/", body_of(factory, gap=-1), expect=400)["gap"]


def test_a_group_is_changed_until_it_is_locked(api: APIClient, company: Company, factory: Factory) -> None:
    group = post(api, f"{GROUPS}/", body_of(factory))
    address = f"{GROUPS}/{group['uuid']}/"
    turned = patch(api, address, {"assemblies": group["assemblies"][::-1], "gap": 5})
    assert (turned["assemblies"], turned["gap"]) == (group["assemblies"][::-1], 5)
    locked = post(api, f"{address}lock/", None, expect=200)
    assert locked["locked"]
    assert locked["locked_at"]
    assert post(api, f"{address}lock/", None, expect=200) == locked
    patch(api, address, {"gap": 6}, expect=409)
    assert api.delete(f"{API}/{address}").status_code == 409
    opened = post(api, f"{address}unlock/", None, expect=200)
    assert (opened["locked"], opened["locked_at"]) == (False, None)
    other = Batch.objects.create(company=company, project=factory.project, name="other")
    assert set(patch(api, address, {"batch": str(other.pk)}, expect=400)) == {"batch"}
    assert api.delete(f"{API}/{address}").status_code == 204
    assert Constructible.objects.count() == 2


def test_a_panel_of_a_locked_group_stays_what_it_is(api: APIClient, factory: Factory) -> None:
    group = post(api, f"{GROUPS}/", body_of(factory))
    panel = f"constructibles/assemblies/{factory.assemblies[0].pk}/"
    assert set(patch(api, panel, {"batch": None}, expect=400)) == {"batch"}
    post(api, f"{GROUPS}/{group['uuid']}/lock/", None, expect=200)
    assert "G1" in patch(api, panel, {"assembly_design": str(factory.designs[1].pk)}, expect=409)["detail"]
    assert "G1" in patch(api, panel, {"priority": 4}, expect=409)["detail"]
    assert api.delete(f"{API}/{panel}").status_code == 409
    patch(api, panel, {"name": "Kitchen wall"})
    post(api, f"{GROUPS}/{group['uuid']}/unlock/", None, expect=200)
    assert api.delete(f"{API}/{panel}").status_code == 204
    assert len(get(api, f"{GROUPS}/{group['uuid']}/")["panels"]) == 1


def test_groups_are_found_by_project_batch_lock_and_panel(api: APIClient, factory: Factory) -> None:
    ones = [
        post(api, f"{GROUPS}/", body_of(factory, name=f"G{place}", assemblies=[str(assembly.pk)]))
        for place, assembly in enumerate(factory.assemblies)
    ]
    patch(api, f"{SETTINGS}/{factory.project.pk}/", {"minimum_count": 1})
    post(api, f"{GROUPS}/{ones[0]['uuid']}/lock/", None, expect=200)
    for query, names in (
        (f"batch={factory.batch.pk}", ["G0", "G1"]),
        (f"project={factory.project.pk}", ["G0", "G1"]),
        (f"project={uuid4()}", []),
        ("locked=true", ["G0"]),
        ("locked=false", ["G1"]),
        (f"assembly={factory.assemblies[1].pk}", ["G1"]),
        ("name=G1", ["G1"]),
    ):
        assert [one["name"] for one in get(api, f"{GROUPS}/?{query}")] == names
    assert set(get(api, f"{GROUPS}/?lock=1", expect=400)) == {"lock"}
    assert get(api, f"{GROUPS}/?page_size=1")["count"] == 2


def test_a_list_of_groups_is_a_fixed_number_of_queries(api: APIClient, factory: Factory) -> None:
    post(api, f"{GROUPS}/", body_of(factory, assemblies=[str(factory.assemblies[0].pk)]))
    with CaptureQueriesContext(connection) as few:
        get(api, f"{GROUPS}/")
    post(api, f"{GROUPS}/", body_of(factory, assemblies=[str(factory.assemblies[1].pk)]))
    with CaptureQueriesContext(connection) as more:
        get(api, f"{GROUPS}/")
    assert len(more) == len(few)


def test_a_foreign_batch_does_not_exist(api: APIClient, company: Company, factory: Factory) -> None:
    other = Company.objects.create(name="Roof Works")
    project = Project.objects.create(company=other, name="theirs")
    batch = Batch.objects.create(company=other, project=project, name="theirs")
    assert set(post(api, f"{GROUPS}/", body_of(factory, batch=str(batch.pk)), expect=400)) == {"batch"}


def report_of(factory: Factory, assemblies: list[Constructible]) -> Report:
    return Report.objects.create(
        company=factory.company,
        project=factory.project,
        name="r",
        document_type="wood_bom",
        selected_assemblies=[one.pk for one in assemblies],
    )


def test_an_order_knows_the_locked_groups_of_its_assemblies(api: APIClient, factory: Factory) -> None:
    group = post(api, f"{GROUPS}/", body_of(factory, gap=20))
    assert order_of(report_of(factory, factory.assemblies))[0].groups == (), "an open group is only a plan"
    post(api, f"{GROUPS}/{group['uuid']}/lock/", None, expect=200)
    order = order_of(report_of(factory, factory.assemblies[::-1]))[0]
    (one,) = order.groups
    assert (str(one.uuid), one.name, one.gap_mm, one.faults) == (group["uuid"], "G1", 20, ())
    assert [str(placed.element) for placed in one.elements] == group["assemblies"], "in the order of the group"
    assert [order.element(placed.element).panel.size[0] for placed in one.elements] == [
        pytest.approx(placed.length_mm, abs=1e-3) for placed in one.elements
    ]
    assert [placed.offset_mm for placed in one.elements] == [panel["offset"] for panel in group["panels"]]
    assert one.length_mm == pytest.approx(group["width"])
    one.check()


def test_a_group_of_which_a_panel_is_not_selected_cannot_be_made_as_one(api: APIClient, factory: Factory) -> None:
    group = post(api, f"{GROUPS}/", body_of(factory))
    post(api, f"{GROUPS}/{group['uuid']}/lock/", None, expect=200)
    (one,) = order_of(report_of(factory, factory.assemblies[:1]))[0].groups
    assert len(one.elements) == 2
    with pytest.raises(InputError, match=rf"G1: {factory.assemblies[1].name} of it is not selected"):
        one.check()


def test_a_locked_group_that_a_limit_has_overtaken_says_so(api: APIClient, factory: Factory) -> None:
    group = post(api, f"{GROUPS}/", body_of(factory))
    post(api, f"{GROUPS}/{group['uuid']}/lock/", None, expect=200)
    patch(api, f"{SETTINGS}/{factory.project.pk}/", {"maximum_width": 50})
    assert get(api, f"{GROUPS}/{group['uuid']}/")["status"] == "invalid"
    (one,) = order_of(report_of(factory, factory.assemblies))[0].groups
    with pytest.raises(InputError, match="at most 50 mm"):
        one.check()


widths = st.lists(st.floats(1, 20_000), min_size=1, max_size=20)


@given(widths=widths, gap=st.floats(0, 500))
def test_panels_lie_one_after_the_other_with_the_gap_between(widths: list[float], gap: float) -> None:
    starts = offsets(widths, gap)
    assert starts[0] == 0
    for before, after, width in zip(starts, starts[1:], widths, strict=False):
        assert after - before - width == pytest.approx(gap, abs=2e-3)
    assert starts[-1] + widths[-1] == pytest.approx(total_width(widths, gap), abs=2e-3)


@given(widths=widths, gap=st.floats(0, 500), limit=st.floats(1, 400_000))
def test_the_transport_check_says_what_the_sum_says(widths: list[float], gap: float, limit: float) -> None:
    panels = [PanelFigures(f"W{place}", None, width, 2500.0, 200.0) for place, width in enumerate(widths)]
    checks = {one.check: one.passed for one in run_checks(panels, gap, Limits(maximum_transport_width=limit))}
    assert list(checks) == CHECKS
    assert checks["transport_width"] == (total_width(widths, gap) <= limit)
    assert checks["minimum_count"] == (len(widths) >= 2)
