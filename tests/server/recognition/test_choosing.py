"""From shapes to parts, without a database."""

from hypothesis import given
from hypothesis import strategies as st

from fabwright.server.recognition.choosing import Line, choose, rank

LINES = st.lists(
    st.builds(
        Line,
        part=st.uuids().map(str),
        title=st.just("t"),
        model=st.just("m"),
        material=st.sampled_from(["white", "black"]),
        shape=st.sampled_from(["s1", "s2", "s3"]),
        copies=st.just(5),
        open=st.integers(0, 5),
    ),
    min_size=1,
    max_size=8,
)


@given(LINES, st.floats(0, 1), st.floats(0, 1), st.sampled_from(["assigned", "ask", "unknown"]))
def test_nothing_is_ever_assigned_that_is_not_open(
    lines: list[Line], chance: float, white: float, decision: str
) -> None:
    chances = {"s1": chance, "s2": 1.0 - chance}
    materials = {line.shape: {} for line in lines}
    for line in lines:
        materials[line.shape][line.material] = white if line.material == "white" else 1.0 - white
    for found in materials.values():
        total = sum(found.values()) or 1.0
        found.update({name: share / total for name, share in found.items()})
    ranked = rank(chances, lines, materials)
    assert sum(one.probability for one in ranked) <= 1.0 + 1e-9
    assert [one.probability for one in ranked] == sorted((one.probability for one in ranked), reverse=True)
    choice = choose(decision, "", ranked, lines, materials, target_error=0.001)
    by_name = {line.part: line for line in lines}
    if choice.decision == "assigned":
        assert decision == "assigned"
        assert choice.part is not None
        assert by_name[choice.part].open > 0
        assert by_name[choice.part].shape == ranked[0].shape
    else:
        assert choice.part is None


def line(part: str, material: str, copies: int) -> Line:
    return Line(part, part, "ring", material, "s1", 5, copies)


def test_the_part_with_most_open_copies_is_taken_first() -> None:
    lines = [line("a", "white", 1), line("b", "white", 3)]
    materials = {"s1": {"white": 1.0}}
    ranked = rank({"s1": 0.9999}, lines, materials)
    assert [(one.part, round(one.probability, 3)) for one in ranked] == [("b", 0.75), ("a", 0.25)]
    choice = choose("assigned", "", ranked, lines, materials, target_error=0.001)
    assert (choice.decision, choice.part) == ("assigned", "b")


def test_a_person_is_asked_for_the_material_that_no_colour_tells_even_if_one_only_is_open() -> None:
    lines = [line("a", "PA11", 0), line("b", "PA12", 2)]
    materials = {"s1": {"PA11": 0.5, "PA12": 0.5}}
    ranked = rank({"s1": 1.0}, lines, materials)
    choice = choose("assigned", "", ranked, lines, materials, target_error=0.001)
    assert (choice.decision, choice.part) == ("ask", None)
    assert "PA11 50%, PA12 50%" in choice.detail
