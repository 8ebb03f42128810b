"""Values: how they are read from a query, written into one, and taken from a part for comparing.

A value is one of: `str` (STRING), `Decimal` (NUMBER), `bool` (BOOLEAN), an aware `datetime` in UTC or a `date`
(DATETIME). A `date` exists in queries only and stands for the whole day in UTC.
"""

import math
import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

from fabwright.queries.attributes import Attribute, Datatype

type Value = str | Decimal | bool | date | datetime
type Scalar = str | Decimal | bool | datetime
"""What a stored value becomes before it is compared."""

# 40 digits and three of exponent hold every double and every 128-bit integer, and stay cheap in any database.
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,3})?")
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


def fold(text: str) -> str:
    """The form in which texts are compared without regard to case: NFC, then full Unicode case folding."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def read_value(text: str, datatype: Datatype) -> Value:
    """Reads one value of a query.

    Raises:
        ValueError: `text` is not of that datatype; the message says what was expected.
    """
    match datatype:
        case Datatype.STRING:
            return text
        case Datatype.NUMBER:
            if not _NUMBER.fullmatch(text):
                raise ValueError("expected a number such as 12, -3.5 or 1e6 (at most 40 digits)")
            return Decimal(text)
        case Datatype.BOOLEAN:
            if (found := _BOOLEANS.get(text.lower())) is None:
                raise ValueError("expected true or false")
            return found
        case Datatype.DATETIME:
            return _read_time(text)


def _read_time(text: str) -> date | datetime:
    try:
        try:
            return date.fromisoformat(text)
        except ValueError:
            return _utc(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        raise ValueError("expected a date such as 2026-03-18 or a time such as 2026-03-18T14:30:00Z") from None


def _utc(time: datetime) -> datetime:
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def write_value(value: Value) -> str:
    """The text that `read_value` reads as `value`, without any escapes."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return _utc(value).replace(tzinfo=None).isoformat() + "Z"
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def stored_values(part: Mapping[str, object], attribute: Attribute) -> tuple[Scalar, ...]:
    """What a part holds under an attribute, ready for comparing.

    Args:
        part: as the API shows it: `id`, `title`, `copies`, `attributes`.

    Returns:
        One scalar, or one per element of a list; nothing when the value is missing, null, or not of the datatype.
        A number or boolean under a STRING counts as its text, a numeric text under a NUMBER as the number, a date
        under a DATETIME as its first moment in UTC. Nothing is folded.
    """
    if attribute.built_in:
        raw = part.get(attribute.field)
    else:
        held = part.get("attributes")
        raw = held.get(attribute.field) if isinstance(held, Mapping) else None
    elements = raw if isinstance(raw, list | tuple) else (raw,)
    found = (_scalar(element, attribute.datatype) for element in elements)
    return tuple(value for value in found if value is not None)


def _scalar(raw: object, datatype: Datatype) -> Scalar | None:
    text = _text(raw)
    if text is None:
        return None
    if datatype is Datatype.STRING:
        return text
    if isinstance(raw, bool) and datatype is not Datatype.BOOLEAN:
        return None
    try:
        value = read_value(text.strip(), datatype)
    except ValueError:
        return None
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return value


def _text(raw: object) -> str | None:
    if isinstance(raw, str):
        return raw
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, int):
        return str(raw) if abs(raw) < 10**40 else None
    if isinstance(raw, float) and math.isfinite(raw):
        return str(int(raw)) if raw.is_integer() and abs(raw) < 1e16 else repr(raw)
    return None
