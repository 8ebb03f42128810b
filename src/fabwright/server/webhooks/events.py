"""The events that exist, what each is about, and the message that carries one."""

from collections.abc import Mapping
from typing import Any

from fabwright.server.common.json import encode

EVENTS: dict[str, str] = {
    "batch.start": "The scanning of a batch starts. Data: the batch.",
    "batch.end": "The scanning of a batch has ended. Data: the batch.",
    "batch.reset": "A batch was set back. Data: the batch.",
    "batch.advance": "A batch has moved to another state. Data: the batch.",
    "scan.capture": "A piece was photographed. Data: the scan.",
    "scan.assign": "A scan was given to a part. Data: the scan.",
    "scan.reject": "A scan was refused by the operator. Data: the scan.",
    "scan.reassign": "A scan was moved to another part. Data: the scan.",
    "scan.unassign": "The assignment of a scan was taken back. Data: the scan.",
    "scan.quality_control": "Anything about the quality of a scan has changed. Data: the scan.",
    "auth.login_user": "Somebody has signed in. Data: username, time.",
    "auth.logout_user": "Somebody has signed out. Data: username, time.",
    "report.ready": "The documents of a report are ready. Data: the report.",
    "report.error": "A report could not be made. Data: the report.",
    "report.deprecated": "A report no longer shows what its designs are. Data: the report.",
    "constructible.start": "The making of a constructible has started. Data: the constructible.",
    "constructible.ready": "A constructible is made. Data: the constructible.",
    "station.ready": "A station has finished its work on a constructible. Data: the station.",
    "webhook.failing": "A webhook has failed for 12 hours. Data: the webhook.",
    "webhook.disabled": "A webhook was switched off. Data: the webhook and the reason.",
}
"""What may be subscribed to: the vendor's events under the vendor's names, then ours."""

TEST = "webhook.test"
"""The event of a test message; it goes to the webhook that asked for it and cannot be subscribed to."""


def subject_of(event: str, data: Any) -> str:
    """What an event is about, as far as order goes: the events of one scan, of one batch, of one report.

    Empty: about nothing that has an order.
    """
    if not isinstance(data, Mapping):
        return ""
    key = data.get("uuid") or data.get("id") or ""
    return f"{event.partition('.')[0]}:{key}" if key else ""


def matches(filters: Mapping[str, Any], data: Any) -> bool:
    """Whether data has what a webhook asks for: `{"batch.id": "240", "qc_pass": [false, null]}`.

    A name is a path through the data; a list of values means any of them. Data without such a path has null there.
    """
    return all(
        _at(data, path) in (wanted if isinstance(wanted, list) else [wanted]) for path, wanted in filters.items()
    )


def _at(data: Any, path: str) -> Any:
    for name in path.split("."):
        if not isinstance(data, Mapping):
            return None
        data = data.get(name)
    return str(data) if data is not None and not isinstance(data, str | bool | int | float) else data


def envelope(*, webhook: int, event: str, target: str, data: bytes) -> bytes:
    """The body of a delivery, the same bytes at every attempt: `{"hook": {"id", "event", "target"}, "data": ...}`.

    Args:
        data: JSON, as it was rendered when the event happened.
    """
    return b'{"hook":' + encode({"id": webhook, "event": event, "target": target}) + b',"data":' + data + b"}"
