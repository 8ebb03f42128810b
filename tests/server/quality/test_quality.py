"""Quality through the API: verdicts on scans, reports, profiles, templates, settings, notices."""

import io

import pdfplumber
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.server.checking import Api, file


@pytest.fixture
def scanned(api: Api) -> tuple[Api, str]:
    api.tray(api.part("bus", copies=5))
    api.put("quality_control_reason_category/", [{"id": "shape", "title": "Shape", "order": 1}])
    api.put("quality_control_reason/", [{"id": "warped", "title": "Warped", "category": "shape"}, {"id": "torn"}])
    scan = api.scan(api.session())
    api.assign(scan, "bus")
    return api, scan


def profile(api: Api, limit: float, **more: str) -> str:
    body = {"title": f"Up to {limit}", "criteria": [{"metric": "rms_mm", "max": limit}], **more}
    return str(api.post("inspection_profile/", body)["uuid"])


def verdict(api: Api, scan: str) -> tuple[bool | None, bool | None, bool, bool | None]:
    shown = api.get(f"scan/{scan}/")
    return shown["qc_machine"], shown["qc_operator"], shown["qc_needs_review"], shown["qc_pass"]


def test_the_operators_verdict_is_stored_and_told_once(scanned: tuple[Api, str]) -> None:
    api, scan = scanned
    word = {"qc_operator": False, "qc_comment": "bent", "qc_reasons": ["warped", "torn"]}
    shown = api.patch(f"scan/{scan}/", word)
    assert (shown["qc_pass"], shown["qc_comment"], sorted(shown["qc_reasons"])) == (False, "bent", ["torn", "warped"])
    api.patch(f"scan/{scan}/", word)
    (told,) = api.told("scan.quality_control")
    assert told["qc_pass"] is False
    assert api.get("batch/240/")["counts"]["failed"] == 1
    assert api.patch(f"scan/{scan}/", {"qc_operator": None, "qc_reasons": []})["qc_pass"] is None


def test_an_unknown_reason_or_a_wrong_verdict_is_refused(scanned: tuple[Api, str]) -> None:
    api, scan = scanned
    assert "qc_reasons" in api.patch(f"scan/{scan}/", {"qc_reasons": ["nope"]}, code=400)
    assert "qc_operator" in api.patch(f"scan/{scan}/", {"qc_operator": "yes"}, code=400)
    assert api.told("scan.quality_control") == []


def test_many_scans_are_judged_at_once(scanned: tuple[Api, str]) -> None:
    api, first = scanned
    second = api.scan(api.session())
    rows = api.put("scan/", [{"uuid": second, "qc_operator": True}, {"uuid": first, "qc_operator": False}])
    assert [(row["uuid"], row["qc_pass"]) for row in rows] == [(second, True), (first, False)]
    unknown = "00000000-0000-0000-0000-000000000000"
    assert "uuid" in api.put("scan/", [{"uuid": unknown, "qc_operator": True}], code=400)[0]


def test_a_report_judges_its_scan_by_the_default_profile(scanned: tuple[Api, str]) -> None:
    api, scan = scanned
    api.patch("settings/", {"default_inspection_profile": profile(api, 0.2)})
    report = api.post("inspection_report/", {"scan": scan, "metrics": {"rms_mm": 0.1}})
    assert (report["part"], report["scan"], report["findings"][0]["passed"]) == ("bus", scan, True)
    assert verdict(api, scan) == (True, None, False, True)
    assert [row["uuid"] for row in api.get(f"inspection_report/?scan={scan}")["results"]] == [report["uuid"]]
    assert api.told("scan.quality_control")[0]["inspectionreport"] == report["uuid"]
    api.post("inspection_report/", {"scan": scan, "metrics": {}}, code=409)


def test_a_stricter_profile_turns_the_verdict_and_the_operator_overrides_it(scanned: tuple[Api, str]) -> None:
    api, scan = scanned
    api.post("inspection_report/", {"scan": scan, "metrics": {"rms_mm": 0.1}, "inspection_profile": profile(api, 0.2)})
    strict = profile(api, 0.05)
    api.post(f"scan/{scan}/evaluate/", {"inspection_profile": strict}, code=200)
    assert verdict(api, scan) == (False, None, True, None)
    api.patch(f"scan/{scan}/", {"qc_operator": True})
    assert verdict(api, scan) == (False, True, False, True)
    api.post(f"scan/{scan}/evaluate/", {"inspection_profile": strict}, code=200)
    assert verdict(api, scan) == (False, True, False, True)
    assert len(api.told("scan.quality_control")) == 4


def test_a_scan_without_a_report_cannot_be_evaluated(scanned: tuple[Api, str]) -> None:
    api, scan = scanned
    api.post(f"scan/{scan}/evaluate/", {"inspection_profile": profile(api, 1)}, code=409)
    api.post(f"scan/{scan}/evaluate/", {}, code=400)
    api.post(f"scan/{scan}/evaluate/", {"inspection_profile": scan}, code=400)


def test_a_deleted_report_takes_the_machines_word_back(scanned: tuple[Api, str]) -> None:
    api, scan = scanned
    body = {"scan": scan, "metrics": {"rms_mm": 0.1}, "inspection_profile": profile(api, 0.2)}
    report = api.post("inspection_report/", body)
    api.delete(f"inspection_report/{report['uuid']}/")
    assert verdict(api, scan) == (None, None, False, None)
    api.post("inspection_report/", body)


def test_a_corrected_report_judges_its_scan_anew_and_a_repeated_one_tells_nothing(scanned: tuple[Api, str]) -> None:
    api, scan = scanned
    body = {"scan": scan, "metrics": {"rms_mm": 0.3}, "inspection_profile": profile(api, 0.2)}
    report = api.post("inspection_report/", body)
    assert verdict(api, scan) == (False, None, True, None)
    shown = api.patch(f"inspection_report/{report['uuid']}/", {"metrics": {"rms_mm": 0.1}})
    assert shown["findings"][0]["value"] == 0.1
    assert verdict(api, scan) == (True, None, False, True)
    told = len(api.told("scan.quality_control"))
    same = {"uuid": report["uuid"], "scan": scan, "metrics": {"rms_mm": 0.1}}
    assert api.put(f"inspection_report/{report['uuid']}/", same)["modified"] == shown["modified"]
    assert len(api.told("scan.quality_control")) == told
    strict = api.patch(f"inspection_report/{report['uuid']}/", {"inspection_profile": profile(api, 0.05)})
    assert strict["metrics"] == {"rms_mm": 0.1}
    assert verdict(api, scan) == (False, None, True, None)


def test_a_list_of_reports_makes_new_ones_and_changes_old_ones(scanned: tuple[Api, str]) -> None:
    api, first = scanned
    second, third = api.scan(api.session()), api.scan(api.session())
    old = api.post("inspection_report/", {"scan": first, "metrics": {"rms_mm": 0.3}})["uuid"]
    name = "6a3b6a2e-6f5c-4b0e-9e0a-2f3b0c1d4e5f"
    rows = [{"uuid": name, "scan": second, "metrics": {"a": 1}}, {"uuid": old, "metrics": {"rms_mm": 0.2}}]
    shown = api.put("inspection_report/", rows)
    assert [(row["uuid"], row["scan"], row["metrics"]) for row in shown] == [
        (name, second, {"a": 1.0}), (old, first, {"rms_mm": 0.2}),
    ]  # fmt: skip
    wrong = [{"uuid": old, "metrics": {"rms_mm": 9}}, {"uuid": old, "metrics": {}}]
    assert "more than once" in str(api.put("inspection_report/", wrong, code=400))
    assert "stays with its scan" in str(api.put("inspection_report/", [{"uuid": old, "scan": third}], code=400))
    assert "metrics" in api.put("inspection_report/", [{"scan": third}], code=400)[0]
    assert "PUT changes it" in str(api.post("inspection_report/", {**rows[0], "scan": third}, code=400))
    api.put("inspection_report/", [{"scan": third, "metrics": {}}, {"scan": third, "metrics": {}}], code=409)
    assert api.get(f"inspection_report/{old}/")["metrics"] == {"rms_mm": 0.2}


def test_a_report_is_read_only_when_its_scan_is_locked(scanned: tuple[Api, str]) -> None:
    """As an evaluation does it: the other way round two writers could wait for each other."""
    api, scan = scanned
    report = api.post("inspection_report/", {"scan": scan, "metrics": {"rms_mm": 0.1}})["uuid"]
    with CaptureQueriesContext(connection) as seen:
        api.put("inspection_report/", [{"uuid": report, "metrics": {"rms_mm": 0.2}}])
    asked = [query["sql"] for query in seen]
    locked = next(n for n, sql in enumerate(asked) if "FOR UPDATE" in sql)
    assert 'FOR UPDATE OF "scanning_scan"' in asked[locked]
    assert locked < next(n for n, sql in enumerate(asked) if 'FROM "quality_inspectionreport"' in sql)


def test_the_report_on_paper_says_what_was_measured(scanned: tuple[Api, str]) -> None:
    api, scan = scanned
    body = {
        "scan": scan, "metrics": {"rms_mm": 0.1234}, "inspection_profile": profile(api, 0.2),
        "metrology_data": [{"name": "bore", "nominal": 5, "actual": 5.02}],
    }  # fmt: skip
    address = api.post("inspection_report/", body)["pdf_url"]
    answer = api.client.get(address, HTTP_ACCEPT="application/json")
    assert answer["Content-Type"] == "application/pdf"
    with pdfplumber.open(io.BytesIO(answer.content)) as pdf:
        text = "\n".join(page.extract_text() for page in pdf.pages)
    for said in ("Inspection report", scan, "Bus", "rms_mm", "0.1234", "bore", "5.02", "passed"):
        assert said in text


def test_a_layout_of_the_users_own_is_used_and_its_mistakes_are_told(scanned: tuple[Api, str]) -> None:
    api, scan = scanned
    report = api.post("inspection_report/", {"scan": scan, "metrics": {"rms_mm": 0.1}})
    layout = "#let data = json(bytes(sys.inputs.data))\nOur layout for #data.part"
    template = api.post("report_template/", {"title": "Ours", "content": layout})["uuid"]
    api.patch("settings/", {"default_report_template": template})
    with pdfplumber.open(io.BytesIO(api.client.get(report["pdf_url"]).content)) as pdf:
        assert "Our layout for bus" in pdf.pages[0].extract_text()
    # right for the sample, wrong for a piece whose metrics are other ones
    only_ours = f'{layout}\n#data.metrics.find(row => row.name == "missing_depth_mm").value'
    api.patch(f"report_template/{template}/", {"content": only_ours})
    assert "line 3" in str(api.client.get(report["pdf_url"]).json())


@pytest.mark.parametrize(
    "criteria",
    [
        [{"metric": "rms"}],
        [{"metric": "rms", "min": 2, "max": 1}],
        [{"metric": "rms", "max": "x"}],
        [{"max": 1}],
        [{"metric": "a", "max": 1, "severity": "x"}],
    ],
)
def test_criteria_that_cannot_judge_are_refused(api: Api, criteria: list[dict[str, object]]) -> None:
    assert "criteria" in api.post("inspection_profile/", {"title": "x", "criteria": criteria}, code=400)


def test_a_measurement_plan_is_kept_as_it_is_and_linked_from_parts(scanned: tuple[Api, str]) -> None:
    api, _ = scanned
    plan = api.post("metrology_template/", {"title": "Plan", "file": file("plan.xvgt", b"\x00\x01")}, form=True)
    assert api.client.get(plan["file"]).content == b"\x00\x01"
    assert api.patch("part/bus/", {"metrology_template": plan["uuid"]})["metrology_template"] == plan["uuid"]
    assert "file" in api.post("metrology_template/", {"title": "none"}, code=400)
    api.delete(f"metrology_template/{plan['uuid']}/")
    assert api.get("part/bus/")["metrology_template"] is None


def test_settings_are_one_and_name_only_what_exists(api: Api) -> None:
    assert api.get("settings/")["default_inspection_profile"] is None
    chosen = profile(api, 1)
    assert api.patch("settings/", {"default_inspection_profile": chosen})["default_inspection_profile"] == chosen
    assert api.patch("settings/", {"default_report_template": None})["default_inspection_profile"] == chosen
    assert "default_report_template" in api.patch("settings/", {"default_report_template": chosen}, code=400)


def test_notices_are_numbered_newest_first(api: Api) -> None:
    first = api.post("notification/", {"title": "Hello", "icon": "fa-bell"})
    second = api.post("notification/", {"title": "Again", "auto_close": False})
    assert [row["id"] for row in api.get("notification/")["results"]] == [second["id"], first["id"]]
    api.delete(f"notification/?id={first['id']}")
    assert api.get("notification/")["count"] == 1
    assert "title" in api.post("notification/", {"body": "x"}, code=400)


def test_a_uuid_of_another_company_is_not_taken_over(api: Api, client_of: object) -> None:
    from fabwright.server.common.models import Company

    other = Api(client_of(Company.objects.create(name="Other")))  # type: ignore[operator]
    foreign = profile(other, 1)
    api.put("inspection_profile/", [{"uuid": foreign, "title": "Mine"}], code=409)
    assert other.get(f"inspection_profile/{foreign}/")["title"] == "Up to 1"
