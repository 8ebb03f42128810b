"""What clients write about the catalog and what they are shown."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import UNSET, Struct

from fabwright.server.common.bulk.entries import Copies, Entry, Key, Line, Maybe, Whole

type Scalar = str | int | float | bool | None
type AttributeValue = str | int | float | bool | list[Scalar] | None
Datatype = Literal["STRING", "NUMBER", "DATETIME", "BOOLEAN"]


class MaterialEntry(Entry):
    id: Maybe[Key] = UNSET
    title: Maybe[Line] = UNSET
    colour: Maybe[Line] = UNSET
    finish: Maybe[Line] = UNSET


class Material(Struct):
    id: str
    title: str
    colour: str
    finish: str
    created: datetime
    modified: datetime


class ModelEntry(Entry):
    """The geometry itself comes as the file `geometry` of a multipart form."""

    id: Maybe[Key] = UNSET
    title: Maybe[Line] = UNSET


class Dimensions(Struct):
    """Side lengths of the axis-parallel box in mm."""

    x: float
    y: float
    z: float


class Model(Struct):
    """`design` is the SHA-1 of the uploaded file; lengths in mm, volume in mm³."""

    id: str
    title: str
    design: str
    file_name: str
    status: Literal["WAITING", "READY", "ERROR"]
    error: str
    warnings: list[str]
    dimensions: Dimensions | None
    volume: float | None
    triangles: int | None
    bodies: int | None
    watertight: bool | None
    geometry: str
    glb: str | None
    thumbnail: str | None
    created: datetime
    modified: datetime


class PartAttributeEntry(Entry):
    id: Maybe[Key] = UNSET
    title: Maybe[Line] = UNSET
    field: Maybe[Key] = UNSET
    datatype: Maybe[Datatype] = UNSET
    is_list: Maybe[bool] = UNSET
    filtering: Maybe[bool] = UNSET
    sorting: Maybe[bool] = UNSET
    detail: Maybe[bool] = UNSET
    summary: Maybe[bool] = UNSET
    order: Maybe[Whole | None] = UNSET


class PartAttribute(Struct):
    id: str
    title: str
    field: str
    datatype: Datatype
    is_list: bool
    filtering: bool
    sorting: bool
    detail: bool
    summary: bool
    order: int | None
    created: datetime
    modified: datetime


class PartEntry(Entry):
    id: Maybe[Key] = UNSET
    title: Maybe[Line] = UNSET
    copies: Maybe[Copies] = UNSET
    model: Maybe[Key] = UNSET
    material: Maybe[Key] = UNSET
    attributes: Maybe[dict[str, AttributeValue]] = UNSET
    metrology_template: Maybe[UUID | None] = UNSET


class Part(Struct):
    """`design_material` is what recognition can tell apart: SHA-1 of the geometry, underscore, material."""

    id: str
    uuid: UUID
    title: str
    copies: int
    model: str
    material: str
    design_material: str
    attributes: dict[str, AttributeValue]
    metrology_template: UUID | None
    created: datetime
    modified: datetime


class Search(Struct):
    """Filters by name, as a query string would hold them."""

    id: str | list[str] | None = None
