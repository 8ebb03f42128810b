"""What the OpenAPI document must be told."""

from typing import Any

from drf_spectacular.contrib.django_filters import DjangoFilterExtension
from drf_spectacular.extensions import OpenApiAuthenticationExtension


class TokenScheme(OpenApiAuthenticationExtension):
    """How a client shows who it is."""

    target_class = "fabwright.server.common.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "Token <key>; Bearer <key> is understood as well.",
        }


class StrictFilters(DjangoFilterExtension):
    """The filters of a list, and what it may be ordered by."""

    target_class = "fabwright.server.common.filters.StrictFilterBackend"
    match_subclasses = True
    priority = 1

    def get_schema_operation_parameters(self, auto_schema: Any, *args: Any, **kwargs: Any) -> list[dict[str, Any]]:
        own = getattr(self.target, "parameters", None)
        if own is not None:
            found: list[dict[str, Any]] = own()
        else:
            found = super().get_schema_operation_parameters(auto_schema, *args, **kwargs)  # type: ignore[no-untyped-call]
        if auto_schema.view.action != "list":
            return found
        offered = ", ".join(auto_schema.view.orderings())
        about = f"Comma list of {offered}; a minus before a name: downwards."
        return [*found, {"name": "ordering", "in": "query", "schema": {"type": "string"}, "description": about}]
