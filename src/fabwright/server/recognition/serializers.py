"""What clients are shown of recognition."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct


class Fitted(Struct):
    """The fitted model drawn over the photo of camera `camera`; the address needs no token and expires."""

    camera: int
    url: str


class Candidate(Struct):
    """A part that the scan may be; `open`: copies that are not assigned by now."""

    part: str
    model: str
    material: str
    probability: float
    open: int
    pictures: list[Fitted]


class Candidates(Struct):
    """Best first. `assigned`: recognition was sure; `ask`: a person decides; `unknown`: no open model fits, or the
    pictures cannot be judged, then `fault` says why. `detail`: what to tell the operator. `status` is `waiting` while
    recognition has not looked. `look`: the colour of the piece relative to the belt (natural logarithms)."""

    decision: Literal["assigned", "ask", "unknown"]
    candidates: list[Candidate]
    status: Literal["waiting", "done"] = "done"
    fault: str = ""
    detail: str = ""
    look: dict[str, float | None] | None = None
    rig: UUID | None = None
    ms: float | None = None


class Confirmation(Struct):
    """What an operator said a scan is. `is_first`: recognition had named that part first. `fits` and `candidates` as
    recognition had them."""

    uuid: UUID
    scan: UUID
    part: str
    model: str
    material: str
    shape: str
    rig_revision: str
    decision: str
    is_first: bool
    candidates: list[dict[str, Any]]
    fits: list[dict[str, Any]]
    look: dict[str, float | None] | None
    created: datetime
    modified: datetime
