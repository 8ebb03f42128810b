import json

import pytest

from fabwright.demo.house import build_house
from fabwright.server.common.models import User
from fabwright.server.designs.reading import read_panel
from fabwright.server.designs.revisions import Content, store_contents
from fabwright.server.reports.jobs import make_version
from fabwright.server.reports.models import Version
from fabwright.server.reports.services import reports_launch
from fabwright.server.webhooks.models import Message

pytestmark = pytest.mark.django_db


def events() -> list[tuple[str, dict]]:
    return [(one.event, json.loads(bytes(one.data))) for one in Message.objects.order_by("pk")]


@pytest.fixture
def report(api, factory):
    reports_launch(company=factory.company, user=User.objects.get(), data=[factory.payload()])
    make_version(version=str(Version.objects.get().pk))
    return Version.objects.get().report


def test_subscribers_hear_when_a_report_is_ready(report):
    ((event, data),) = events()
    assert (event, data["uuid"], data["document_status"]) == ("report.ready", str(report.pk), "ready")


def test_subscribers_hear_once_when_a_design_has_changed(report, factory):
    for number, at in enumerate((5, 6), 1):
        design = factory.designs[0]
        design.revision = number
        store_contents([Content(design, read_panel(build_house()[at]), str(number) * 64, [])])
    assert [event for event, _ in events()] == ["report.ready", "report.deprecated"]
    assert events()[1][1]["meta"]["deprecated"] is True


def test_subscribers_hear_why_a_report_failed(api, factory):
    batch = factory.part_batch((factory.assemblies[0], 0))
    payload = factory.payload(selected_assemblies=[], meta={"part_batches": [str(batch.pk)]})
    reports_launch(company=factory.company, user=User.objects.get(), data=[payload])
    make_version(version=str(Version.objects.get().pk))
    ((event, data),) = events()
    assert event == "report.error"
    assert "no plates" in data["meta"]["error"]["message"]
