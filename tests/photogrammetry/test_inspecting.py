"""What photos show of good and bad pieces, and what they do not. Photos are drawn with shadows, layers and cameras that
are a little off their calibration."""

import json
from pathlib import Path

import numpy as np
import pytest

from fabwright.metrology import DEFAULT_PROFILE, Evaluation, evaluate, read_measurement, read_profile
from fabwright.photogrammetry import DEFAULT_PHOTO_PROFILE, PhotoInspection, PhotoModel, Start, deviation_photos
from fabwright.vision.bundle import decode
from tests.photogrammetry.photo_pieces import Booth, bracket
from tests.photogrammetry.photo_pieces import booth as made


@pytest.fixture(scope="module")
def booth() -> Booth:
    return made()


@pytest.fixture(scope="module")
def good(booth: Booth) -> PhotoInspection:
    return booth.inspect(bracket())


def judged(inspection: PhotoInspection) -> Evaluation:
    return evaluate(inspection.measurement, DEFAULT_PHOTO_PROFILE)


def test_a_good_piece_passes(good: PhotoInspection) -> None:
    verdict = judged(good).verdict
    assert (verdict.passed, verdict.reasons) == (True, ())
    assert good.measurement.regions == ()


def test_lengths_of_a_good_piece_are_right_within_twice_their_uncertainty(booth: Booth, good: PhotoInspection) -> None:
    booth.photos(bracket())  # for the truth: pieces are drawn a little off scale
    scale = booth.truth["scale"]
    for axis, length in zip("xyz", (50.0, 24.0, 30.0), strict=True):
        name = f"photo_extent_{axis}_mm"
        doubt = good.measurement.uncertainties[name]
        assert doubt < 0.2
        assert good.measurement.metrics[name] == pytest.approx(scale * length, abs=2 * doubt)


def test_a_bore_that_is_seen_through_is_measured(booth: Booth, good: PhotoInspection) -> None:
    assert good.measurement.metrics["photo_holes"] == 1
    assert abs(good.measurement.metrics["photo_hole_deviation_mm"] or 0.0) < 0.3
    wide = booth.inspect(bracket(bore=9.5))
    assert wide.measurement.metrics["photo_hole_deviation_mm"] == pytest.approx(1.5, abs=0.3)
    assert judged(wide).verdict.machine is False


def test_a_closed_bore_fails_where_it_is(booth: Booth) -> None:
    closed = booth.inspect(bracket(bore=0.0))
    assert judged(closed).verdict.passed is False
    assert closed.measurement.metrics["photo_closed_holes"] == 1
    (region,) = closed.measurement.regions
    assert not region.missing
    assert region.place_mm[:2] == pytest.approx((26.0, 14.0), abs=1.5)


def test_a_missing_post_is_proved_by_several_cameras(booth: Booth) -> None:
    broken = booth.inspect(bracket(post=0.0))
    assert judged(broken).verdict.passed is False
    region = broken.measurement.regions[0]
    assert region.missing
    assert -15.5 < region.depth_mm < -8.0
    assert region.place_mm[:2] == pytest.approx((44.0, 3.0), abs=2.0)
    assert len(broken.measurement.trace["region_cameras"][0]) >= 2


def test_a_chip_of_4_mm_and_a_block_of_3_mm_are_found(booth: Booth) -> None:
    chipped = booth.inspect(bracket(chip=4.0)).measurement.regions[0]
    assert chipped.missing
    assert chipped.place_mm == pytest.approx((0.5, 23.0, 29.5), abs=2.0)
    padded = booth.inspect(bracket(pad=3.0)).measurement.regions[0]
    assert padded.depth_mm == pytest.approx(3.0, abs=0.8)
    assert padded.place_mm == pytest.approx((3.0, 25.5, 20.0), abs=4.0)


def test_a_larger_piece_and_a_bent_piece_show_in_form_not_in_regions(booth: Booth) -> None:
    large = booth.inspect(bracket(scale=1.02))
    assert large.measurement.metrics["photo_scale_x_percent"] == pytest.approx(2.0, abs=0.6)
    assert judged(large).verdict.machine is False
    bent = booth.inspect(bracket(bend=1.0))
    assert bent.measurement.metrics["photo_bend_mm"] == pytest.approx(1.0, abs=0.4)
    assert judged(bent).verdict.machine is False


def test_on_a_black_piece_missing_material_cannot_be_told_so_it_never_passes_unseen(booth: Booth) -> None:
    for post in (18.0, 0.0):
        verdict = judged(booth.inspect(bracket(post=post), colour="black")).verdict
        assert verdict.passed is not True
        assert verdict.needs_review
        assert any("cannot be told from shade" in reason for reason in verdict.reasons)


def test_photos_of_another_part_are_not_judged(booth: Booth) -> None:
    other = PhotoModel(bracket(bore=0.0, post=0.0, scale=2.0))
    inspection = booth.inspector.inspect(other, booth.photos(bracket()))
    verdict = judged(inspection).verdict
    assert verdict.machine is not True
    assert verdict.passed is not True


def test_an_empty_belt_and_a_missing_picture_are_not_judged(booth: Booth) -> None:
    booth.station.rng = np.random.default_rng(9)
    empty = booth.inspector.inspect(booth.model, booth.station.background())
    assert judged(empty).verdict.machine is None
    assert "no piece" in judged(empty).verdict.reasons[0]
    assert deviation_photos(empty, 0.6) == {}
    photos = [None, *booth.photos(bracket())[1:]]
    missing = judged(booth.inspector.inspect(booth.model, photos)).verdict
    assert (missing.passed, missing.needs_review) == (None, True)


def test_what_cameras_cannot_see_is_said(good: PhotoInspection) -> None:
    metrics = good.measurement.metrics
    assert 0.4 < (metrics["photo_seen_share"] or 0.0) < 0.9  # not the underside
    assert 0.05 < (metrics["photo_tested_share"] or 0.0) < 0.7
    assert metrics["coverage"] == metrics["photo_tested_share"]


def test_a_profile_for_scanned_geometry_never_passes_photos(good: PhotoInspection) -> None:
    verdict = evaluate(good.measurement, DEFAULT_PROFILE).verdict
    assert (verdict.machine, verdict.passed) == (None, None)
    assert "covers" in verdict.reasons[0]


def test_a_profile_may_ask_for_one_camera(good: PhotoInspection) -> None:
    row = {"metric": "photo_contour_p95_mm.cam03", "max": 0.5}
    profile = read_profile(json.dumps({"criteria": [row], "minimum_coverage": 0.02}))
    (one,) = evaluate(good.measurement, profile).judged
    assert one.value is not None
    assert one.outcome == "passed"


def test_a_measurement_survives_json(good: PhotoInspection) -> None:
    assert read_measurement(good.measurement.to_json()).metrics == good.measurement.metrics


def test_a_known_pose_gives_the_same_answer_as_a_search(booth: Booth, good: PhotoInspection) -> None:
    assert good.placement is not None
    start = Start(good.placement.rotation, good.placement.centre + np.array([0.2, -0.2, 0.0]))
    found = booth.inspector.inspect(booth.model, booth.photos(bracket()), start=start)
    assert found.placement is not None
    assert found.placement.centre == pytest.approx(good.placement.centre, abs=0.02)
    assert judged(found).verdict.passed is True


def test_each_camera_gets_a_picture_with_a_coloured_outline(good: PhotoInspection) -> None:
    pictures = deviation_photos(good, 0.6)
    assert list(pictures) == ["cam01", "cam02", "cam03", "cam04", "cam05"]
    for data in pictures.values():
        picture = decode(data)
        assert picture is not None
        assert np.ptp(picture.astype(int), axis=2).max() > 60  # not only grey


def test_the_inspection_is_the_same_each_time(booth: Booth, good: PhotoInspection, tmp_path: Path) -> None:
    assert booth.inspect(bracket()).measurement.metrics == good.measurement.metrics
