"""Inspection through the API: from scanned geometry to verdict, report, statistics."""

import csv
import io
import json
from typing import Any

import numpy as np
import pdfplumber
import pytest

from fabwright.formats.mesh import write_stl
from fabwright.server.quality import inspections
from fabwright.server.quality.jobs import inspect_scan
from fabwright.server.quality.models import InspectionReport, Measured
from tests.metrology.metrology_parts import bracket, place, pose, scan, write_ply
from tests.server.checking import Api, file, stl

BRACKET = bracket()
STRICT = [{"metric": "deviation_rms_mm", "max": 0.001}]


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """The inspections that were asked for and wait for a worker."""
    waiting: list[dict[str, str]] = []
    monkeypatch.setattr(inspect_scan, "defer", lambda **values: waiting.append(values) or 0)
    return waiting


@pytest.fixture
def tray(api: Api) -> Api:
    api.post("model/", {"id": "cube", "geometry": file("bracket.stl", write_stl(BRACKET))}, form=True)
    api.put("part/", [api.part("bracket", copies=50)])
    api.post("batch/", {"id": "240", "title": "Tray", "query": "id=bracket"})
    return api


def scanned(api: Api, *, assigned: bool = True) -> str:
    uuid = api.scan(api.session(), cameras=2)
    if assigned:
        api.assign(uuid, "bracket")
    return uuid


def points(piece: Any = BRACKET, seed: int = 1, count: int = 40_000) -> bytes:
    return write_ply(place(pose(seed), scan(piece, count, seed=seed)))


def ask(api: Api, scan_uuid: str, data: bytes, *, code: int = 202, name: str = "piece.ply", **more: str) -> Any:
    return api.post(f"scan/{scan_uuid}/inspect/", {"geometry": file(name, data), **more}, code=code, form=True)


def inspected(api: Api, runs: list[dict[str, str]], data: bytes, scan_uuid: str = "", **more: str) -> Any:
    """Asks for an inspection, has it carried out, and returns the report."""
    answer = ask(api, scan_uuid or scanned(api), data, **more)
    assert answer["status"] == "waiting"
    api.get(f"inspection_report/{answer['inspection_report']}/", code=404)
    inspect_scan.func(**runs.pop())
    return api.get(f"inspection_report/{answer['inspection_report']}/")


def verdict(api: Api, report: dict[str, Any]) -> tuple[bool | None, bool, bool | None]:
    shown = api.get(f"scan/{report['scan']}/")
    assert shown["inspectionreport"] == report["uuid"]
    return shown["qc_machine"], shown["qc_needs_review"], shown["qc_pass"]


def text_of(pdf: bytes) -> str:
    with pdfplumber.open(io.BytesIO(pdf)) as document:
        return "\n".join(page.extract_text() for page in document.pages)


def test_a_good_piece_passes_and_everything_about_it_can_be_read(tray: Api, runs: list[dict[str, str]]) -> None:
    report = inspected(tray, runs, points())
    assert verdict(tray, report) == (True, False, True)
    assert report["metrics"]["coverage"] > 0.98
    assert report["metrics"]["share_within_tolerance"] > 0.99
    assert all(finding["passed"] is not False for finding in report["findings"])
    assert (report["reasons"], report["geometry_name"], report["part"]) == ([], "piece.ply", "bracket")
    (told,) = tray.told("scan.quality_control")
    assert (told["qc_pass"], told["inspectionreport"]) == (True, report["uuid"])
    assert tray.client.get(report["glb"].removeprefix("http://testserver")).getvalue().startswith(b"glTF")
    assert [shown["name"] for shown in report["pictures"]] == [
        "front left, above", "back right, above", "above", "below",
    ]  # fmt: skip
    picture = tray.client.get(report["pictures"][0]["url"].removeprefix("http://testserver"))
    assert picture.getvalue().startswith(b"\x89PNG")
    measurement = tray.get(f"inspection_report/{report['uuid']}/measurement/")
    assert measurement["trace"]["scan_points"] == 40_000
    answer = tray.client.get(report["pdf_url"], HTTP_ACCEPT="application/json")
    text = text_of(answer.content)
    for said in ("passed", "Bracket (bracket)", "Tray (240)", report["scan"], "share_within_tolerance", "Photos"):
        assert said in text


def test_a_defect_fails_and_is_found_where_it_is(tray: Api, runs: list[dict[str, str]]) -> None:
    report = inspected(tray, runs, points(bracket(bore=0)))
    assert verdict(tray, report) == (False, False, False)
    assert any(reason.startswith("failed: extra_height_mm") for reason in report["reasons"])
    regions = tray.get(f"inspection_report/{report['uuid']}/measurement/")["regions"]
    assert regions[0]["depth_mm"] > 1
    assert regions[0]["place_mm"][:2] == pytest.approx([15, 20], abs=1)
    assert tray.get("batch/240/")["counts"]["failed"] == 1


def test_another_profile_judges_what_was_measured_without_measuring(tray: Api, runs: list[dict[str, str]]) -> None:
    report = inspected(tray, runs, points())
    strict = tray.post("inspection_profile/", {"title": "Strict", "review": "NEVER", "criteria": STRICT})
    shown = tray.post(f"scan/{report['scan']}/evaluate/", {"inspection_profile": strict["uuid"]}, code=200)
    assert (shown["qc_machine"], shown["qc_needs_review"], shown["qc_pass"]) == (False, False, False)
    assert len(tray.told("scan.quality_control")) == 2
    again = tray.get(f"inspection_report/{report['uuid']}/")
    assert (again["inspection_profile"], again["profile_version"]) == (strict["uuid"], "1")
    assert again["metrics"] == report["metrics"]


def test_what_was_measured_here_keeps_its_numbers_but_may_get_another_profile(
    tray: Api, runs: list[dict[str, str]]
) -> None:
    report = inspected(tray, runs, points())
    address = f"inspection_report/{report['uuid']}/"
    assert "measured here" in str(tray.patch(address, {"metrics": {"rms_mm": 0}}, code=400)["metrics"])
    strict = tray.post("inspection_profile/", {"title": "Strict", "review": "NEVER", "criteria": STRICT})
    shown = tray.put(address, {"metrics": report["metrics"], "inspection_profile": strict["uuid"]})
    assert (shown["inspection_profile"], shown["metrics"]) == (strict["uuid"], report["metrics"])
    assert tray.get(f"scan/{report['scan']}/")["qc_pass"] is False


def test_the_tolerance_of_the_profile_is_that_of_the_share(tray: Api, runs: list[dict[str, str]]) -> None:
    report = inspected(tray, runs, points())
    criteria = [{"metric": "share_within_tolerance", "min": 0.9}]
    tight = tray.post("inspection_profile/", {"title": "Tight", "tolerance_mm": 0.02, "criteria": criteria})
    tray.post(f"scan/{report['scan']}/evaluate/", {"inspection_profile": tight["uuid"]}, code=200)
    share = tray.get(f"inspection_report/{report['uuid']}/")["metrics"]["share_within_tolerance"]
    assert share < 0.7 < report["metrics"]["share_within_tolerance"]


def test_the_profile_is_the_one_asked_for_then_the_parts_then_the_materials_then_the_default(
    tray: Api, runs: list[dict[str, str]]
) -> None:
    def make(title: str, **more: Any) -> str:
        return str(tray.post("inspection_profile/", {"title": title, "criteria": STRICT, **more})["uuid"])

    default = make("Default")
    tray.patch("settings/", {"default_inspection_profile": default})
    bad = b"ply\n"
    assert inspected(tray, runs, bad)["inspection_profile"] == default
    material = make("Material", materials=["PA12", "PA11"])
    assert inspected(tray, runs, bad)["inspection_profile"] == material
    part = make("Part", parts=["bracket"])
    assert inspected(tray, runs, bad)["inspection_profile"] == part
    assert inspected(tray, runs, bad, inspection_profile=default)["inspection_profile"] == default


CANNOT = {
    "empty": (b"", "cannot be read"),
    "NaN": (write_ply(np.full((2000, 3), np.nan)), "cannot be read"),
    "truncated": (points()[:20_000], "cannot be read"),
    "inches": (write_ply(scan(BRACKET, 20_000) / 25.4), "inches"),
    "half": (write_ply((p := scan(BRACKET, 40_000))[p[:, 0] < 28]), "covers"),
    "mirrored": (write_ply(scan(BRACKET, 40_000) * [1, -1, 1]), "mirror"),
}


@pytest.mark.parametrize("kind", CANNOT)
def test_what_cannot_be_judged_needs_review_and_says_why(tray: Api, runs: list[dict[str, str]], kind: str) -> None:
    data, why = CANNOT[kind]
    lax = {"title": "Lax", "review": "NEVER", "criteria": [{"metric": "outlier_share", "max": 1}]}
    report = inspected(tray, runs, data, inspection_profile=tray.post("inspection_profile/", lax)["uuid"])
    assert verdict(tray, report) == (None, True, None)
    assert report["reasons"][0].startswith("could not judge: ")
    assert why in report["reasons"][0]
    assert "could not judge" in text_of(tray.client.get(report["pdf_url"]).content)
    tray.patch(f"scan/{report['scan']}/", {"qc_operator": True})
    assert verdict(tray, report) == (None, False, True)


def test_a_wrong_request_is_refused_by_field(tray: Api, runs: list[dict[str, str]]) -> None:
    uuid = scanned(tray)
    assert "geometry" in tray.post(f"scan/{uuid}/inspect/", {}, code=400)
    assert "geometry" in ask(tray, uuid, b"x", name="piece.exe", code=400)
    assert "inspection_profile" in ask(tray, uuid, b"x", inspection_profile="x", code=400)
    assert "inspection_profile" in ask(tray, uuid, b"x", inspection_profile=uuid, code=400)
    assert "not assigned" in ask(tray, scanned(tray, assigned=False), b"x", code=409)["detail"]
    tray.post(f"scan/{uuid}/archive/", code=200)
    ask(tray, uuid, b"x", code=409)
    assert runs == []


def test_a_job_that_runs_twice_publishes_once(tray: Api, runs: list[dict[str, str]]) -> None:
    ask(tray, scanned(tray), b"ply\n")
    inspect_scan.func(**runs[0])
    inspect_scan.func(**runs[0])
    assert InspectionReport.objects.count() == 1
    assert len(tray.told("scan.quality_control")) == 1


def test_inspecting_again_replaces_the_report_and_the_newest_request_wins(
    tray: Api, runs: list[dict[str, str]], blobs_of_its_own: Any
) -> None:
    uuid = scanned(tray)
    first, second = ask(tray, uuid, b"ply\n"), ask(tray, uuid, b"ply\n")
    inspect_scan.func(**runs[1])
    inspect_scan.func(**runs[0])
    assert tray.get(f"scan/{uuid}/")["inspectionreport"] == second["inspection_report"]
    tray.get(f"inspection_report/{first['inspection_report']}/", code=404)
    assert Measured.objects.count() == 1
    stored = {path.parent.name for path in blobs_of_its_own.rglob("geometry.ply*")}
    assert stored == {second["inspection_report"]}


def scanned_among_others(api: Api) -> str:
    """The scan of a bracket out of a tray that holds a part of another model too."""
    api.post("model/", {"id": "plain", "geometry": file("plain.stl", stl())}, form=True)
    api.put("part/", [{"id": "block", "title": "Block", "copies": 50, "model": "plain", "material": "PA12"}])
    api.post("batch/", {"id": "241", "title": "Tray", "query": "id=bracket|id=block"})
    uuid = api.scan(api.session("241"), cameras=2)
    api.assign(uuid, "bracket")
    return uuid


def test_a_piece_that_turns_out_to_be_another_part_does_not_pass_by_what_was_measured_before(
    tray: Api, runs: list[dict[str, str]]
) -> None:
    uuid = scanned_among_others(tray)
    report = inspected(tray, runs, points(), uuid)
    assert verdict(tray, report) == (True, False, True)
    row = tray.get(f"scan_assignment/?scan={uuid}")["results"][0]
    tray.patch(f"scan_assignment/{row['uuid']}/", {"part": "block"})
    assert verdict(tray, report) == (True, True, None)
    assert [told["qc_pass"] for told in tray.told("scan.quality_control")] == [True, None]
    tray.patch(f"scan_assignment/{row['uuid']}/", {"part": "bracket"})
    assert verdict(tray, report) == (True, False, True)


def test_an_operators_word_stays_when_the_piece_turns_out_to_be_another_part(
    tray: Api, runs: list[dict[str, str]]
) -> None:
    uuid = scanned_among_others(tray)
    report = inspected(tray, runs, points(), uuid)
    tray.patch(f"scan/{uuid}/", {"qc_operator": True})
    row = tray.get(f"scan_assignment/?scan={uuid}")["results"][0]
    tray.patch(f"scan_assignment/{row['uuid']}/", {"part": "block"})
    assert verdict(tray, report) == (True, False, True)


def test_a_piece_that_is_no_part_any_more_does_not_pass(tray: Api, runs: list[dict[str, str]]) -> None:
    uuid = scanned(tray)
    report = inspected(tray, runs, points(), uuid)
    tray.delete(f"scan_assignment/?scan={uuid}")
    assert verdict(tray, report) == (True, True, None)


def test_a_piece_that_becomes_another_part_while_it_is_measured_does_not_pass(
    tray: Api, runs: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    uuid = scanned_among_others(tray)
    row = tray.get(f"scan_assignment/?scan={uuid}")["results"][0]
    store_files = inspections.store_files

    def meanwhile(*given: Any) -> Any:
        tray.patch(f"scan_assignment/{row['uuid']}/", {"part": "block"})
        return store_files(*given)

    monkeypatch.setattr(inspections, "store_files", meanwhile)
    report = inspected(tray, runs, points(), uuid)
    assert verdict(tray, report) == (True, True, None)


def test_an_inspection_of_a_scan_that_is_gone_leaves_nothing(
    tray: Api, runs: list[dict[str, str]], blobs_of_its_own: Any
) -> None:
    uuid = scanned(tray)
    ask(tray, uuid, b"ply\n")
    tray.delete(f"scan/{uuid}/")
    inspect_scan.func(**runs[0])
    assert InspectionReport.objects.count() == 0
    assert list(blobs_of_its_own.rglob("geometry.ply*")) == []


@pytest.mark.django_db(transaction=True)
def test_a_deleted_report_takes_its_files_along(tray: Api, runs: list[dict[str, str]], blobs_of_its_own: Any) -> None:
    report = inspected(tray, runs, points(count=5000))
    assert list(blobs_of_its_own.rglob("deviation.glb"))
    tray.delete(f"inspection_report/{report['uuid']}/")
    assert list(blobs_of_its_own.rglob("deviation.glb")) == []
    assert tray.get(f"scan/{report['scan']}/")["qc_pass"] is None


PLAN = {
    "features": [
        {
            "name": "bore", "type": "hole", "at": [15, 20, 3], "axis": [0, 0, 1], "diameter": 8,
            "lower": -0.1, "upper": 0.1,
        }
    ]
}  # fmt: skip


def test_a_plan_in_json_is_measured_and_judged(tray: Api, runs: list[dict[str, str]]) -> None:
    plan = {"title": "Plan", "file": file("plan.json", json.dumps(PLAN).encode())}
    template = tray.post("metrology_template/", plan, form=True)
    assert template["is_plan"] is True
    tray.patch("part/bracket/", {"metrology_template": template["uuid"]})
    report = inspected(tray, runs, points(bracket(bore=8.4)))
    bore = report["metrology_data"]["bore"]
    assert (bore["nominal"], bore["passed"]) == (8, False)
    assert bore["actual"] == pytest.approx(8.4, abs=0.05)
    assert verdict(tray, report)[0] is False
    assert "bore" in text_of(tray.client.get(report["pdf_url"]).content)


def test_a_plan_that_is_none_is_refused_with_its_place(api: Api) -> None:
    wrong = json.dumps({"features": [{"name": "a", "type": "sphere"}]}).encode()
    answer = api.post("metrology_template/", {"file": file("plan.json", wrong)}, code=400, form=True)
    assert "features[0].type" in answer["file"][0]
    assert api.get("metrology_template/")["count"] == 0


def test_a_file_of_another_program_is_kept_and_the_report_says_that_it_was_not_measured(
    tray: Api, runs: list[dict[str, str]]
) -> None:
    template = tray.post("metrology_template/", {"file": file("plan.xvgt", b"\x00opaque")}, form=True)
    assert template["is_plan"] is False
    tray.patch("part/bracket/", {"metrology_template": template["uuid"]})
    report = inspected(tray, runs, points(count=5000))
    assert report["metrology_data"] is None
    warnings = tray.get(f"inspection_report/{report['uuid']}/measurement/")["trace"]["warnings"]
    assert "plan.xvgt" in warnings[-1]


def test_a_layout_is_previewed_and_a_mistake_points_at_its_line(tray: Api, runs: list[dict[str, str]]) -> None:
    report = inspected(tray, runs, points(count=5000))
    layout = "#let data = json(bytes(sys.inputs.data))\n= Own #data.part\n#image(data.views.at(0).file)"
    template = tray.post("report_template/", {"title": "Own", "content": layout})["uuid"]
    body = {"inspection_report": report["uuid"]}
    answer = tray.client.post(f"/api/report_template/{template}/preview/", body, format="json")
    assert "Own bracket" in text_of(answer.content)
    answer = tray.client.post(f"/api/report_template/{template}/preview/", {}, format="json")
    assert "Own sample" in text_of(answer.content)
    wrong = tray.post("report_template/preview/", {"content": "= Own\n\n  #verdikt"}, code=400)
    assert wrong == {"content": ["line 3, column 3: unknown variable: verdikt"]}
    assert "content" in tray.post("report_template/preview/", {}, code=400)
    tray.post("report_template/preview/", {"content": "a", "inspection_report": template}, code=400)


def test_a_layout_that_names_what_there_is_not_is_not_stored(api: Api) -> None:
    start = "#let data = json(bytes(sys.inputs.data))\n"
    wrong = api.post("report_template/", {"title": "Own", "content": f"{start}#data.verdikt"}, code=400)
    assert wrong["content"][0].startswith("line 2, column")
    assert "verdikt" in wrong["content"][0]
    assert api.get("report_template/")["count"] == 0
    template = api.post("report_template/", {"title": "Own", "content": f"{start}#data.state"})["uuid"]
    wrong = api.patch(f"report_template/{template}/", {"content": "#nothing"}, code=400)
    assert wrong == {"content": ["line 1, column 1: unknown variable: nothing"]}
    assert api.get(f"report_template/{template}/")["content"].endswith("#data.state")
    many = [{"title": "a", "content": "good"}, {"title": "b", "content": "#bad"}]
    assert [bool(row) for row in api.post("report_template/", many, code=400)] == [False, True]


def test_a_layout_may_name_metrics_of_another_machine_once_a_report_has_them(tray: Api) -> None:
    layout = '#let data = json(bytes(sys.inputs.data))\n#data.metrics.find(row => row.name == "rms_mm").value'
    assert "content" in tray.post("report_template/", {"title": "Own", "content": layout}, code=400)
    pieces(tray, [0.5])
    tray.post("report_template/", {"title": "Own", "content": layout})


@pytest.mark.parametrize("reach", ['read("/etc/passwd")', 'read("../data.json")', 'import "@preview/cetz:0.3.4": *'])
def test_a_layout_reaches_neither_files_nor_packages(api: Api, reach: str) -> None:
    wrong = api.post("report_template/preview/", {"content": f"= Own\n#{reach}"}, code=400)
    assert wrong["content"][0].startswith("line 2")


def test_our_layout_can_be_previewed_as_a_start_for_an_own_one(api: Api) -> None:
    from fabwright.metrology.report import default_template

    answer = api.client.post("/api/report_template/preview/", {"content": default_template()}, format="json")
    assert answer.status_code == 200, answer.content
    assert "share_within_tolerance" in text_of(answer.content)


def pieces(api: Api, values: list[float], **more: Any) -> list[str]:
    """Scans with reports of another machine."""
    profile = api.post("inspection_profile/", {"title": "P", "criteria": [{"metric": "rms_mm", "min": 0, "max": 1}]})
    found = []
    for value in values:
        uuid = scanned(api)
        body = {"scan": uuid, "metrics": {"rms_mm": value}, "inspection_profile": profile["uuid"]}
        found.append(api.post("inspection_report/", body)["uuid"])
    return found


def test_a_summary_states_capability_and_the_pieces_that_stand_out(tray: Api) -> None:
    values = [0.4, 0.5, 0.6, 0.5, 0.4, 0.6, 0.5, 2.0]
    reports = pieces(tray, values)
    summary = tray.get("quality/summary/?part=bracket&batch=240")
    assert (summary["count"], summary["passed"], summary["needs_review"]) == (8, 7, 1)
    (metric,) = summary["metrics"]
    sigma = np.std(values, ddof=1)
    assert metric["cp"] == pytest.approx(1 / (6 * sigma))
    assert metric["cpk"] == pytest.approx((1 - np.mean(values)) / (3 * sigma))
    assert [row["value"] for row in metric["chart"]["values"]] == values
    assert metric["chart"]["outside"] == [reports[-1]]
    assert summary["parts"] == [
        {"id": "bracket", "count": 8, "passed": 7, "failed": 0, "needs_review": 1, "not_judged": 0}
    ]
    assert tray.get("quality/summary/?part=other")["count"] == 0
    assert "prt" in tray.get("quality/summary/?prt=x", code=400)


def test_pieces_judged_with_different_tolerances_are_compared_within_one(tray: Api, runs: list[dict[str, str]]) -> None:
    reports = [inspected(tray, runs, points(seed=seed)) for seed in (1, 2)]
    wide = reports[0]["metrics"]["share_within_tolerance"]
    criteria = [{"metric": "share_within_tolerance", "min": 0.1}]
    strict = tray.post("inspection_profile/", {"title": "S", "tolerance_mm": 0.05, "criteria": criteria})["uuid"]
    tray.post(f"scan/{reports[1]['scan']}/evaluate/", {"inspection_profile": strict}, code=200)
    narrow = tray.get(f"inspection_report/{reports[1]['uuid']}/")["metrics"]["share_within_tolerance"]
    assert narrow < 0.75 < 0.99 < wide
    summary = tray.get("quality/summary/?part=bracket")
    assert summary["tolerance_mm"] == 0.05
    (share,) = (row for row in summary["metrics"] if row["metric"] == "share_within_tolerance")
    assert (share["least"], share["greatest"]) == (pytest.approx(narrow, abs=0.02), pytest.approx(narrow, abs=0.02))
    answer = tray.client.get("/api/quality/summary/csv/?part=bracket").content.decode()
    lines = list(csv.DictReader(io.StringIO(answer)))
    assert [line["tolerance_mm"] for line in lines] == ["0.05", "0.05"]
    assert float(lines[0]["share_within_tolerance"]) == share["chart"]["values"][0]["value"] < 0.75
    # what the piece was judged by stays as it was
    kept = tray.get(f"inspection_report/{reports[0]['uuid']}/")["metrics"]["share_within_tolerance"]
    assert kept == wide


def test_a_scan_that_could_not_be_judged_is_counted_but_in_no_statistics(tray: Api, runs: list[dict[str, str]]) -> None:
    good = inspected(tray, runs, points(seed=1))
    half = scan(BRACKET, 40_000, seed=2)
    half = half[half[:, 0] < 30]
    inspected(tray, runs, write_ply(place(pose(2), half)))
    summary = tray.get("quality/summary/?part=bracket")
    assert (summary["count"], summary["passed"], summary["needs_review"]) == (2, 1, 1)
    assert {row["count"] for row in summary["metrics"]} == {1}
    (coverage,) = (row for row in summary["metrics"] if row["metric"] == "coverage")
    assert coverage["mean"] == good["metrics"]["coverage"]


def test_a_summary_shows_where_pieces_deviate_on_average(tray: Api, runs: list[dict[str, str]]) -> None:
    for seed in (1, 2):
        inspected(tray, runs, points(bracket(boss=5.4), seed=seed))
    (region, *_) = tray.get("quality/summary/?part=bracket")["worst_regions"]
    assert region["pieces"] == 2
    assert region["mean_mm"] == pytest.approx(0.4, abs=0.05)
    assert region["place_mm"] == pytest.approx([45, 24, 12], abs=1)


def test_the_pieces_are_given_as_csv(tray: Api) -> None:
    reports = pieces(tray, [0.5, 2.0])
    answer = tray.client.get("/api/quality/summary/csv/?part=bracket")
    assert answer["Content-Type"].startswith("text/csv")
    head, *lines = answer.content.decode().splitlines()
    assert head.startswith("scan,inspection_report,scanned,part")
    assert head.endswith("profile,tolerance_mm,rms_mm")
    assert [line.split(",")[1] for line in lines] == reports
    assert lines[1].endswith(",2.0")
