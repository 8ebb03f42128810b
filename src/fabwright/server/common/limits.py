"""How much a request may carry."""

from typing import Any

from django.conf import settings
from rest_framework import status
from rest_framework.exceptions import APIException


class TooLarge(APIException):
    """413; the message names the limit."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"

    def __init__(self, limit: int) -> None:
        super().__init__(f"The body is larger than the {limit:,} bytes that are accepted here.")


def read_limited(stream: Any) -> bytes:
    """The whole JSON body.

    Raises:
        TooLarge: it is longer than MAX_JSON_BYTES.
    """
    limit: int = settings.MAX_JSON_BYTES
    body: bytes = stream.read(limit + 1)
    if len(body) > limit:
        raise TooLarge(limit)
    return body
