"""GlobalIds: stable ones for what has none."""

import re
import uuid

import ifcopenshell.guid

_NAMESPACE = uuid.UUID("6f6b0f0c-6f5b-5c55-9d43-0c2e6a4d7f11")
_GUID = re.compile(r"[0-3][0-9A-Za-z_$]{21}")


def is_guid(text: str) -> bool:
    """Whether a text is a GlobalId as IFC writes it."""
    return _GUID.fullmatch(text) is not None


def guid_of(*names: object) -> str:
    """The GlobalId for a path of names: always the same for the same path."""
    path = "/".join(str(name).replace("/", "//") for name in names)
    return str(ifcopenshell.guid.compress(uuid.uuid5(_NAMESPACE, path).hex))
