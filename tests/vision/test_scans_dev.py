"""Scans of real parts from a renderer that is not ours."""

import json
from pathlib import Path

import pytest

from fabwright.vision.bundle import open_bundle
from fabwright.vision.decide import Decision
from fabwright.vision.index import build, load_index
from fabwright.vision.recognise import Recogniser

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
SCANS = [19, 28, 36, 59]  # a size family, a mirror image, a black part, a gauge


@pytest.mark.slow
@pytest.mark.skipif(not (DATA / "scans-dev").is_dir(), reason="needs ../shared/data/scans-dev")
def test_real_parts_are_found_among_their_look_alikes(tmp_path: Path) -> None:
    bundle = open_bundle(DATA / "scans-dev")
    truth = json.loads((bundle.folder / "truth.json").read_text())
    wanted = {truth[f"scan-{n:04d}"] for n in SCANS}
    stems = {Path(name).name[:8] for name in wanted}
    for path in (DATA / "stl").glob("*/*.stl"):  # the parts and all whose names begin alike
        if path.name[:8] in stems:
            (tmp_path / "stl" / path.parent.name).mkdir(parents=True, exist_ok=True)
            (tmp_path / "stl" / path.parent.name / path.name).symlink_to(path)
    build(tmp_path / "stl", tmp_path / "index")
    index = load_index(tmp_path / "index")
    assert len(index.keys) > 2 * len(wanted)
    recogniser = Recogniser(index, bundle.rig, bundle.belt)
    for number in SCANS:
        scan = f"scan-{number:04d}"
        found = recogniser.identify(bundle.pictures(scan))
        assert found.candidates[0].model == truth[scan]
        assert found.decision in (Decision.ASSIGNED, Decision.ASK)
