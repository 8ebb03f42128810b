"""What a client may send to `bulk_launch`, checked as a whole before anything is made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from fabwright.errors import InputError
from fabwright.server.reports.kinds import kinds
from fabwright.server.reports.kinds.base import Kind, Options, Selection, option_names, read_options

type Errors = dict[str, list[str]]

MOST_PAYLOADS = 1_000
MOST_SELECTED = 10_000

# Where each way to select stands in a payload.
PLACES: dict[Selection, str] = {
    "assemblies": "selected_assemblies",
    "assembly_designs": "selected_assembly_designs",
    "modules": "selected_modules",
    "module_designs": "selected_module_designs",
    "part_batches": "meta.part_batches",
}


@dataclass(slots=True)
class Payload:
    """One payload whose own form is right; what it names is not looked up yet.

    Attributes:
        selected: by way of selecting, the uuids or names as sent.
    """

    name: str
    kind: Kind[Options]
    meta: dict[str, Any]
    project: UUID | None
    project_name: str
    super_project: str
    selected: dict[Selection, list[UUID | str]]
    errors: Errors = field(default_factory=dict)

    def refuse(self, place: str, message: str) -> None:
        """Notes a further reason not to launch it."""
        self.errors.setdefault(place, []).append(message)

    @property
    def machine(self) -> UUID | None:
        """The machine it names."""
        return as_uuid(self.meta.get("machine_uuid", self.meta.get("machine")))

    @property
    def production_line(self) -> UUID | None:
        """The production line it names."""
        return as_uuid(self.meta.get("production_line_uuid", self.meta.get("production_line")))


def read_payload(data: Any) -> Payload | Errors:
    """The payload, with everything that is wrong with its own form in `errors`; only errors when it has no form."""
    if not isinstance(data, Mapping):
        return {"non_field_errors": ["must be an object"]}
    kind = kinds().get(data.get("document_type", "")) if isinstance(data.get("document_type"), str) else None
    if kind is None:
        known = ", ".join(sorted(kinds()))
        return {"document_type": [f"must be one of {known}; got {str(data.get('document_type'))[:60]!r}"]}
    meta = {} if data.get("meta") is None else data["meta"]
    if not isinstance(meta, Mapping):
        return {"meta": ["must be an object"]}
    payload = Payload("", kind, dict(meta), None, "", "", {})
    payload.name = _text(payload, data, "name", needed=True)
    payload.project_name = _text(payload, data, "project_name")
    payload.super_project = _text(payload, data, "super_project")
    _read_project(payload, data)
    for way, place in PLACES.items():
        source = meta if place.startswith("meta.") else data
        _read_selection(payload, way, place, source.get(place.removeprefix("meta.")))
    if not any(payload.selected.values()) and not payload.errors:
        payload.refuse(PLACES[kind.selects[0]], f"nothing is selected; give {_ways(kind)}")
    _check_options(payload)
    return payload


def as_uuid(value: Any) -> UUID | None:
    """The uuid that a text spells, or None."""
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _text(payload: Payload, data: Mapping[str, Any], field_name: str, *, needed: bool = False) -> str:
    value = data.get(field_name)
    if value is None and not needed:
        return ""
    if not isinstance(value, str) or (needed and not value.strip()):
        payload.refuse(field_name, "must be a text that is not empty" if needed else "must be a text")
    elif len(value) > 255:
        payload.refuse(field_name, f"at most 255 characters are allowed, got {len(value)}")
    elif "\x00" in value:
        payload.refuse(field_name, "must not hold a NUL character")
    else:
        return value.strip()
    return ""


def _read_project(payload: Payload, data: Mapping[str, Any]) -> None:
    value = data.get("project")
    if value:
        payload.project = as_uuid(value)
        if payload.project is None:
            payload.refuse("project", "must be a uuid")
    elif not payload.project_name and "project_name" not in payload.errors:
        payload.refuse("project", "give a project by its uuid, or a project_name")


def _read_selection(payload: Payload, way: Selection, place: str, value: Any) -> None:
    if value is None or value == []:
        return
    if not isinstance(value, Sequence) or isinstance(value, str) or not all(isinstance(one, str) for one in value):
        payload.refuse(place, "must be a list of uuids")
    elif len(value) > MOST_SELECTED:
        payload.refuse(place, f"at most {MOST_SELECTED} are allowed, got {len(value)}")
    elif way not in payload.kind.selects:
        payload.refuse(place, f"{payload.kind.document_type} cannot be made from these; give {_ways(payload.kind)}")
    else:
        payload.selected[way] = [as_uuid(one) or one for one in value]


def _check_options(payload: Payload) -> None:
    names = option_names(payload.kind.options)
    try:
        read_options(payload.kind, {}, {key: value for key, value in payload.meta.items() if key in names})
    except InputError as error:
        payload.refuse(f"meta.{error.where}".rstrip("."), error.message)


def _ways(kind: Kind[Options]) -> str:
    return " or ".join(PLACES[way] for way in kind.selects)
