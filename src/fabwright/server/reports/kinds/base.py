"""What a kind of report is, and the order it works from."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Literal
from uuid import UUID

from pydantic import AliasChoices, BaseModel, ConfigDict, ValidationError

from fabwright.documents.records import Record
from fabwright.errors import InputError
from fabwright.formats.files import File, safe_name, unique_files, zip_files
from fabwright.timber import Board, Fastener, Member, Panel, Part

Selection = Literal["assemblies", "part_batches", "assembly_designs", "modules", "module_designs"]
Need = Literal["machine", "production_line"]
Progress = Callable[[float, str], None]


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of one thing to build."""

    uuid: UUID
    part: Part


@dataclass(frozen=True, slots=True)
class Element:
    """One thing to build (an assembly), with its panel and the pieces that were selected of it.

    Attributes:
        uuid: the assembly; the design itself where designs were selected.
        panel: the whole panel, also when only some pieces were selected.
    """

    uuid: UUID
    name: str
    design: UUID
    design_name: str
    revision: int
    panel: Panel
    pieces: tuple[Piece, ...]
    phase: str = ""
    batch: str = ""
    batch_uuid: UUID | None = None

    @property
    def members(self) -> tuple[tuple[UUID, Member], ...]:
        """The selected sticks with their uuids."""
        return tuple((piece.uuid, piece.part) for piece in self.pieces if isinstance(piece.part, Member))

    @property
    def boards(self) -> tuple[tuple[UUID, Board], ...]:
        """The selected sheets with their uuids."""
        return tuple((piece.uuid, piece.part) for piece in self.pieces if isinstance(piece.part, Board))

    @property
    def fasteners(self) -> tuple[tuple[UUID, Fastener], ...]:
        """The selected hardware with its uuids."""
        return tuple((piece.uuid, piece.part) for piece in self.pieces if isinstance(piece.part, Fastener))


@dataclass(frozen=True, slots=True)
class Placed:
    """Where one element of a group lies on the machine.

    Attributes:
        element: uuid of the element (the assembly).
        offset_mm: from the start of the group to the start of this element, along the machine's axis, which is the
            panels' X.
        length_mm: extent of its panel along that axis.
    """

    element: UUID
    name: str
    offset_mm: float
    length_mm: float


@dataclass(frozen=True, slots=True)
class Group:
    """A locked multipanel group: panels of one batch that go through the machine as one.

    Attributes:
        elements: all panels of the group in their order, also those that are not selected.
        faults: why it cannot go through the machine as it stands, in sentences: a panel of it is not selected, or a
            check that held when it was locked holds no more.
    """

    uuid: UUID
    name: str
    elements: tuple[Placed, ...]
    gap_mm: float = 0.0
    faults: tuple[str, ...] = ()

    @property
    def length_mm(self) -> float:
        """From the start of the first to the end of the last element."""
        return max((placed.offset_mm + placed.length_mm for placed in self.elements), default=0.0)

    def check(self) -> None:
        """For kinds that make one file of the group.

        Raises:
            InputError: it has faults; names the group and all of them.
        """
        if self.faults:
            raise InputError(f"multipanel group {self.name}: {'; '.join(self.faults)}", where="selected_assemblies")


@dataclass(frozen=True, slots=True)
class Order:
    """Everything a kind works from. The same order gives the same bytes.

    Attributes:
        as_of: when the newest design in it came to be; for kinds that ask for records when the version was launched.
            What files use as their date.
        setup: what the machine's setup says for this document type.
        base_url: what addresses on paper start with; empty where the installation names none.
        groups: the locked multipanel groups that selected assemblies belong to, in the order in which these were
            selected.
        records: what was noted in the workshop, by element; for kinds that ask for it (`Kind.notes`).
    """

    document_type: str
    report_name: str
    company: str
    project: str
    project_number: str
    client: str
    super_project: str
    elements: tuple[Element, ...]
    as_of: datetime
    machine: str = ""
    machine_model: str = ""
    production_line: str = ""
    stations: tuple[dict[str, Any], ...] = ()
    setup: dict[str, Any] = field(default_factory=dict)
    meta: dict[str, Any] = field(default_factory=dict)
    base_url: str = ""
    groups: tuple[Group, ...] = ()
    records: dict[UUID, Record] = field(default_factory=dict)

    def element(self, uuid: UUID) -> Element:
        """The element of this uuid, such as one that a group has placed.

        Raises:
            KeyError: it is not in the order.
        """
        for element in self.elements:
            if element.uuid == uuid:
                return element
        raise KeyError(uuid)


@dataclass(frozen=True, slots=True)
class Notes:
    """What of the workshop's record a kind prints: photos that are not asked for are only counted."""

    task_photos: bool = False
    issue_photos: bool = False


class Options(BaseModel):
    """Base of the options of a kind. They stand in `meta` beside keys of others, so unknown keys are left alone."""

    model_config = ConfigDict(frozen=True, extra="ignore", use_attribute_docstrings=True, allow_inf_nan=False)


class Kind[O: Options](ABC):
    """A document type.

    Attributes:
        document_type: its name in the protocol, spelled as there.
        title: its name for people.
        sentence: what it is for.
        selects: ways to say what it is made of.
        needs: what the payload must name besides.
        options: the typed schema of its options.
    """

    document_type: ClassVar[str]
    title: ClassVar[str]
    sentence: ClassVar[str]
    selects: ClassVar[tuple[Selection, ...]] = ("assemblies", "part_batches")
    needs: ClassVar[Need | None] = None
    options: type[O]

    @abstractmethod
    def make(self, order: Order, options: O, progress: Progress) -> tuple[File, ...]:
        """The files.

        Raises:
            FabwrightError: it cannot be made; the message names assembly, piece, option or limit.
        """

    @abstractmethod
    def verify(self, order: Order, options: O, files: tuple[File, ...]) -> None:
        """Reads the files back and compares them with the order.

        Raises:
            VerificationError: a difference; names piece and value.
        """

    def completed(self, meta: dict[str, Any], stations: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """What a payload's `meta` becomes at launch, of a kind that needs a production line: as sent, save where an
        option asks to fill in what the machines of the line say.

        Args:
            stations: of the line in their order: `name`, `zones`, `machine_model`, `setup`.

        Raises:
            InputError: it cannot be filled in; `where` is the option.
        """
        return meta

    def check_setup(self, setup: dict[str, Any]) -> None:
        """Checks what the setup of a machine says for this type, when it is stored.

        Raises:
            InputError: an option has the wrong type or range; `where` is the option.
        """
        read_options(self, {}, setup)

    def notes(self, options: O) -> Notes | None:
        """What it needs of what was noted in the workshop; None: nothing."""
        return None

    def pack(self, order: Order, options: O, files: tuple[File, ...]) -> File:
        """The one file that is delivered: a ZIP of all."""
        return File(f"{stem(order)}.zip", zip_files(unique_files(files)))


def read_options[O: Options](kind: Kind[O], order_setup: dict[str, Any], meta: dict[str, Any]) -> O:
    """The options of a payload: what `meta` says, else what the machine's setup says, else the default.

    Raises:
        InputError: an option has the wrong type or range; `where` is the option.
    """
    known = option_names(kind.options)
    given = {name: value for name, value in {**order_setup, **meta}.items() if name in known}
    return validated(kind.options, given)


def validated[M: BaseModel](model: type[M], values: Mapping[str, Any], place: str = "") -> M:
    """The model of these values.

    Raises:
        InputError: one has the wrong type or range; `where` is its place below `place`.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in (*([place] if place else []), *first["loc"]))
        got = (
            f" (got {first.get('input')!r:.80})" if first["loc"] else ""
        )  # options that do not go together: all of them
        raise InputError(f"{first['msg']}{got}", where=where) from error


def option_names(options: type[Options]) -> set[str]:
    """Every name under which an option may be given."""
    names = set(options.model_fields)
    for field_info in options.model_fields.values():
        alias = field_info.validation_alias
        if isinstance(alias, AliasChoices):
            names.update(str(choice) for choice in alias.choices)
    return names


def stem(order: Order) -> str:
    """The delivered file's name without its ending."""
    return safe_name(f"{order.project} - {order.report_name}", fallback=order.document_type, most=100)
