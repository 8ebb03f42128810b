"""The OpenAPI description of resources, made of the structs that read and write them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import msgspec
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from msgspec import Struct

_REFERENCE = "#/components/schemas/{name}"
_OBJECT_ERROR = {
    "type": "object",
    "description": "Messages by field, or one message under `detail`.",
    "additionalProperties": {},
}
_BULK_ERROR = {
    "description": "Messages by field; for a list, one object per entry in the order of the request.",
    "oneOf": [_OBJECT_ERROR, {"type": "array", "items": _OBJECT_ERROR}],
}


@dataclass(frozen=True, slots=True)
class Spec:
    """What an action takes and answers.

    Attributes:
        body: a struct, or a JSON schema; None = nothing.
        answer: a struct, a list of structs, a JSON schema, or None = no body.
        code: of success.
        codes: further codes with their meaning.
        media: type of the answer.
        body_media: types of the body.
        is_page: the answer is a page of the resource (or of `page_of`).
        parameters: OpenAPI parameters beyond path, filters and paging.
    """

    body: type[Struct] | dict[str, Any] | None = None
    answer: type[Struct | list[Any]] | dict[str, Any] | None = None
    code: int = 200
    codes: dict[int, str] = field(default_factory=dict)
    media: str | tuple[str, ...] = "application/json"
    body_media: Sequence[str] = ("application/json",)
    is_page: bool = False
    page_of: type[Struct] | None = None
    parameters: Sequence[Any] = ()


def spec(**kwargs: Any) -> Callable[[Any], Any]:
    """Declares what an action takes and answers; see `Spec`."""

    def mark(function: Any) -> Any:
        function.spec = Spec(**kwargs)
        return function

    return mark


class ResourceSchema(AutoSchema):
    """Describes the actions of a `ResourceViewSet`."""

    view: Any

    def _spec(self) -> Spec | None:
        return cast(Spec | None, getattr(getattr(self.view, self.view.action, None), "spec", None))

    def get_operation_id(self) -> str:
        name = str(self.view.basename)
        return f"{name}_{self.view.action}"

    def get_tags(self) -> list[str]:
        return [str(self.view.tag)]

    def get_filter_backends(self) -> list[Any]:
        is_filtered = self.view.action in ("list", "destroy_many")
        return list(self.view.filter_backends) if is_filtered else []

    def get_override_parameters(self) -> list[Any]:
        found = self._spec()
        return list(found.parameters) if found else []

    def get_request_serializer(self) -> Any:
        found = self._spec()
        if found is not None:
            if found.body is None:
                return None
            return {media: self.described(found.body) for media in found.body_media}
        shapes = self._bodies()
        return shapes.get(str(self.view.action))

    def _bodies(self) -> dict[str, Any]:
        """Media type -> schema, by action."""
        table = self.view.table
        if table is None:
            return {}
        entry = self.described(table.entry)
        must = ([table.outside] if table.is_keyed else []) + list(table.required)
        new = {"allOf": [entry, {"type": "object", "required": must}]} if must else entry
        known = {"allOf": [entry, {"type": "object", "required": [table.outside]}]} if table.is_keyed else entry
        json = "application/json"
        return {
            "create": {json: {"oneOf": [new, {"type": "array", "items": new}]}},
            "put_many": {json: {"type": "array", "items": known}},
            "update": {json: entry},
            "partial_update": {json: entry},
        }

    def get_response_serializers(self) -> Any:
        action = str(self.view.action)
        found = self._spec()
        if found is not None:
            success: Any = "" if found.answer is None else self.described(found.answer)
            if found.is_page:
                items = {"type": "array", "items": self.described(found.page_of or self.view.shown)}
                success = self.view.paginator.get_paginated_response_schema(items)
            media = (found.media,) if isinstance(found.media, str) else found.media
            codes: dict[Any, Any] = {(found.code, *media): success}
            codes |= {code: {**_OBJECT_ERROR, "description": text} for code, text in found.codes.items()}
            return codes | self._failures(has_body=found.body is not None)
        shown = self.described(self.view.shown)
        success = {
            "list": {200: shown},
            "create": {201: {"oneOf": [shown, {"type": "array", "items": shown}]}},
            "put_many": {200: {"type": "array", "items": shown}},
            "destroy": {204: ""},
            "destroy_many": {204: ""},
        }.get(action, {200: shown})
        return success | self._failures(has_body=action in ("create", "put_many", "update", "partial_update"))

    def _failures(self, *, has_body: bool) -> dict[Any, Any]:
        """What any action may answer beside success."""
        errors = {400: _BULK_ERROR, 401: _OBJECT_ERROR, 403: _OBJECT_ERROR, 404: _OBJECT_ERROR, 409: _OBJECT_ERROR}
        if has_body:
            errors |= {413: _OBJECT_ERROR, 415: _OBJECT_ERROR}
        return errors

    def described(self, shape: type[Struct | list[Any]] | dict[str, Any]) -> dict[str, Any]:
        """The schema of a struct (or of a list of them) as a reference to its component; a plain schema as it is."""
        if isinstance(shape, dict):
            return shape
        schemas, components = msgspec.json.schema_components([shape], ref_template=_REFERENCE)
        for name, component in components.items():
            self.registry.register_on_missing(
                ResolvedComponent(
                    name=name, type=ResolvedComponent.SCHEMA, schema=_as_openapi(component), object=f"struct {name}"
                )
            )
        return dict(schemas[0])


def _as_openapi(schema: Any) -> Any:
    """JSON schema 2020 as OpenAPI 3.0 writes it: null is a property of a type, not a type."""
    if isinstance(schema, list):
        return [_as_openapi(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {name: _as_openapi(part) for name, part in schema.items()}
    options = schema.get("anyOf")
    if isinstance(options, list) and {"type": "null"} in options:
        rest = [option for option in options if option != {"type": "null"}]
        del schema["anyOf"]
        inner = rest[0] if len(rest) == 1 and "$ref" not in rest[0] else {"anyOf": rest}
        schema |= {**inner, "nullable": True}
    if schema.get("type") == "null":
        schema = {"nullable": True, "enum": [None]}
    return schema
