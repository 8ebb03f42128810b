"""Short names of parts: stable, by category, the same for the same piece."""

from fabwright.formats.ifc.references import with_references
from fabwright.timber import Board, Fastener, Frame, Member, Panel
from fabwright.timber.process import Drilling


def _stud(length: float = 2400.0, **fields: object) -> Member:
    return Member(length=length, width=45.0, height=145.0, category="stud", **fields)  # type: ignore[arg-type]


def _names(*members: Member) -> list[str]:
    return [member.reference for member in with_references(Panel(name="A", members=members)).members]


def test_identical_parts_share_a_reference_wherever_they_are() -> None:
    assert _names(_stud(), _stud(frame=Frame(origin=(600.0, 0.0, 0.0))), _stud(uid="x", name="other")) == ["S1"] * 3


def test_parts_that_are_made_differently_do_not() -> None:
    drilled = _stud(processes=(Drilling(start_x=100.0),))
    assert _names(_stud(), _stud(2400.02), drilled, _stud(material="C24"), _stud(zone=1)) == [
        "S1", "S2", "S3", "S4", "S5",
    ]  # fmt: skip


def test_rounding_makes_no_difference() -> None:
    assert _names(_stud(2400.0), _stud(2400.0000001)) == ["S1", "S1"]


def test_a_given_reference_is_kept_and_not_given_again() -> None:
    assert _names(_stud(reference="S1"), _stud(2000.0)) == ["S1", "S2"]


def test_every_kind_of_part_has_its_letter() -> None:
    panel = Panel(
        name="A",
        members=(Member(length=1.0, width=1.0, height=1.0),),
        boards=(Board(length=1.0, width=1.0, thickness=1.0, category="insulation"),),
        fasteners=(Fastener(article="hold-down"),),
    )
    assert [part.reference for part in with_references(panel).parts] == ["W1", "I1", "A1"]
