"""The header Content-Disposition (RFC 6266) and what may be shown in place."""

import unicodedata
from functools import lru_cache
from urllib.parse import quote

from fabwright.errors import InputError
from fabwright.server.files.keys import safe_name

DEFAULT_CONTENT_TYPE = "application/octet-stream"

SHOWN_IN_PLACE = frozenset(
    {"application/pdf", "image/jpeg", "image/png", "image/webp", "model/gltf-binary", "text/plain; charset=utf-8"}
)
"""Types in which nothing of ours can be run by a browser; all others are only ever saved to disk."""


@lru_cache(maxsize=1024)
def content_disposition(name: str, *, inline: bool = False) -> str:
    """The header for a file that is to be saved (or shown) under `name`.

    The name is made safe first. Names beyond ASCII are given twice: as `filename` without accents for old clients, and
    whole as `filename*`.
    """
    name = safe_name(name, otherwise="download")
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = "".join("_" if sign in '"%;\\' else sign for sign in plain).strip(" ._")
    kind = "inline" if inline else "attachment"
    if plain == name:
        return f'{kind}; filename="{name}"'
    if not plain or plain in name.rpartition(".")[2]:
        plain = f"download.{plain}" if plain else "download"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def check_content_type(content_type: str, *, inline: bool = False) -> str:
    """`content_type` itself.

    Raises:
        InputError: not `type/subtype`, or to be shown in place although browsers would run it.
    """
    kind, _, subtype = content_type.partition(";")[0].partition("/")
    if not (kind and subtype and content_type.isascii() and content_type.isprintable() and len(content_type) <= 100):
        raise InputError("expected a content type such as application/pdf", where="content_type")
    if inline and content_type not in SHOWN_IN_PLACE:
        raise InputError(f"{content_type} is never shown in place", where="content_type")
    return content_type
