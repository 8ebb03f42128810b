import numpy as np
import pytest

from fabwright.vision.index import Index
from fabwright.vision.rig import Rig
from fabwright.vision.segment import Belt, Fault, segment
from fabwright.vision.simulate import Station


@pytest.fixture
def belt(rig: Rig, station: Station) -> Belt:
    return Belt(rig, station.background())


@pytest.fixture
def pictures(index: Index, station: Station) -> list[np.ndarray]:
    key = next(key for key, names in index.members.items() if names == ("bracket",))
    return station.scan(index.signature(key), 0, 0.6)[0]


def test_a_part_is_seen_by_all_cameras_with_sub_pixel_outlines(belt: Belt, pictures: list[np.ndarray]) -> None:
    found = segment(belt, pictures)
    assert found.fault is None
    assert len(found.views) == 5
    for view in found.views:
        assert np.median(view.contour.weight) > 0.8
        assert np.abs(np.hypot(view.contour.nx, view.contour.ny) - 1).max() < 1e-6
        assert np.any(np.abs(view.contour.x - np.rint(view.contour.x)) > 0.2)


def test_whole_frames_give_the_same_outline_as_windows(
    belt: Belt, pictures: list[np.ndarray], station: Station
) -> None:
    empty = station.background()
    whole = [np.where(p > 0, p, e).astype(np.uint8) for p, e in zip(pictures, empty, strict=True)]
    for one, other in zip(segment(belt, pictures).views, segment(belt, whole).views, strict=True):
        assert abs(int(one.mask.sum()) - int(other.mask.sum())) < 0.01 * one.mask.sum()


def test_the_empty_belt_holds_no_piece(belt: Belt, station: Station) -> None:
    assert segment(belt, station.background()).fault is Fault.NOTHING


def test_two_pieces_are_several(belt: Belt, pictures: list[np.ndarray], station: Station) -> None:
    empty = station.background()
    both = []
    for picture, clear in zip(pictures, empty, strict=True):
        rows, columns = np.nonzero(picture > 120)
        y0, y1, x0, x1 = rows.min() - 5, rows.max() + 5, columns.min() - 5, columns.max() + 5
        piece = picture[y0:y1, x0:x1]
        out = np.where(picture > 0, picture, clear).astype(np.uint8)
        at = x0 - 400 if x0 > 500 else x1 + 100
        out[y0:y1, at : at + piece.shape[1]] = piece
        both.append(out)
    assert segment(belt, both).fault is Fault.SEVERAL


def test_a_piece_over_the_border_is_cut_off(belt: Belt, pictures: list[np.ndarray], station: Station) -> None:
    moved = []
    for picture, clear in zip(pictures, station.background(), strict=True):
        columns = np.flatnonzero((picture > 120).any(axis=0))
        middle = int(columns.mean())
        out = clear.copy()
        out[:, : 1600 - middle] = np.where(picture > 0, picture, clear)[:, middle:]
        moved.append(out)
    assert segment(belt, moved).fault is Fault.CUT_OFF


def test_black_burnt_missing_and_foreign_pictures_are_told_apart(belt: Belt, pictures: list[np.ndarray]) -> None:
    def fault(third: np.ndarray | None) -> Fault | None:
        return segment(belt, [*pictures[:2], third, *pictures[3:]]).fault

    assert fault(np.zeros_like(pictures[2])) is Fault.BLACK
    assert fault(np.full_like(pictures[2], 3)) is Fault.BLACK
    assert fault(np.full_like(pictures[2], 255)) is Fault.BURNT
    assert fault(None) is Fault.MISSING
    assert fault(pictures[2][:600]) is Fault.MISFIT
    assert segment(belt, pictures[:4]).fault is Fault.MISFIT


def test_colour_pictures_are_read_as_grey(belt: Belt, pictures: list[np.ndarray]) -> None:
    colour = [np.repeat(p[:, :, None], 3, axis=2) for p in pictures]
    one, other = segment(belt, pictures), segment(belt, colour)
    assert [v.mask.sum() for v in one.views] == [v.mask.sum() for v in other.views]
