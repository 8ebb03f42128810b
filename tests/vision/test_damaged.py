"""What comes from outside may be anything: it gets a clear error or an honest answer, and never ends a process."""

import struct
import zlib

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fabwright.errors import FabwrightError
from fabwright.server.recognition.child import sign
from fabwright.vision.bundle import PIXEL_LIMIT, decode
from fabwright.vision.decide import Decision
from fabwright.vision.ideal import ideal_views, resting
from fabwright.vision.index import Index, table_of
from fabwright.vision.recognise import Recogniser
from fabwright.vision.rig import Rig
from fabwright.vision.signature import Signature, unpack
from fabwright.vision.simulate import Conditions, Station
from tests.vision.conftest import PARTS

WEDGE: bytes = PARTS["wedge"].export(file_type="stl")


def stl(triangles: np.ndarray) -> bytes:
    """A binary STL file of triangles (n, 3, 3)."""
    records = b"".join(struct.pack("<12fH", 0, 0, 0, *t.ravel(), 0) for t in np.asarray(triangles, np.float32))
    return b"\0" * 80 + struct.pack("<I", len(triangles)) + records


def lit_up(index: Index, rig: Rig, shape: Signature) -> None:
    """Recognises an ideal scan of the shape, with it in the index: whatever was signed must not break recognition."""
    views = ideal_views(rig, shape, resting(shape, 0))
    if not views:
        return  # no camera sees it: far too small
    signatures = [index.signature(key) for key in index.keys]
    keys = [*index.keys, "zz" * 20]
    whole = Index.__new__(Index)
    whole.members, whole.keys = {key: (key,) for key in keys}, tuple(keys)
    whole.table = table_of([*signatures, shape])
    whole.signature = dict(zip(keys, [*signatures, shape], strict=True)).__getitem__  # type: ignore[method-assign]
    Recogniser(whole, rig, [np.full((c.height, c.width), 35, np.uint8) for c in rig.cameras], threads=1).compete(views)


BOX = np.array(
    [[[0, 0, 0], [1, 0, 0], [0, 1, 0]], [[0, 0, 0], [0, 1, 0], [0, 0, 1]], [[0, 0, 0], [0, 0, 1], [1, 0, 0]]]
)
UNUSABLE = {
    "nothing": stl(np.zeros((0, 3, 3))),
    "one triangle": stl(BOX[:1] * 20),
    "a flat sheet": stl(np.array([[[0, 0, 0], [50, 0, 0], [50, 50, 0]], [[0, 0, 0], [50, 50, 0], [0, 50, 0]]])),
    "points of one place": stl(np.full((8, 3, 3), 7.0)),
    "a needle without width": stl(np.array([[[0, 0, 0], [50, 0, 0], [25, 0, 0]]] * 4)),
    "not a number": stl(np.where(np.arange(27).reshape(3, 3, 3) == 13, np.nan, BOX * 20)),
    "infinite": stl(np.where(np.arange(27).reshape(3, 3, 3) == 13, np.inf, BOX * 20)),
    "a kilometre": stl(BOX * 1e6),
    "as large as numbers go": stl(BOX * 3e38),
    "no bytes": b"",
    "a head alone": WEDGE[:84],
    "cut off": WEDGE[:-1],
    "more triangles than bytes": WEDGE[:80] + struct.pack("<I", 2**32 - 1) + WEDGE[84:],
    "text": b"solid x\nfacet normal 0 0 1\nouter loop\nvertex 0 0 zero\n",
}


@pytest.mark.parametrize("what", list(UNUSABLE))
def test_a_mesh_that_cannot_lie_on_a_belt_is_refused_in_a_sentence(what: str) -> None:
    with pytest.raises(FabwrightError) as caught:
        sign(UNUSABLE[what], "part.stl")
    assert len(caught.value.message) > 10


ODD = {
    "a thin foil": PARTS["wedge"].copy().apply_scale([1, 1, 1e-4]).export(file_type="stl"),
    "a grain": PARTS["wedge"].copy().apply_scale(1e-3).export(file_type="stl"),
    "a beam of four metres": PARTS["wedge"].copy().apply_scale([90, 1, 1]).export(file_type="stl"),
    "open, of three sides": stl(BOX * 40),
    "far from the origin": stl(BOX * 40 + 1e5),
}


@pytest.mark.parametrize("what", list(ODD))
def test_an_odd_mesh_is_refused_or_can_be_recognised(what: str, index: Index, rig: Rig) -> None:
    try:
        _, data = sign(ODD[what], "part.stl")
    except FabwrightError:
        return
    shape = unpack(data)
    assert np.isfinite(shape.probabilities).all()
    lit_up(index, rig, shape)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, len(WEDGE) - 1), st.binary(min_size=1, max_size=6)), min_size=1, max_size=6),
       st.integers(0, len(WEDGE)))  # fmt: skip
def test_a_damaged_mesh_file_is_refused_or_makes_a_whole_signature(
    damages: list[tuple[int, bytes]], length: int
) -> None:
    data = bytearray(WEDGE)
    for place, damage in damages:
        data[place : place + len(damage)] = damage
    for file in (bytes(data), bytes(data[:length])):
        try:
            key, packed = sign(file, "part.stl")
        except FabwrightError:
            continue
        shape = unpack(packed)
        assert shape.key == key
        assert np.isfinite(shape.points).all()
        assert np.isfinite(shape.probabilities).all()


@pytest.fixture(scope="module")
def recogniser(index: Index, rig: Rig) -> Recogniser:
    empty = Station(rig, np.random.default_rng(5), Conditions()).background()
    return Recogniser(index, rig, empty, threads=1)


@pytest.fixture(scope="module")
def photos(index: Index, rig: Rig) -> list[np.ndarray]:
    key = next(key for key, names in index.members.items() if "wedge" in names)
    return Station(rig, np.random.default_rng(5), Conditions()).scan(index.signature(key), 0, 0.6)[0]


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ending=st.sampled_from([".png", ".jpg"]), seed=st.integers(0, 2**32 - 1))
def test_damaged_picture_files_never_raise_and_are_never_assigned_wrongly(
    ending: str, seed: int, recogniser: Recogniser, photos: list[np.ndarray]
) -> None:
    rng = np.random.default_rng(seed)
    pictures = []
    for photo in photos:
        data = bytearray(cv2.imencode(ending, photo)[1].tobytes())
        for place in rng.integers(0, len(data), int(rng.integers(0, 4))):
            data[place] = int(rng.integers(0, 256))
        cut = len(data) if rng.random() < 0.7 else int(rng.integers(0, len(data)))
        pictures.append(decode(bytes(data[:cut])))
    found = recogniser.identify(pictures)
    assert found.decision is not Decision.ASSIGNED or found.candidates[0].model == "wedge"


def claims(width: int, height: int) -> bytes:
    """A PNG file of a few bytes that names any size."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("size", [(20_000, 10_000), (2**31 - 1, 2**31 - 1), (PIXEL_LIMIT + 1, 1)])
def test_a_picture_that_claims_too_many_pixels_is_refused_undecoded(size: tuple[int, int]) -> None:
    assert decode(claims(*size)) is None


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", claims(0, 0)])
def test_what_is_no_picture_is_none(data: bytes) -> None:
    assert decode(data) is None


def test_a_rig_that_does_not_fit_the_pictures_is_told(recogniser: Recogniser, photos: list[np.ndarray]) -> None:
    found = recogniser.identify([photo[:600] for photo in photos])
    assert (found.decision, found.candidates) == (Decision.UNKNOWN, ())
    assert "picture of" in found.detail
