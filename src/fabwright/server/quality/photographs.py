"""Inspection of a piece from the photos of its scan: no geometry is needed. Asked for by a request, or by a profile.

What scanned geometry or another machine has shown is never replaced by it.
"""

import logging
import uuid
from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from rest_framework.exceptions import ValidationError

from fabwright import __version__
from fabwright.errors import FabwrightError
from fabwright.metrology import Measurement
from fabwright.photogrammetry import DEFAULT_PHOTO_PROFILE
from fabwright.server.common.errors import Conflict
from fabwright.server.common.models import Company
from fabwright.server.files.stores import store
from fabwright.server.jobs.api import RECOGNITION, ChildFailed, run_limited
from fabwright.server.quality.evaluation import photo_profiles, usual_profile
from fabwright.server.quality.inspections import Order, check_state, is_stale, profile_asked, publish, store_files
from fabwright.server.quality.measuring import Piece
from fabwright.server.quality.models import InspectionProfile, InspectionReport
from fabwright.server.quality.photographing import Photos, measure_photos

log = logging.getLogger("fabwright.quality")

TIME_LIMIT_S = 180.0
"""A cold process has to compile; a warm one answers within a second."""


def photo_request(*, scan: Any, profile: str | None) -> Order:
    """Has a worker measure the piece of a scan on its photos; a report of the uuid of the order will appear.

    Args:
        scan: must be assigned: the model of its part is what the photos are compared with.
        profile: uuid of a profile; none = the usual one of the part that asks for photos, or the one built in.

    Raises:
        ValidationError: there is no rig for the photos, or an unknown profile.
        Conflict: the scan is archived, not assigned, or has a report that photos do not replace.
    """
    errors: dict[str, list[str]] = {}
    chosen = profile_asked(scan.company_id, profile, errors)
    if _rig_of(scan) is None:
        errors["geometry"] = [
            "No file was submitted; send the scanned geometry as STL or PLY. (The photos cannot be measured either: "
            "there is no rig.)"
        ]
    if errors:
        raise ValidationError(errors)
    check_state(scan)
    known = scan.inspection_report
    if known is not None and not known.is_from_photos:
        raise Conflict(
            f"The scan {scan.pk} has an inspection report ({known.pk}) that photos do not replace; DELETE it first."
        )
    return _ordered(scan, chosen)


def photos_follow(*, company: Company, assigned: Sequence[tuple[Any, Any]]) -> None:
    """Has scans measured on their photos that have just been assigned, where the usual profile of their part asks for
    it; call it inside the transaction that assigns them.

    Args:
        assigned: scans with their parts.
    """
    asked = photo_profiles(company) if assigned else None
    if asked is None:
        return
    for scan, part in assigned:
        profile = asked(part.key, part.material.key)
        known = scan.inspection_report
        if profile is None or (known is not None and not known.is_from_photos) or _rig_of(scan) is None:
            continue
        _ordered(scan, profile.pk)


def _ordered(scan: Any, profile: uuid.UUID | None) -> Order:
    from fabwright.server.quality.jobs import inspect_photos

    order = Order(scan.company_id, scan.pk, uuid.uuid4(), "", profile, timezone.now())
    inspect_photos.defer(**order.to_job())
    return order


def carry_out(order: Order) -> None:
    """Measures and publishes; may run twice. Leaves nothing behind when nobody waits for it any more."""
    from fabwright.server.scanning.models import Scan

    if InspectionReport.objects.filter(pk=order.report).exists():
        return
    scan = Scan.objects.select_related("company", "inspection_report").filter(pk=order.scan).first()
    if scan is None or is_stale(scan, order):
        return
    profile = _chosen_profile(scan, order)
    full_mm = profile.tolerance_mm if profile is not None else DEFAULT_PHOTO_PROFILE.tolerance_mm
    piece, model = _measured(scan, full_mm)
    pictures = store_files(order.folder, piece)
    if not publish(order, piece, model, profile, pictures, full_mm=full_mm):
        store().delete_prefix(order.folder)


def _chosen_profile(scan: Any, order: Order) -> InspectionProfile | None:
    if order.profile is not None:
        found = InspectionProfile.objects.filter(company=scan.company, pk=order.profile).first()
        if found is not None:
            return found
    part = _part_of(scan)
    key, material = (part.key, part.material.key) if part is not None else ("", "")
    return usual_profile(scan.company, part=key, material=material, of_photos=True)


def _measured(scan: Any, full_mm: float) -> tuple[Piece, str]:
    """What was measured, and the SHA-1 of the model that it was compared with."""
    part, rig = _part_of(scan), _rig_of(scan)
    if part is None:
        return _not_measured("the scan is not assigned to a part any more"), ""
    if rig is None:
        return _not_measured("the rig of these photos is gone"), ""
    try:
        photos = _photos(scan, part, rig, full_mm)
        piece = run_limited(measure_photos, photos, child=RECOGNITION, time_limit_s=TIME_LIMIT_S)
    except (ChildFailed, FabwrightError) as error:
        log.warning("the photos of scan %s could not be measured: %s", scan.pk, error)
        piece = _not_measured(f"measuring failed: {error}")
    return piece, part.model.geometry.sha1


def _photos(scan: Any, part: Any, rig: Any, full_mm: float) -> Photos:
    from fabwright.server.recognition.asking import pictures_of
    from fabwright.server.scanning.images import fetch

    geometry = part.model.geometry
    notes: tuple[str, ...] = ()
    if part.metrology_template is not None:
        notes = (f"the measurement plan {part.metrology_template.file_name} needs scanned geometry",)
    return Photos(
        station=str(rig.pk),
        rig=rig.rig,
        belt={camera: fetch(blob, is_backed_up=False) for camera, blob in rig.backgrounds.items()},
        pictures=pictures_of(scan),
        model=store().read(geometry.blob),
        model_name=geometry.file_name,
        start=_start(scan, geometry),
        name=str(scan.pk),
        notes=notes,
        full_mm=full_mm,
    )


def _start(scan: Any, geometry: Any) -> dict[str, Any] | None:
    """Where recognition has found this very model in these photos."""
    from fabwright.server.recognition.models import Recognition, Signature

    signed = Signature.objects.filter(geometry=geometry).first()
    answer = Recognition.objects.filter(scan=scan).first()
    if signed is None or answer is None:
        return None
    return next((fit for fit in answer.fits if fit["key"] == signed.key), None)


def _rig_of(scan: Any) -> Any:
    """The rig that was in force when the scan was taken."""
    from fabwright.server.recognition.models import Recognition
    from fabwright.server.scanning.models import Rig

    answer = Recognition.objects.filter(scan=scan).select_related("rig").first()
    if answer is not None and answer.rig is not None:
        return answer.rig
    return Rig.objects.filter(company=scan.company_id, created__lte=scan.created).first()


def _part_of(scan: Any) -> Any:
    assignment = getattr(scan, "assignment", None)
    return assignment.part if assignment is not None else None


def _not_measured(reason: str) -> Piece:
    trace = {"source": "photos", "software": f"fabwright {__version__}", "warnings": []}
    return Piece(Measurement({}, {}, (), (), (reason,), (), None, trace).to_dict())
