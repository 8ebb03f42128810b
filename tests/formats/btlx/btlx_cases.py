"""Strategies and helpers for BTLx tests."""

from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import strategies as st
from lxml import etree

from fabwright.timber import Contour, Segment
from fabwright.timber import process as p

DATA = Path(__file__).resolve().parents[4] / "shared" / "data" / "formats" / "btlx"
NS = "{https://www.design2machine.com}"


def sample(name: str) -> bytes:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"sample data is not here: {path}")
    return path.read_bytes()


@cache
def schema(version: str) -> etree.XMLSchema:
    path = DATA / f"BTLx_{version.replace('.', '_')}.offline.xsd"
    if not path.exists():
        pytest.skip(f"schema is not here: {path}")
    return etree.XMLSchema(etree.parse(path))


def assert_valid(data: bytes, version: str) -> None:
    """Valid by the offline schema, which leaves Shape out."""
    root = etree.fromstring(data)
    for shape in list(root.iter(f"{NS}Shape")):
        shape.getparent().remove(shape)
    checker = schema(version)
    assert checker.validate(root), checker.error_log.last_error


words = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20)
points = st.tuples(*[st.floats(-2000, 2000).map(lambda v: round(v, 4))] * 2)


def numbers(low: float, high: float):
    return st.floats(max(low, -100000.0), min(high, 100000.0)).map(lambda v: round(v, 4))


@st.composite
def contours(draw, spacing: bool = False, inclined: bool = False, closed: bool = False) -> Contour:
    start = draw(points)
    steps = draw(st.lists(points, min_size=2, max_size=5))
    if closed:
        steps = [*steps, start]
    segments = []
    for end in steps:
        values: dict[str, Any] = {"end": end}
        if draw(st.booleans()):
            values["through"] = draw(points)
        if spacing and draw(st.booleans()):
            values["spacing"] = draw(numbers(1, 500))
        if inclined and draw(st.booleans()):
            values["inclination"] = draw(numbers(-89, 89))
        segments.append(Segment(**values))
    return Contour(start=start, segments=tuple(segments))


_SPECIAL: dict[str, Any] = {
    "name": words,
    "comment": words,
    "text": words.filter(lambda text: text == text.strip()),
    "priority": st.integers(0, 100),
    "glue_type": words,
    "amount": st.none() | numbers(0.1, 100),
    "nail_length": st.none() | numbers(1, 100),
    "screw_length": st.none() | numbers(1, 100),
    "screw_diameter": st.none() | numbers(1, 20),
    "tool_id": st.none() | st.integers(0, 999),
}


def _field(field: msgspec.inspect.Field, kind: type[p.Base]):
    if field.name == "contour":
        return contours(spacing=kind in (p.NailLine, p.ScrewLine), inclined=kind is p.ContourCut)
    if field.name == "apertures":
        return st.lists(contours(inclined=kind is p.ContourCut, closed=True), max_size=1).map(tuple)
    if field.name in _SPECIAL:
        return _SPECIAL[field.name]
    options = field.type.types if isinstance(field.type, msgspec.inspect.UnionType) else (field.type,)
    option = options[0]
    if isinstance(option, msgspec.inspect.BoolType):
        return st.booleans()
    if isinstance(option, msgspec.inspect.LiteralType):
        return st.sampled_from(option.values)
    if isinstance(option, msgspec.inspect.IntType):
        return st.integers(option.ge, option.le)
    if isinstance(option, msgspec.inspect.FloatType):
        return numbers(option.ge if option.ge is not None else option.gt, option.le)
    if field.name == "limits":
        return st.none() | st.builds(p.Limits, start=st.booleans(), front=st.booleans(), top=st.booleans())
    raise AssertionError(field.name)


def processes(kind: type[p.Base]):
    """Any processing of a kind, its fields within their ranges."""
    info = msgspec.inspect.type_info(kind)
    return st.builds(kind, **{field.name: _field(field, kind) for field in info.fields})
