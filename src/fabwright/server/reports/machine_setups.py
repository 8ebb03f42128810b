"""Machine setups hold options of document types; here these are checked as a payload's are."""

from typing import Any

from fabwright.errors import InputError
from fabwright.server.production.machines import on_setup
from fabwright.server.reports.kinds import kinds


@on_setup
def problem_of(document_type: str, options: dict[str, Any]) -> str:
    """What is wrong with the options for a document type: type, option and reason in one sentence; else nothing."""
    kind = kinds().get(document_type)
    if kind is None:
        return ""
    try:
        kind.check_setup(options)
    except InputError as error:
        return f"{'.'.join(filter(None, (document_type, error.where)))}: {error.message}"
    return ""
