"""What a BTL file is made from and what it holds."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta

from fabwright.errors import InputError
from fabwright.timber.frame import Frame
from fabwright.timber.parameters import Label, Parameters
from fabwright.timber.part import Member

MAX_USER_ATTRIBUTES = 5


class BtlPart(Parameters, frozen=True, kw_only=True):
    """One [PART]: a member and the pieces that are made of it.

    Attributes:
        count: pieces.
        uids: whole numbers that are unique in the project, one per piece, or none at all.
        frames: where each piece lies in the project, one per uid, or none at all.
        number: SINGLEMEMBERNUMBER, the identity on labels; 0 = numbered in the order of the file.
        assembly, order, storey, group, package, element, module: the keys of these names.
        user_attributes: written into this part in addition to those of the job.
        extra: keys of a read file that have no field here, as they stood.
    """

    member: Member
    count: Annotated[int, Meta(ge=1, le=1_000_000)] = 1
    uids: tuple[int, ...] = ()
    frames: tuple[Frame, ...] = ()
    number: Annotated[int, Meta(ge=0, le=99_999_999)] = 0
    assembly: Label = ""
    order: Annotated[int, Meta(ge=0, le=99_999_999)] = 0
    storey: Label = ""
    group: Label = ""
    package: Label = ""
    element: Label = ""
    module: Label = ""
    user_attributes: dict[str, str] = {}
    extra: dict[str, str] = {}

    def __post_init__(self) -> None:
        super().__post_init__()
        label = self.member.reference or self.member.name or "?"
        if self.uids and len(self.uids) != self.count:
            raise InputError(f"part {label} has {self.count} pieces and {len(self.uids)} UIDs", where="BtlPart.uids")
        if self.frames and len(self.frames) != len(self.uids):
            raise InputError(
                f"part {label} has {len(self.uids)} UIDs and {len(self.frames)} places", where="BtlPart.frames"
            )
        if any(not 0 <= uid <= 999_999_999 for uid in self.uids):
            raise InputError("must be whole numbers from 0 to 999,999,999", where="BtlPart.uids")


class BtlJob(Parameters, frozen=True, kw_only=True):
    """What one file is to say.

    Attributes:
        parts: usually made with `group_identical`.
        user_attributes: up to five, written into every part.
        angle_decimals: angles are rounded to so many decimals before they are scaled.
        create_marks: ask for markings and texts; their key numbers are not certain, so a part that has any is
            refused by name (see docs/decisions). Without it markings and texts are left out.
        exported_at: the date in the header; None leaves it out. Never invented, so that the same job gives the same
            bytes.
    """

    project_name: Label = ""
    project_number: Label = ""
    parts: tuple[BtlPart, ...] = ()
    user_attributes: dict[str, str] = {}
    angle_decimals: Annotated[int, Meta(ge=0, le=2)] = 1
    create_marks: bool = False
    exported_at: datetime | None = None
    customer: Label = ""
    list_name: Label = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.user_attributes) > MAX_USER_ATTRIBUTES:
            raise InputError(
                f"at most {MAX_USER_ATTRIBUTES} are allowed, got {len(self.user_attributes)}",
                where="BtlJob.user_attributes",
            )
        seen: set[int] = set()
        for part in self.parts:
            for uid in part.uids:
                if uid in seen:
                    raise InputError(f"UID {uid} is used twice", where="BtlJob.parts")
                seen.add(uid)


class Document(Parameters, frozen=True, kw_only=True):
    """What a file holds.

    Attributes:
        general: the keys of the [GENERAL] section as text.
        warnings: what was kept as text or left out, a line per fact, with its line number.
    """

    version: str = ""
    build: str = ""
    edition: str = "STANDARD"
    general: dict[str, str] = {}
    parts: tuple[BtlPart, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def project_name(self) -> str:
        """PROJECTNAME of the general section."""
        return self.general.get("PROJECTNAME", "")

    @property
    def pieces(self) -> int:
        """Number of pieces that the parts stand for."""
        return sum(part.count for part in self.parts)
