from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fabwright.vision.calibrate import check_gauge
from fabwright.vision.decide import Decision, Verdict, judge, known_chance, unusual, weighed
from fabwright.vision.hull import turned
from fabwright.vision.index import Index
from fabwright.vision.overlay import COLOUR, overlays
from fabwright.vision.recognise import Recogniser
from fabwright.vision.rig import Rig
from fabwright.vision.search import Hypothesis
from fabwright.vision.segment import Fault
from fabwright.vision.simulate import Conditions, Station
from fabwright.vision.verify import Fit
from tests.vision.conftest import PARTS


@pytest.fixture(scope="module")
def recogniser(index: Index, rig: Rig) -> Recogniser:
    empty = Station(rig, np.random.default_rng(5), Conditions()).background()
    return Recogniser(index, rig, empty, threads=1)


def scan(index: Index, station: Station, name: str, pose: int, albedo: float = 0.6) -> list[np.ndarray]:
    key = next(key for key, names in index.members.items() if name in names)
    return station.scan(index.signature(key), pose, albedo)[0]


@pytest.mark.parametrize("name", list(PARTS))
def test_every_part_is_found_among_the_others(
    name: str, recogniser: Recogniser, index: Index, station: Station
) -> None:
    for pose in (0, 1):
        found = recogniser.identify(scan(index, station, name, pose))
        assert found.candidates[0].model == name
        assert found.decision is Decision.ASSIGNED
        assert found.candidates[0].probability > 0.99
        assert found.candidates[0].fit.outline < 0.43  # as right models fit: docs/explanation/recognition.md


def test_the_fitted_pose_is_the_true_one(recogniser: Recogniser, index: Index, station: Station) -> None:
    key = next(key for key, names in index.members.items() if "bracket" in names)
    pictures, truth = station.scan(index.signature(key), 0, 0.6)
    fit = recogniser.identify(pictures).candidates[0].fit
    off = fit.hypothesis.rotation @ np.array(truth["R"]).T
    assert np.degrees(np.arccos((np.trace(off) - 1) / 2)) < 0.5
    assert abs(fit.hypothesis.scale - truth["scale"]) < 0.004


def test_the_overlay_draws_the_outline_where_the_part_is(
    recogniser: Recogniser, index: Index, rig: Rig, station: Station
) -> None:
    pictures = scan(index, station, "bracket", 0)
    fit = recogniser.identify(pictures).candidates[0].fit
    drawn = overlays(rig, index.signature(index.keys[fit.hypothesis.model]), fit, [None, *pictures[1:]])
    assert drawn[0] is None
    for picture in drawn[1:]:
        assert picture is not None
        line = (picture == COLOUR).all(axis=2)
        grey = picture[..., 1].astype(float)
        rows, _ = np.nonzero(line)
        assert len(rows) > 200
        veil = (picture[..., 1].astype(int) - picture[..., 0] > 5) & ~line  # over the faces of the drawn model
        assert veil.sum() > 2 * len(rows)
        assert np.median(grey[veil]) > 2 * np.median(grey[:20][grey[:20] > 0])


def test_a_black_part_is_found(recogniser: Recogniser, index: Index, station: Station) -> None:
    found = recogniser.identify(scan(index, station, "bracket", 0, albedo=0.1))
    assert found.candidates[0].model == "bracket"


def test_a_piece_of_no_open_model_is_not_assigned(recogniser: Recogniser, index: Index, station: Station) -> None:
    for name in ("ring", "wedge", "bracket"):
        found = recogniser.identify(scan(index, station, name, 0), without=[name])
        assert found.decision is not Decision.ASSIGNED
        assert name not in [c.model for c in found.candidates]


def test_an_empty_belt_gives_no_candidate(recogniser: Recogniser, station: Station) -> None:
    found = recogniser.identify(station.background())
    assert (found.fault, found.decision, found.candidates) == (Fault.NOTHING, Decision.UNKNOWN, ())


def test_pictures_of_different_pieces_are_never_assigned(
    recogniser: Recogniser, index: Index, station: Station
) -> None:
    one, other = scan(index, station, "bracket", 0), scan(index, station, "ring", 0)
    mixed = [*one[:2], *other[2:]]
    assert recogniser.identify(mixed).decision is not Decision.ASSIGNED


@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32 - 1), share=st.sampled_from([0.0, 0.02, 0.5, 1.0]))
def test_spoilt_pictures_never_raise_and_are_never_assigned_wrongly(
    seed: int, share: float, recogniser: Recogniser, index: Index, station: Station
) -> None:
    rng = np.random.default_rng(seed)
    spoilt = []
    for picture in scan(index, station, "wedge", 0):
        noise = rng.integers(0, 256, picture.shape, dtype=np.uint8)
        spoilt.append(np.where(rng.random(picture.shape) < share, noise, picture).astype(np.uint8))
    found = recogniser.identify(spoilt)
    assert found.decision is not Decision.ASSIGNED or found.candidates[0].model == "wedge"


def test_a_good_gauge_passes_and_a_moved_camera_fails(index: Index, rig: Rig, station: Station) -> None:
    pictures = scan(index, station, "bracket", 0)
    belt = station.background()
    assert check_gauge(index, rig, belt, pictures, "bracket").passed
    third = rig.cameras[2]
    turn = turned(np.eye(3), 0.0, 0.004, 0.0)
    bent = third.moved(turn @ third.rotation, turn @ third.translation)
    broken = Rig((*rig.cameras[:2], bent, *rig.cameras[3:]))
    check = check_gauge(index, broken, belt, pictures, "bracket")
    assert not check.passed
    assert check.reason


def fit(energy: float, outline: float = 0.25, extra: float = 0.0) -> Fit:
    at = Hypothesis(0, 0, np.eye(3), np.zeros(3))
    return replace(Fit(at, np.zeros((5, 2))), energy=energy, outline=outline, extra=extra)


def judged(fits: list[Fit], *, dark: bool, strange: int) -> Verdict:
    return judge(*weighed(fits, [1.0] * len(fits)), dark=dark, strange=strange)


def test_a_clear_winner_is_assigned_and_a_close_race_is_asked() -> None:
    assert judged([fit(10), fit(40)], dark=False, strange=0).decision is Decision.ASSIGNED
    close = judged([fit(10), fit(13)], dark=False, strange=0)
    assert close.decision is Decision.ASK
    assert "cannot be told apart" in close.detail
    assert 0.85 < close.chances[0] < 0.99


def test_what_is_known_before_looking_decides_a_close_race() -> None:
    first, second = fit(10), fit(13)
    ranked, shares = weighed([first, second], [0.001, 1.0])
    assert (ranked[0] is second, sum(shares)) == (True, pytest.approx(1.0))
    assert judge(ranked, shares, dark=False, strange=0).decision is Decision.ASK


def test_a_deviating_piece_is_asked_and_a_strange_one_is_unknown() -> None:
    extra = judged([fit(10, extra=1.5)], dark=False, strange=0)
    assert extra.decision is Decision.ASK
    assert "extra material" in extra.detail
    assert "marks" in judged([fit(10)], dark=False, strange=900).detail
    assert judged([fit(10, outline=0.8)], dark=False, strange=0).decision is Decision.UNKNOWN
    assert judged([], dark=False, strange=0).decision is Decision.UNKNOWN


def test_weak_signs_that_come_together_make_a_variant_of_what_is_open() -> None:
    usual = fit(10, outline=0.3)
    bent = replace(usual, outline=0.35, extra=0.2, hypothesis=replace(usual.hypothesis, scale=1.005))
    assert unusual(usual, dark=False, strange=0) < 1.0 < unusual(bent, dark=False, strange=0)
    assert unusual(bent, dark=True, strange=0) < unusual(bent, dark=False, strange=0)  # their outlines are less sharp
    verdict = judged([bent], dark=False, strange=0)
    assert verdict.decision is Decision.ASK
    assert "variant" in verdict.detail


@given(st.floats(0, 3), st.floats(0, 3), st.floats(0, 10))
def test_a_worse_fit_never_looks_better_known(strain: float, worse: float, mismatch: float) -> None:
    assert 0.0 <= known_chance(strain + worse, mismatch) <= known_chance(strain, mismatch) + 1e-9 <= 1.0 + 1e-9
    assert known_chance(strain, mismatch + worse) <= known_chance(strain, mismatch) + 1e-9
