"""All scans of a bundle, in this process or in several."""

import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from fabwright.vision.bundle import Bundle, open_bundle
from fabwright.vision.index import load_index
from fabwright.vision.recognise import Recogniser, Recognition

_worker: tuple[Bundle, Recogniser] | None = None


def identify_bundle(
    index: Path, bundle: Bundle, *, jobs: int = 1, threads: int = 2
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Pairs of scan name and answer, as they are ready. The answer is what the output file holds for the scan."""
    if jobs == 1 or len(bundle.scans) < 2:
        recogniser = Recogniser(load_index(index), bundle.rig, bundle.belt, threads=threads)
        recogniser.warm()
        for scan in bundle.scans:
            yield scan, _answer(bundle, recogniser, scan)
        return
    with ProcessPoolExecutor(
        jobs, mp_context=get_context("spawn"), initializer=_start, initargs=(index, bundle.folder, threads)
    ) as pool:
        yield from zip(bundle.scans, pool.map(_identify, bundle.scans), strict=True)


def _start(index: Path, folder: Path, threads: int) -> None:
    global _worker
    bundle = open_bundle(folder)
    _worker = bundle, Recogniser(load_index(index), bundle.rig, bundle.belt, threads=threads)
    _worker[1].warm()


def _identify(scan: str) -> dict[str, Any]:
    assert _worker is not None
    return _answer(*_worker, scan)


def _answer(bundle: Bundle, recogniser: Recogniser, scan: str) -> dict[str, Any]:
    began = time.perf_counter()
    pictures = bundle.pictures(scan, recogniser.each)
    found = recogniser.identify(pictures)
    return as_json(found, (time.perf_counter() - began) * 1e3)


def as_json(found: Recognition, ms: float) -> dict[str, Any]:
    """The answer to one scan as the output file holds it; `ms` includes reading the pictures."""
    answer: dict[str, Any] = {
        "candidates": [{"model": c.model, "probability": round(c.probability, 6)} for c in found.candidates],
        "decision": str(found.decision),
        "ms": round(ms, 1),
    }
    if found.fault is not None:
        answer["fault"] = str(found.fault)
    if found.detail:
        answer["detail"] = found.detail
    return answer
