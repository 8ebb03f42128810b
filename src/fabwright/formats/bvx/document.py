"""What a BVX file is made from and what it holds."""

from typing import Annotated, Literal

from msgspec import Meta

from fabwright.errors import InputError, LimitError
from fabwright.timber.parameters import Label, Note, Parameters
from fabwright.timber.part import Member

Leavable = Literal["Lap", "Drilling", "LongitudinalCut", "Slot", "Pocket", "Mortise", "Tenon", "SawCut", "ContourCut"]
"""Processings that a job may leave to another machine; end cuts are not among them."""


class BvxPart(Parameters, frozen=True, kw_only=True):
    """One Part: a member and how many are made of it.

    Attributes:
        part_id: unique in the job.
        assembly: what it belongs to; named in errors.
        comments: free text for the operator.
    """

    member: Member
    part_id: Annotated[int, Meta(ge=1, le=999_999)]
    count: Annotated[int, Meta(ge=1, le=1_000_000)] = 1
    assembly: Label = ""
    comments: Note = ""

    @property
    def label(self) -> str:
        """What errors call it."""
        name = f"part {self.member.reference or self.member.name or self.part_id}"
        return f"assembly {self.assembly}, {name}" if self.assembly else name


class BvxJob(Parameters, frozen=True, kw_only=True):
    """What one file is to say.

    Attributes:
        delivery: DeliveryDate, DD.MM.YYYY; empty = none.
        angle_decimals: angles are rounded to so many decimals.
        create_marks: ask for markings and texts; their form is not certain, so a part that has any is refused by
            name. Without it markings and texts are left out.
        leave_out: processings that another machine makes; each part that has any says so in its comments.
        max_length, max_section: what the machine takes, mm; None = not stated. The section is the larger edge.

    Raises:
        InputError: two parts have the same id, or a part has a profile that is no rectangle.
        LimitError: a part is larger than the machine takes; names assembly, part, option and limit.
    """

    project_name: Label = ""
    parts: tuple[BvxPart, ...] = ()
    delivery: Label = ""
    angle_decimals: Annotated[int, Meta(ge=0, le=2)] = 1
    create_marks: bool = False
    leave_out: frozenset[Leavable] = frozenset()
    max_length: Annotated[float, Meta(gt=0)] | None = None
    max_section: Annotated[float, Meta(gt=0)] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        ids = [part.part_id for part in self.parts]
        twice = {one for one in ids if ids.count(one) > 1} if len(set(ids)) < len(ids) else set()
        if twice:
            raise InputError(f"PartId {min(twice)} is used twice", where="BvxJob.parts")
        for part in self.parts:
            if part.member.profile:
                raise InputError(
                    f"only rectangular sections can be said in BVX 1.0, this is {part.member.profile}", where=part.label
                )
            self._check_limit(part, "max_length", part.member.length, self.max_length, "long")
            self._check_limit(part, "max_section", part.member.section[1], self.max_section, "wide")

    def _check_limit(self, part: BvxPart, option: str, value: float, limit: float | None, how: str) -> None:
        if limit is not None and value > limit + 1e-6:
            raise LimitError(f"is {value:g} mm {how}, {option} of the machine is {limit:g} mm", where=part.label)


class Document(Parameters, frozen=True, kw_only=True):
    """What a file holds.

    Attributes:
        job: the attributes of the Job element as they stood.
        warnings: what was kept as text or read with a doubt, a line per fact.
    """

    version: str = ""
    job: dict[str, str] = {}
    parts: tuple[BvxPart, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def pieces(self) -> int:
        """Number of pieces that the parts stand for."""
        return sum(part.count for part in self.parts)
