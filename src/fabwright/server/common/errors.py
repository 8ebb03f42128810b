"""How errors are answered: the shapes of Django REST framework, whatever raised them."""

from typing import Any

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import DataError, IntegrityError
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from fabwright.errors import FabwrightError
from fabwright.server.files.errors import BlobMissing, BlobUnavailable


class Conflict(exceptions.APIException):
    """409: the state of things does not allow it (any more)."""

    status_code = 409
    default_code = "conflict"
    default_detail = "The object has changed meanwhile."


def answer(error: Exception, context: Any) -> Response | None:
    """`{"field": ["message"]}` or `{"detail": "message"}`; None leaves the error to Django (500)."""
    if isinstance(error, BlobUnavailable):
        set_rollback()
        return Response({"detail": "The file store does not answer; try again."}, status=503)
    if isinstance(error, BlobMissing):
        set_rollback()
        return Response({"detail": "The file is gone."}, status=404)
    if isinstance(error, FabwrightError):
        set_rollback()
        if error.where.isidentifier():
            return Response({error.where: [error.message]}, status=400)
        return Response({"detail": str(error)}, status=400)
    if isinstance(error, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        set_rollback()
        return Response({"detail": str(error)}, status=413)
    if isinstance(error, DataError):  # a text with NUL inside JSON, a number beyond its column
        set_rollback()
        return Response({"detail": "A value cannot be stored: " + str(error).partition("\n")[0]}, status=400)
    if isinstance(error, IntegrityError):  # a race that validation could not see
        set_rollback()
        return Response({"detail": "An object with the same key exists, or is still in use."}, status=409)
    return exception_handler(error, context)
