"""One file per document type. Adding a type means adding a file here that defines `KIND`, and touches nothing else.
A file without one holds what several kinds share.

A kind states what it selects, what it needs, its options (a typed schema that is published), what it makes and how
the result is verified. `make` and `verify` are pure: they run in a child process, without Django or a database, and
import there what they need, so that the web process, which only knows the options, stays small.
"""

import pkgutil
from functools import cache
from importlib import import_module

from fabwright.server.reports.kinds.base import Kind, Options


@cache
def kinds() -> dict[str, Kind[Options]]:
    """Every kind by its document type, in the order of the names."""
    found: dict[str, Kind[Options]] = {}
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda module: module.name):
        kind: Kind[Options] | None = getattr(import_module(f"{__name__}.{module.name}"), "KIND", None)
        if kind is not None:
            found[kind.document_type] = kind
    return found
