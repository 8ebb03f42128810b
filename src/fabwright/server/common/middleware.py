"""Middleware: what happens before a view is looked up."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse

type View = Callable[[HttpRequest], HttpResponse]


def refuse_oversized_bodies(get_response: View) -> View:
    """413 for a body that says it is too long, before a byte of it is read or stored."""

    def middleware(request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal():
            return JsonResponse({"detail": "Content-Length must be a number."}, status=400)
        is_json = (request.META.get("CONTENT_TYPE") or "").startswith("application/json")
        limit = settings.MAX_JSON_BYTES if is_json else settings.MAX_UPLOAD_BYTES
        if int(length) > limit:
            message = f"The body has {int(length):,} bytes; at most {limit:,} are accepted."
            answer = JsonResponse({"detail": message}, status=413)
            answer["Connection"] = "close"
            return answer
        return get_response(request)

    return middleware
