import uuid

import pytest

from fabwright.server.reports import publishing
from fabwright.server.reports.models import Report, Version
from fabwright.server.reports.publishing import fail, publish, show_progress, take_up
from fabwright.server.reports.services import reports_launch

pytestmark = pytest.mark.django_db
FILE = {
    "name": "a.zip",
    "short_name": "a.zip",
    "key": f"{uuid.uuid4()}/k/a.zip",
    "size": 3,
    "sha256": "0" * 64,
    "sources": [],
}


@pytest.fixture
def version(api, factory) -> Version:
    from fabwright.server.common.models import User

    reports_launch(company=factory.company, user=User.objects.get(), data=[factory.payload()])
    return Version.objects.get()


def test_a_version_is_published_once(version):
    claim = take_up(version.pk)
    assert publish(claim, **FILE)
    assert not publish(claim, **{**FILE, "name": "b.zip"})
    version.refresh_from_db()
    assert (version.status, version.name, version.attempt) == ("ready", "a.zip", 1)
    assert Report.objects.get().document_status == "ready"


def test_whoever_was_overtaken_publishes_nothing(version):
    slow = take_up(version.pk)
    fast = take_up(version.pk)
    assert not publish(slow, **{**FILE, "name": "slow.zip"})
    assert not fail(slow, code="x", message="too late")
    assert publish(fast, **FILE)
    version.refresh_from_db()
    assert version.name == "a.zip"


def test_a_finished_version_is_not_taken_up_again(version):
    publish(take_up(version.pk), **FILE)
    assert take_up(version.pk) is None
    assert take_up(uuid.uuid4()) is None


def test_progress_shows_while_it_runs_and_not_after(version):
    claim = take_up(version.pk)
    show_progress(claim, 42.0, "cutting")
    version.refresh_from_db()
    assert (version.progress, version.note) == (42.0, "cutting")
    publish(claim, **FILE)
    show_progress(claim, 50.0, "too late")
    version.refresh_from_db()
    assert (version.progress, version.note) == (100.0, "")


def test_a_failure_tells_why(version, api):
    fail(take_up(version.pk), code="unsupported", message="stud S1: a dovetail has no certain key")
    report = api.get(f"/api/v2/reports/{Report.objects.get().pk}/").json()
    assert report["document_status"] == "error"
    assert report["meta"]["error"]["message"] == "stud S1: a dovetail has no certain key"
    assert report["last_file"]["presigned_url"] is None


def test_what_kills_every_worker_is_given_up(version, monkeypatch):
    from fabwright.server.reports.jobs import make_version

    Version.objects.update(attempt=publishing.MOST_ATTEMPTS)
    make_version(version=str(version.pk))
    version.refresh_from_db()
    assert version.status == "error"
    assert "workers died" in version.error["message"]
