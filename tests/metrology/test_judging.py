"""Profiles, verdicts, plans, statistics, the report and the command."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from fabwright.cli.metrology import metrology
from fabwright.errors import FormatError, InputError
from fabwright.formats.mesh import write_stl
from fabwright.metrology import (
    DEFAULT_PROFILE,
    Reference,
    Verdict,
    evaluate,
    inspect,
    judge,
    read_measurement,
    read_plan,
    read_profile,
    scan_of,
)
from fabwright.metrology.picture import deviation_glb
from fabwright.metrology.report import render_report, report_data
from fabwright.metrology.statistics import capability, mean_map, repeatability, run_chart
from tests.metrology.metrology_parts import bracket, place, pose, scan, write_ply

BRACKET = bracket()
REFERENCE = Reference(BRACKET)


@pytest.fixture(scope="module")
def good():
    return inspect(REFERENCE, scan_of(place(pose(1), scan(BRACKET))))


def profile(**row: object):
    return read_profile({"title": "t", "criteria": [{"metric": "bend_mm", **row}]})


def outcome(value: float | None, uncertainty: float = 0.0, **row: object):
    metrics = {"bend_mm": value, "coverage": 1.0}
    return judge(profile(**row), metrics, {"bend_mm": uncertainty}).verdict


def test_a_value_inside_its_limits_passes():
    assert outcome(0.1, max=0.3).passed is True


def test_a_value_outside_its_limits_fails():
    verdict = outcome(0.4, max=0.3)
    assert verdict.passed is False
    assert verdict.reasons == ("failed: bend_mm is 0.4, at most 0.3 is allowed",)


@pytest.mark.parametrize("value", [0.28, 0.32])
def test_a_value_near_its_limit_needs_review_and_is_no_coin_toss(value: float):
    verdict = outcome(value, max=0.3, guard_band=0.05)
    assert verdict.needs_review
    assert verdict.passed is None


def test_the_measured_uncertainty_widens_the_guard_band():
    assert outcome(0.28, max=0.3).passed is True
    assert outcome(0.28, uncertainty=0.02, max=0.3).passed is None


def test_a_critical_criterion_gives_no_benefit_of_the_doubt():
    assert outcome(0.28, max=0.3, guard_band=0.05, severity="critical").passed is False


def test_a_minor_criterion_never_fails_but_asks():
    verdict = outcome(9.0, max=0.3, severity="minor")
    assert verdict.machine is True
    assert verdict.passed is None


def test_a_metric_that_was_not_measured_never_passes():
    verdict = outcome(None, max=0.3)
    assert verdict.machine is None
    assert verdict.passed is None


def test_an_optional_metric_that_the_shape_does_not_determine_is_left_out():
    rules = read_profile(
        {"criteria": [{"metric": "bend_mm", "max": 0.3, "optional": True}, {"metric": "bow_mm", "max": 0.3}]}
    )
    metrics = {"bend_mm": None, "bow_mm": 0.1, "coverage": 1.0}
    assert judge(rules, metrics, {}).verdict.passed is True


def test_a_profile_of_which_no_criterion_applies_judges_nothing():
    verdict = outcome(None, max=0.3, optional=True)
    assert verdict.machine is None
    assert verdict.needs_review
    assert "no criterion" in verdict.reasons[0]


def test_a_doubt_forbids_a_verdict():
    verdict = judge(profile(max=0.3), {"bend_mm": 0.0, "coverage": 1.0}, {}, doubts=["mirrored"]).verdict
    assert verdict.machine is None
    assert verdict.reasons == ("could not judge: mirrored",)


@given(
    coverage=st.floats(0, 1),
    asked=st.floats(0.01, 1),
    value=st.floats(-1, 1),
    severity=st.sampled_from(["critical", "major", "minor"]),
    review=st.sampled_from(["doubt", "failed", "always"]),
)
def test_a_pass_with_less_coverage_than_asked_is_impossible(
    coverage: float, asked: float, value: float, severity: str, review: str
):
    rules = read_profile(
        {
            "minimum_coverage": asked,
            "review": review,
            "criteria": [{"metric": "bend_mm", "max": 0.3, "severity": severity}],
        }
    )
    verdict = judge(rules, {"bend_mm": value, "coverage": coverage}, {}).verdict
    if coverage < asked:
        assert verdict.machine is None
        assert verdict.passed is None


def test_a_profile_may_ask_for_review_always():
    rules = read_profile({"review": "always", "criteria": [{"metric": "bend_mm", "max": 0.3}]})
    verdict = judge(rules, {"bend_mm": 0.0, "coverage": 1.0}, {}).verdict
    assert verdict.machine is True
    assert verdict.passed is None


def test_the_operator_overrides_the_machine_and_clears_the_review():
    verdict = Verdict(machine=False, needs_review=True).decided_by_operator(True)
    assert verdict.passed is True
    assert not verdict.needs_review


def test_a_new_evaluation_keeps_what_the_operator_decided():
    before = Verdict(machine=True).decided_by_operator(True)
    after = before.judged_again(Verdict(machine=False, needs_review=True))
    assert (after.machine, after.operator, after.passed, after.needs_review) == (False, True, True, False)
    assert before.judged_again(Verdict(machine=False), reset_operator=True).passed is False


def test_nothing_inspected_is_not_judged():
    assert Verdict().passed is None


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"criteria": []}, "profile.criteria"),
        ({"criteria": [{"metric": "beauty", "max": 1}]}, "criteria[0].metric"),
        ({"criteria": [{"metric": "bend_mm"}]}, "criteria[0]"),
        ({"criteria": [{"metric": "bend_mm", "max": "3"}]}, "criteria[0].max"),
        ({"criteria": [{"metric": "bend_mm", "min": 2, "max": 1}]}, "criteria[0]"),
        ({"criteria": [{"metric": "bend_mm", "max": 1, "severity": "bad"}]}, "severity"),
        ({"tolerance_mm": 0}, "tolerance_mm"),
        ({"minimum_coverage": 1.2}, "minimum_coverage"),
        ({"colour": "red"}, "profile"),
    ],
)
def test_a_wrong_profile_is_refused_with_its_place(change: dict[str, object], place: str):
    rules = {"criteria": [{"metric": "bend_mm", "max": 1}], **change}
    with pytest.raises(FormatError) as error:
        read_profile(json.dumps(rules))
    assert place in error.value.where


def test_the_default_profile_survives_a_round_trip():
    assert read_profile(json.dumps(DEFAULT_PROFILE.to_dict())) == DEFAULT_PROFILE


def test_a_good_piece_passes(good):
    assert evaluate(good.measurement, DEFAULT_PROFILE).verdict.passed is True


def test_a_stored_measurement_is_judged_anew_without_measuring(good):
    stored = read_measurement(good.measurement.to_json())
    assert stored == read_measurement(stored.to_json())
    assert evaluate(stored, DEFAULT_PROFILE).verdict.passed is True
    strict = read_profile({"tolerance_mm": 0.02, "criteria": [{"metric": "share_within_tolerance", "min": 0.9}]})
    assert evaluate(stored, strict).verdict.passed is False


PIECES = {
    "another part": lambda: np.random.default_rng(0).normal(0, 1, (20000, 3)) * [22, 14, 9],
    "half a scan": lambda: (p := scan(BRACKET))[p[:, 0] < 28],
    "inches for millimetres": lambda: scan(BRACKET) / 25.4,
    "metres for millimetres": lambda: scan(BRACKET) / 1000,
    "a mirrored part": lambda: scan(BRACKET) * [1, -1, 1],
    "only the base": lambda: (p := scan(BRACKET))[p[:, 2] < 0.3],
}
REASONS = {
    "another part": "another part",
    "half a scan": "covers",
    "inches for millimetres": "inches",
    "metres for millimetres": "metres",
    "a mirrored part": "mirror image",
    "only the base": "",
}


@pytest.mark.parametrize("kind", PIECES)
def test_what_cannot_be_judged_says_why_and_never_passes(kind: str):
    measurement = inspect(REFERENCE, scan_of(place(pose(3), PIECES[kind]()))).measurement
    verdict = evaluate(measurement, DEFAULT_PROFILE).verdict
    assert verdict.machine is None
    assert verdict.needs_review
    assert verdict.passed is None
    assert REASONS[kind] in verdict.reasons[0]


def test_too_few_or_no_finite_points_are_refused():
    with pytest.raises(FormatError, match="at least 500"):
        scan_of(np.full((1000, 3), np.nan))
    with pytest.raises(FormatError, match="at least 500"):
        scan_of(np.empty((0, 3)))


UP = [0, 0, 1]
WITHIN = {"lower": -0.1, "upper": 0.1}
PLAN = {
    "features": [
        {"name": "base", "type": "plane", "at": [30, 20, 0], "normal": [0, 0, -1], "radius": 40, "upper": 0.1},
        {"name": "back", "type": "plane", "at": [20, 0, 10], "normal": [0, -1, 0], "radius": 30, "upper": 0.1},
        {"name": "bore", "type": "hole", "at": [15, 20, 3], "axis": UP, "diameter": 8, **WITHIN},
        {"name": "boss", "type": "cylinder", "at": [45, 24, 9], "axis": UP, "diameter": 10, **WITHIN},
        {"name": "pitch", "type": "distance", "of": ["bore", "boss"], "nominal": 30.2655, **WITHIN},
        {"name": "bore to back", "type": "distance", "of": ["back", "bore"], "nominal": 20, **WITHIN},
        {"name": "square", "type": "angle", "of": ["base", "back"], "nominal": 90, "lower": -0.3, "upper": 0.3},
    ]
}


def measured_plan(piece, plan=PLAN):
    points = place(pose(4), scan(piece, 150_000))
    return inspect(REFERENCE, scan_of(points), read_plan(json.dumps(plan))).measurement


def test_features_of_a_plan_are_measured_and_judged():
    measurement = measured_plan(BRACKET)
    rows = {row["name"]: row for row in measurement.features}
    assert rows["bore"]["actual"] == pytest.approx(8, abs=0.02)
    assert rows["boss"]["actual"] == pytest.approx(10, abs=0.02)
    assert rows["pitch"]["deviation"] == pytest.approx(0, abs=0.02)
    assert rows["bore to back"]["actual"] == pytest.approx(20, abs=0.02)
    assert rows["square"]["actual"] == pytest.approx(90, abs=0.02)
    assert rows["base"]["actual"] < 0.05
    assert all(row["passed"] for row in rows.values())
    evaluation = evaluate(measurement, DEFAULT_PROFILE)
    assert evaluation.verdict.passed is True
    assert {"feature.bore", "feature.square"} <= {row.criterion.metric for row in evaluation.judged}


def test_a_bore_that_is_too_wide_fails_by_its_plan():
    measurement = measured_plan(bracket(bore=8.3))
    bore = next(row for row in measurement.features if row["name"] == "bore")
    assert bore["deviation"] == pytest.approx(0.3, abs=0.02)
    assert bore["passed"] is False
    assert any("feature.bore" in reason for reason in evaluate(measurement, DEFAULT_PROFILE).verdict.reasons)


def test_a_plan_that_names_a_feature_the_model_does_not_have_is_not_judged():
    plan = {"features": [{"name": "ghost", "type": "hole", "at": [30, 20, 3], "axis": [0, 0, 1], "diameter": 5}]}
    verdict = evaluate(measured_plan(BRACKET, plan), DEFAULT_PROFILE).verdict
    assert verdict.passed is None
    assert "the model has none there" in verdict.reasons[0]


def test_a_plan_that_refers_to_an_undefined_name_is_not_judged():
    plan = {"features": [*PLAN["features"][:1], {"name": "d", "type": "distance", "of": ["base", "top"], "nominal": 6}]}
    verdict = evaluate(measured_plan(BRACKET, plan), DEFAULT_PROFILE).verdict
    assert verdict.machine is None
    assert "`top`" in verdict.reasons[0]


def test_a_profile_that_judges_an_unmeasured_feature_is_not_judged(good):
    rules = read_profile({"criteria": [{"metric": "feature.bore", "max": 0.1}]})
    verdict = evaluate(good.measurement, rules).verdict
    assert verdict.passed is None
    assert "does not measure" in verdict.reasons[0]


@pytest.mark.parametrize(
    "row",
    [
        {"name": "a", "type": "sphere"},
        {"name": "a", "type": "hole", "at": [0, 0], "axis": [0, 0, 1], "diameter": 3},
        {"name": "a", "type": "hole", "at": [0, 0, 0], "axis": [0, 0, 0], "diameter": 3},
        {"name": "a", "type": "hole", "at": [0, 0, 0], "axis": [0, 0, 1], "diameter": -3},
        {"name": "a", "type": "distance", "of": ["b"], "nominal": 3},
        {"type": "plane"},
    ],
)
def test_a_wrong_plan_is_refused(row: dict[str, object]):
    with pytest.raises(FormatError, match=r"plan\.features\[0\]"):
        read_plan({"features": [row]})


def test_capability_of_a_centred_process():
    result = capability([9.9, 10.0, 10.1, 10.0, 9.9, 10.1], 9.5, 10.5)
    sigma = np.std([9.9, 10.0, 10.1, 10.0, 9.9, 10.1], ddof=1)
    assert result.cp == pytest.approx(1 / (6 * sigma))
    assert result.cpk == pytest.approx(result.cp)


def test_capability_is_not_stated_for_few_pieces_or_without_spread():
    assert capability([1.0, 2.0], 0, 3).cpk is None
    assert capability([1.0] * 10, 0, 3).cp is None
    assert capability([1.0, 2.0, 1.5, 1.2, 1.7], None, 3).cp is None


def test_a_run_chart_shows_a_jump_and_a_drift():
    chart = run_chart([0.0, 0.1, -0.1, 0.05, 0.0, -0.05, 0.1, 3.0])
    assert chart.outside == (7,)
    assert run_chart([0, 0.1] * 4 + [1.0, 1.1] * 4).drifting == (7, 15)


def test_repeatability_leaves_out_what_was_not_always_measured():
    rows = repeatability([{"bend_mm": 0.1, "bow_mm": None}, {"bend_mm": 0.3, "bow_mm": 0.2}])
    assert [row.metric for row in rows] == ["bend_mm"]
    assert rows[0].spread == pytest.approx(0.2)


def test_a_mean_map_ignores_unseen_places():
    result = mean_map([np.array([0.1, np.nan, np.nan]), np.array([0.3, 0.2, np.nan])])
    assert result[:2] == pytest.approx([0.2, 0.2])
    assert np.isnan(result[2])


def test_a_report_is_a_pdf_with_verdict_and_pictures(good):
    evaluation = evaluate(good.measurement, DEFAULT_PROFILE)
    pdf = render_report(good.measurement, evaluation, good, trace={"Part": "4711", "Batch": "240"})
    from io import BytesIO

    from pypdf import PdfReader

    reader = PdfReader(BytesIO(pdf))
    text = " ".join(page.extract_text() for page in reader.pages)
    assert "passed" in text
    assert "4711" in text
    assert "share_within_tolerance" in text
    assert len(reader.pages[0].images) >= 5  # four views and the scale


@pytest.mark.parametrize("tolerance_mm", [0.02, 0.05, 0.3])
def test_the_histogram_shows_the_deviations_whatever_the_tolerance(good, tolerance_mm: float):
    judged = evaluate(good.measurement, replace(DEFAULT_PROFILE, tolerance_mm=tolerance_mm))
    shown = report_data(good.measurement, judged, {})["histogram"]
    assert shown["reach"] >= 1.5 * tolerance_mm
    assert sum(shown["shares"]) == pytest.approx(1)
    assert shown["shares"][0] + shown["shares"][-1] < 0.1


def test_a_wrong_template_is_refused_with_a_reason(good):
    evaluation = evaluate(good.measurement, DEFAULT_PROFILE)
    with pytest.raises(InputError, match="line 2, column 1: unknown variable: verdikt"):
        render_report(good.measurement, evaluation, template="= Report\n#verdikt")


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ('= Report\n#import "@preview/x:1.0.0": y', "line 2: packages are not available"),
        ('= Report\n#import ("@pre" + "view/x:1.0.0"): y', "line 2, column 8: packages are not available"),
        ('#read("/etc/hostname")', "line 1, column 6: file not found"),
        ('#read("../../../etc/hostname")', "line 1, column 6: path .* would escape"),
        ('\n\n#image("https://example.org/x.png")', "line 3, column 7"),
    ],
)
def test_a_template_reaches_no_file_no_package_and_no_network(good, template: str, message: str):
    with pytest.raises(InputError, match=message):
        render_report(good.measurement, evaluate(good.measurement, DEFAULT_PROFILE), template=template)


def test_a_viewer_gets_the_model_coloured_by_deviation(good):
    assert deviation_glb(good, 0.3).startswith(b"glTF")


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "model.stl").write_bytes(write_stl(BRACKET))
    (tmp_path / "good.ply").write_bytes(write_ply(place(pose(5), scan(BRACKET))))
    (tmp_path / "bad.ply").write_bytes(write_ply(place(pose(5), scan(bracket(bore=0)))))
    (tmp_path / "inch.ply").write_bytes(write_ply(place(pose(5), scan(BRACKET)) / 25.4))
    (tmp_path / "nan.ply").write_bytes(write_ply(np.full((2000, 3), np.nan)))
    (tmp_path / "empty.ply").write_bytes(b"")
    return tmp_path


@pytest.mark.parametrize(
    ("scan_name", "status", "word"),
    [
        ("good.ply", 0, "passed"),
        ("bad.ply", 1, "failed"),
        ("inch.ply", 2, "could not judge"),
        ("nan.ply", 2, "could not judge"),
        ("empty.ply", 2, "could not judge"),
    ],
)
def test_the_command_exits_as_its_verdict_says(files: Path, scan_name: str, status: int, word: str):
    arguments = ["inspect", "--model", str(files / "model.stl"), "--scan", str(files / scan_name)]
    arguments += ["--json", str(files / "out.json"), "--pdf", str(files / "out.pdf")]
    result = CliRunner().invoke(metrology, arguments)
    assert result.exit_code == status, result.output
    assert result.output.strip().endswith(word)
    table = json.loads((files / "out.json").read_text())
    assert table["verdict"] == word
    assert (files / "out.pdf").read_bytes().startswith(b"%PDF")


def test_the_gauge_command_shows_repeatability(files: Path):
    for k in range(3):
        (files / f"s{k}.ply").write_bytes(write_ply(place(pose(20 + k), scan(BRACKET, 30_000, seed=k))))
    scans = [str(files / f"s{k}.ply") for k in range(3)]
    result = CliRunner().invoke(
        metrology, ["gauge", "--model", str(files / "model.stl"), "--json", str(files / "gauge.json"), *scans]
    )
    assert result.exit_code == 0, result.output
    rows = {row["metric"]: row for row in json.loads((files / "gauge.json").read_text())}
    assert rows["scale_x_percent"]["sigma"] < 0.03
