"""`/data/blob/{key}?...`: signed addresses of folder stores. They answer as an S3 server does."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import BinaryIO
from urllib.parse import parse_qsl

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import http_date, parse_http_date_safe
from django.views.decorators.http import require_safe

from fabwright.errors import ConfigurationError
from fabwright.server.files.disk import Part
from fabwright.server.files.errors import BlobKeyError, BlobMissing, BlobUnavailable
from fabwright.server.files.folder import FolderStore
from fabwright.server.files.keys import check_key
from fabwright.server.files.port import Stat
from fabwright.server.files.ranges import Unsatisfiable, parse_range
from fabwright.server.files.signing import CONTENT_TYPE, DISPOSITION, STORE, BadSignature
from fabwright.server.files.stores import store

_CHUNK = 256 * 1024


@require_safe
def blob(request: HttpRequest, key: str) -> HttpResponseBase:
    """Sends a blob to whoever has its signed address.

    403 when the address has expired or any part of it is not as it was given, 404 when the blob is gone, 206 and 416
    for a single range, 304 and 412 for conditions. HEAD is answered for the same address.
    """
    try:
        pairs = parse_qsl(request.META.get("QUERY_STRING", ""), keep_blank_values=True, max_num_fields=10)
        held = store(dict(pairs).get(STORE, ""))
        if not isinstance(held, FolderStore):
            raise BadSignature("this address was given by another blob store")
        parameters = held.signer.verify("GET", check_key(key), pairs)
    except (BadSignature, BlobKeyError, ConfigurationError, ValueError) as error:
        return _refused(str(error) if isinstance(error, BadSignature) else "this address was changed")
    try:
        stream, stat = held.open_described(key)
    except BlobMissing:
        return JsonResponse({"detail": "Not found."}, status=HTTPStatus.NOT_FOUND)
    except BlobUnavailable:
        return JsonResponse({"detail": "The blob store does not answer."}, status=HTTPStatus.SERVICE_UNAVAILABLE)
    try:
        response = _answer(request, stream, stat)
    except BaseException:
        stream.close()
        raise
    if not isinstance(response, StreamingHttpResponse):
        stream.close()
    if response.status_code in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT, HTTPStatus.NOT_MODIFIED):
        _describe(response, stat, parameters)
        response["Cache-Control"] = f"private, max-age={held.signer.remaining_s(parameters)}"
    return response


def _refused(reason: str) -> HttpResponse:
    response = JsonResponse({"detail": reason}, status=HTTPStatus.FORBIDDEN)
    response["Cache-Control"] = "no-store"
    return response


def _answer(request: HttpRequest, stream: BinaryIO, stat: Stat) -> HttpResponseBase:
    """The response for an open blob, without the headers that describe it."""
    modified = int(stat.modified.timestamp())
    condition = get_conditional_response(request, etag=f'"{stat.etag}"', last_modified=modified)
    if condition is not None:
        return condition
    try:
        wanted = parse_range(request.headers.get("Range", ""), stat.size) if _range_counts(request, stat) else None
    except Unsatisfiable:
        return HttpResponse(status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers=_content_range("*", stat))
    headers = {"Content-Length": str(wanted.length if wanted else stat.size)}
    if wanted:
        headers |= _content_range(f"{wanted.first}-{wanted.last}", stat)
    status = HTTPStatus.PARTIAL_CONTENT if wanted else HTTPStatus.OK
    if request.method == "HEAD":
        return HttpResponse(status=status, headers=headers)
    stream.seek(wanted.first if wanted else 0)
    part = Part(stream, wanted.length if wanted else stat.size)
    return StreamingHttpResponse(_Chunks(part), status=status, headers=headers)


def _content_range(span: str, stat: Stat) -> dict[str, str]:
    return {"Content-Range": f"bytes {span}/{stat.size}"}


def _range_counts(request: HttpRequest, stat: Stat) -> bool:
    """Whether the blob is still the one that the client has a part of (If-Range; RFC 9110, 13.1.5)."""
    condition = request.headers.get("If-Range", "").strip()
    if not condition:
        return True
    if condition.startswith('"'):
        return condition == f'"{stat.etag}"'
    return parse_http_date_safe(condition) == int(stat.modified.timestamp())


class _Chunks:
    """Iterates over a stream and closes it, read or not."""

    def __init__(self, stream: Part) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        while chunk := self._stream.read(_CHUNK):
            yield chunk

    def close(self) -> None:
        self._stream.close()


def _describe(response: HttpResponseBase, stat: Stat, parameters: dict[str, str]) -> None:
    kind = parameters.get(CONTENT_TYPE) or stat.content_type
    response["ETag"] = f'"{stat.etag}"'
    response["Last-Modified"] = http_date(stat.modified.timestamp())
    response["Accept-Ranges"] = "bytes"
    response["X-Content-Type-Options"] = "nosniff"
    if response.status_code == HTTPStatus.NOT_MODIFIED:
        return
    response["Content-Type"] = kind
    response["Content-Disposition"] = parameters.get(DISPOSITION, "attachment")
    if kind != "application/pdf":  # browsers show PDF with a program of their own, which a sandbox keeps from starting
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
