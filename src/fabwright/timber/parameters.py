"""The ground of all timber objects: frozen records of parameters whose ranges are checked wherever they come from.

Ranges stand once, in the type of the field (`Annotated[float, Meta(ge=..., le=...)]`), and hold for objects made
in Python as well as for objects decoded from JSON. Lengths are millimetres, angles degrees.
"""

import math
from functools import cache
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from fabwright.errors import InputError

# BTLx 2.3.1, simple types of the schema. The N variants are signed.
Length = Annotated[float, Meta(ge=0.0, le=100_000.0)]
LengthPos = Annotated[float, Meta(ge=-100_000.0, le=100_000.0)]
LengthS = Annotated[float, Meta(ge=0.0, le=1_000.0)]
Width = Annotated[float, Meta(ge=0.0, le=50_000.0)]
WidthN = Annotated[float, Meta(ge=-50_000.0, le=50_000.0)]
Diameter = Annotated[float, Meta(gt=0.0, le=1_000.0)]
Angle = Annotated[float, Meta(ge=0.1, le=179.9)]
AngleN = Annotated[float, Meta(ge=-179.9, le=179.9)]
AngleHalfTurnN = Annotated[float, Meta(ge=-180.0, le=180.0)]
AngleFullTurn = Annotated[float, Meta(ge=0.0, le=360.0)]
Tilt = Annotated[float, Meta(ge=-89.9, le=89.9)]
TiltFlat = Annotated[float, Meta(ge=-90.0, le=90.0)]
PositiveLength = Annotated[float, Meta(gt=0.0, le=100_000.0)]
Side = Annotated[int, Meta(ge=1, le=6)]
Zone = Annotated[int, Meta(ge=-99, le=99)]
Label = Annotated[str, Meta(max_length=255)]
Note = Annotated[str, Meta(max_length=10_000)]


class Parameters(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A frozen, validated record.

    Raises:
        InputError: a number is not finite or outside its range, or a text is too long; names the field and the range.
    """

    def __post_init__(self) -> None:
        for name, low, low_open, high, most in _ranges(type(self)):
            value = getattr(self, name)
            if value is None:
                continue
            if most is not None:
                if len(value) > most:
                    raise InputError(
                        f"at most {most} characters are allowed, got {len(value)}", where=self._place(name)
                    )
            elif not (low < value if low_open else low <= value) or not value <= high:  # also catches NaN
                bound = f"above {low:g}" if low_open else f"at least {low:g}"
                raise InputError(f"must be {bound} and at most {high:g}, got {value}", where=self._place(name))

    def _place(self, field: str) -> str:
        return f"{type(self).__name__}.{field}"


@cache
def _ranges(kind: type) -> tuple[tuple[str, float, bool, float, int | None], ...]:
    """(field, low, low is open, high, most characters) of every field that has a range, read off its type."""
    rows: list[tuple[str, float, bool, float, int | None]] = []
    info = msgspec.inspect.type_info(kind)
    assert isinstance(info, msgspec.inspect.StructType)
    for field in info.fields:
        for option in _options(field.type):
            if isinstance(option, msgspec.inspect.FloatType | msgspec.inspect.IntType):
                low = option.ge if option.ge is not None else option.gt
                high = option.le if option.le is not None else math.inf
                is_open = option.ge is None and option.gt is not None
                rows.append((field.name, -math.inf if low is None else low, is_open, high, None))
            elif isinstance(option, msgspec.inspect.StrType) and option.max_length is not None:
                rows.append((field.name, 0.0, False, 0.0, option.max_length))
    return tuple(rows)


def _options(kind: Any) -> tuple[Any, ...]:
    return kind.types if isinstance(kind, msgspec.inspect.UnionType) else (kind,)
