"""PTX: the eight public samples are read, the professional one is replayed to the tenth of a millimetre."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fabwright.errors import FormatError, InputError, LimitError
from fabwright.formats.ptx import PtxJob, PtxMaterial, PtxPart, read_ptx, replay_patterns, write_ptx

SAMPLES = Path(__file__).resolve().parents[4] / "shared" / "data" / "formats" / "ptx"
NAMES = [
    "1_Seq_TEST_hor_beta.ptx", "1_Seq_TEST_hor_leg.ptx", "1_Seq_TEST_vert_beta.ptx", "1_Seq_TEST_vert_leg.ptx",
    "Dev_b1_beta.PTX", "Dev_b1_legacy.PTX", "Parts_PTX_import.ptx", "Patterns_PTX_import.ptx",
]  # fmt: skip
MATERIAL = PtxMaterial("OSB 15", "OSB/3", 15.0, 4.8, 10.0)


def sample(name: str) -> bytes:
    path = SAMPLES / name
    if not path.is_file():
        pytest.skip("the shared sample files are not here")
    return path.read_bytes()


@pytest.mark.parametrize("name", NAMES)
def test_a_public_sample_is_read(name) -> None:
    file = read_ptx(sample(name))
    assert file.jobs == [1]
    assert file.of("PARTS_REQ")
    replay_patterns(file, strict=False)


def test_the_professional_sample_yields_what_it_says() -> None:
    file = read_ptx(sample("Patterns_PTX_import.ptx"))
    fallen = replay_patterns(file)
    for part in file.of("PARTS_REQ"):
        index = str(part.integer("PART_INDEX"))
        pieces = [piece for piece in fallen if piece.what == index]
        assert sum(piece.runs for piece in pieces) == part.integer("QTY_REQ")
        sides = sorted((part.number("LENGTH"), part.number("WIDTH")))
        assert all(sorted((p.length, p.width)) == pytest.approx(sides, abs=0.11) for p in pieces)
    for offcut in file.of("OFFCUTS"):
        name = f"X{offcut.integer('OFC_INDEX')}"
        assert sum(piece.runs for piece in fallen if piece.what == name) == offcut.integer("OFC_QTY")


@settings(max_examples=60)
@given(
    st.lists(
        st.builds(
            PtxPart,
            code=st.text(max_size=70),
            material=st.just(0),
            length=st.integers(1, 99_999).map(lambda tenths: tenths / 10),
            width=st.integers(1, 99_999).map(lambda tenths: tenths / 10),
            quantity=st.integers(0, 99_999),
            grain=st.integers(0, 2),
            description=st.text(max_size=70),
            information=st.lists(st.text(max_size=20), max_size=4).map(tuple),
        ),
        min_size=1,
        max_size=8,
    ),
    st.text(max_size=120),
)
def test_any_parts_list_is_read_back(parts, name) -> None:
    file = read_ptx(write_ptx(PtxJob(name, parts, [MATERIAL], title=name)))
    found = file.of("PARTS_REQ")
    assert [(r.number("LENGTH"), r.number("WIDTH"), r.integer("QTY_REQ"), r.integer("GRAIN")) for r in found] == [
        (p.length, p.width, p.quantity, p.grain) for p in parts
    ]
    assert all(len(r.text("CODE")) <= 50 and " " not in r.text("CODE") for r in found)


def test_what_the_format_cannot_hold_is_refused_by_record_and_field() -> None:
    with pytest.raises(LimitError, match=r"PARTS_REQ\.LENGTH: must be from 0 to 9999.9, got 12000"):
        write_ptx(PtxJob("a", [PtxPart("P", 0, 12_000.0, 10.0, 1)], [MATERIAL]))
    with pytest.raises(LimitError, match=r"PARTS_REQ\.QTY_REQ"):
        write_ptx(PtxJob("a", [PtxPart("P", 0, 12.0, 10.0, 100_000)], [MATERIAL]))
    with pytest.raises(InputError, match="no parts"):
        write_ptx(PtxJob("a", [], [MATERIAL]))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "HEADER"),
        ("JOBS,1,a\n", "HEADER"),
        ("HEADER,1.13\nWHAT,1\n", "'WHAT' is no record"),
        ("HEADER,1.13,a,2\n", r"HEADER\.UNITS: must be from 0 to 1"),
        ("HEADER,1.13\nJOBS,2,a\n", r"JOBS\.JOB_INDEX"),
        ("HEADER,1.13\nJOBS,x,a\n", "a whole number was expected"),
        ("HEADER,1.13\nJOBS,1,a\nPARTS_REQ,1,1,A,1,10,10,1\n", "there is no MATERIALS 1"),
        ("HEADER,1.13\nPARTS_REQ,1,1,A,1,10,10,1\n", "there is no job 1"),
        ("HEADER,1.13\nJOBS,1,a\nCUTS,1,1,1,1,1,100,1,X²,1\n", r"CUTS\.PART_INDEX: a part index or X"),
        ("HEADER,1.13\nJOBS,1,a\nMATERIALS,1,1,M,,\n", r"MATERIALS\.THICK: must not be empty"),
    ],
)
def test_a_wrong_file_is_refused_with_line_and_field(text, reason) -> None:
    with pytest.raises(FormatError, match=reason):
        read_ptx(text.encode())
