"""Bodies that only the library's geometry kernel understands; checked first, for the kernel trusts what it is given."""

from functools import cache
from typing import Any

import ifcopenshell
import numpy as np
from ifcopenshell import ifcopenshell_wrapper as wrapper
from ifcopenshell.validate import ValidationError, assert_valid

from fabwright.formats.ifc.shapes_base import Facets, ShapeError

Entity = Any
MAX_INSTANCES = 200_000
"""Instances below one body; more are refused rather than checked for minutes."""
_M_TO_MM = 1000.0


def kernel_body(item: Entity) -> Facets:
    """The body of a representation item as the kernel facets it, mm.

    Raises:
        ShapeError: the item, or one that it refers to, is not as the schema says, or has no body.
    """
    import ifcopenshell.geom

    _check(item)
    try:
        geometry: Any = ifcopenshell.geom.create_shape(_settings(), item)
        geometry = getattr(geometry, "geometry", geometry)
        points = np.array(geometry.verts, float).reshape(-1, 3) * _M_TO_MM
        triangles = np.array(geometry.faces, np.int64).reshape(-1, 3)
    except (RuntimeError, ValueError, AttributeError, TypeError) as error:
        raise ShapeError(f"{item.is_a()} has no readable body ({_first_line(error)})") from error
    if len(triangles) == 0:
        raise ShapeError(f"{item.is_a()} has no faces")
    return Facets(points, triangles)


@cache
def _settings() -> Any:
    import ifcopenshell.geom

    settings: Any = ifcopenshell.geom.settings()  # type: ignore[no-untyped-call]
    settings.set("weld-vertices", True)
    return settings


def _check(item: Entity) -> None:
    """That everything below an item has the types that the schema says: a wrong one would crash the kernel."""
    schema = wrapper.schema_by_name(item.file.schema_identifier)
    waiting, seen = [item], {item.id()}
    while waiting:
        instance = waiting.pop()
        if len(seen) > MAX_INSTANCES:
            raise ShapeError(f"{item.is_a()} refers to more than {MAX_INSTANCES} instances")
        for value in _checked_values(instance, schema):
            for part in _instances(value):
                if part.id() and part.id() not in seen:
                    seen.add(part.id())
                    waiting.append(part)


def _checked_values(instance: Entity, schema: Any) -> list[Any]:
    declaration = schema.declaration_by_name(instance.is_a()).as_entity()
    if declaration is None:
        return []
    attributes, derived = declaration.all_attributes(), declaration.derived()
    if declaration.is_abstract() or len(instance) != len(attributes):
        raise ShapeError(f"#{instance.id()} {instance.is_a()} has the wrong number of attributes")
    values = []
    for k, attribute in enumerate(attributes):
        if derived[k]:
            continue
        value = instance[k]
        if value is None:
            if not attribute.optional():
                raise ShapeError(f"#{instance.id()} {instance.is_a()} lacks {attribute.name()}")
            continue
        try:
            assert_valid(attribute.type_of_attribute(), value, schema, attr=attribute)
        except (ValidationError, NotImplementedError, KeyError) as error:
            raise ShapeError(f"#{instance.id()} {instance.is_a()}: {attribute.name()} is of the wrong type") from error
        values.append(value)
    return values


def _instances(value: Any) -> list[Entity]:
    if isinstance(value, ifcopenshell.entity_instance):
        return [value]
    if isinstance(value, tuple):
        return [part for item in value for part in _instances(item)]
    return []


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
