"""Writes of recognition: signatures, answers and what follows from them, confirmations, tuning."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict

from django.db import transaction
from django.utils import timezone

from fabwright.errors import InputError
from fabwright.server.catalog.models import Geometry, Material
from fabwright.server.common.bulk.tables import Mode
from fabwright.server.common.errors import Conflict
from fabwright.server.common.models import Company
from fabwright.server.files.stores import store
from fabwright.server.recognition import selectors
from fabwright.server.recognition.child import Answer
from fabwright.server.recognition.choosing import Choice, Line, Ranked, choose, joined, rank
from fabwright.server.recognition.models import MAX_TARGET_ERROR, Confirmation, Recognition, Signature, Tuning
from fabwright.server.scanning.assignments import assignments_write
from fabwright.server.scanning.models import Scan, ScanAssignment
from fabwright.server.scanning.services import lock_scan
from fabwright.vision.colour import expected, shares
from fabwright.vision.layout import SIGNATURE_VERSION

SHOWN = 20
"""So many candidates are kept."""

_TRIES = 3
"""So often a choice is made anew, because somebody else has taken the last copy meanwhile."""


def signature_publish(*, geometry: Geometry, key: str, data: bytes) -> None:
    """Stores a signature under its own key. The same geometry gives the same key, so doing it again changes nothing."""
    blob = f"{geometry.company_id}/signatures/{key[:2]}/{key}.sig"
    store().put(blob, data)
    fields = {"version": SIGNATURE_VERSION, "key": key, "blob": blob, "bytes": len(data), "error": ""}
    Signature.objects.update_or_create(geometry_id=geometry.pk, defaults=fields)


def signature_fail(*, geometry: Geometry, message: str) -> None:
    """Records that a geometry cannot be recognised, and why; the model says so among its warnings."""
    fields = {"version": SIGNATURE_VERSION, "key": "", "blob": "", "bytes": 0, "error": message}
    Signature.objects.update_or_create(geometry_id=geometry.pk, defaults=fields)


def recognition_begin(*, scan: Scan) -> None:
    """Has a new scan recognised by a job, when there is a rig; call it inside the transaction of the capture."""
    from fabwright.server.recognition.jobs import recognise

    rig = selectors.rig_of(scan.company)
    if rig is not None:
        Recognition.objects.create(scan=scan, rig=rig)
        recognise.defer(scan=str(scan.pk))


@transaction.atomic
def recognition_publish(*, scan: uuid.UUID, answer: Answer) -> bool:
    """Records the answer to a scan, once, and assigns the scan when the answer is sure and the scan is still free.

    Returns:
        Whether the answer was waited for.
    """
    row = Recognition.objects.select_for_update(of=("self",)).filter(pk=scan, status=Recognition.Status.WAITING).first()
    if row is None:
        return False
    try:
        found = lock_scan(row.scan)
    except Conflict:  # archived meanwhile
        found = None
    ranked, choice = _decided(row.scan, answer)
    if found is not None and choice.part is not None:
        choice = _assign(found, answer, ranked, choice)
    elif choice.part is not None:
        choice = Choice("ask", None, joined(choice.detail, "the scan is archived"))
    row.status, row.decision = Recognition.Status.DONE, choice.decision
    row.fault, row.detail = answer.fault, choice.detail
    row.candidates = [{**asdict(one), "probability": round(one.probability, 6)} for one in ranked[:SHOWN]]
    row.fits, row.ms = answer.fits, answer.ms
    row.look = asdict(answer.look) if answer.look is not None else None
    row.save()
    manual = ScanAssignment.objects.filter(scan=scan, manual=True).select_related("part__model__geometry").first()
    if manual is not None:  # the operator was faster
        confirm(assignments=[manual])
    return True


def _decided(scan: Scan, answer: Answer) -> tuple[list[Ranked], Choice]:
    """The candidates among the parts of the batch, and the choice, by what is open now."""
    batch = scan.session.batch
    if batch is None:
        return [], Choice("ask", None, "the batch of this scan has been deleted")
    lines = selectors.lines_of(batch, answer.chances)
    target = selectors.target_error_of(scan.company)
    materials = _materials(scan.company, lines, answer)
    ranked = rank(answer.chances, lines, materials)
    first = next(iter(answer.chances), None)
    inside = {line.shape for line in lines}
    if first is not None and first not in inside and answer.decision != "unknown":
        other = "it fits a model of another open batch better than any of this one"
        return ranked, Choice("ask", None, joined(answer.detail, other))
    choice = choose(answer.decision, answer.detail, ranked, lines, materials, target_error=target)
    if choice.decision != "assigned" and not answer.fault:
        for reason in selectors.unusable(batch)[:5]:
            choice = Choice(choice.decision, None, joined(choice.detail, f"cannot be recognised: {reason}"))
    return ranked, choice


def _materials(company: Company, lines: Sequence[Line], answer: Answer) -> dict[str, dict[str, float]]:
    """Shape -> material -> chance by the colour of the piece; all are equal where it is not known how they look."""
    by_shape: dict[str, set[str]] = {}
    for line in lines:
        by_shape.setdefault(line.shape, set()).add(line.material)
    several = {name for names in by_shape.values() if len(names) > 1 for name in names}
    known = {}
    for row in Material.objects.filter(company=company, key__in=several):
        known[row.key] = expected(row.colour or row.title or row.key, selectors.looks_of(company, row.key))
    out: dict[str, dict[str, float]] = {}
    for shape, names in by_shape.items():
        if len(names) == 1 or answer.look is None:
            out[shape] = {name: 1.0 / len(names) for name in names}
        else:
            out[shape] = shares(answer.look, {name: known.get(name) for name in names})
    return out


def _assign(scan: Scan, answer: Answer, ranked: list[Ranked], choice: Choice) -> Choice:
    """Assigns a locked scan, unless a person has done so or refused it meanwhile."""
    if scan.is_rejected or ScanAssignment.objects.filter(scan=scan).exists():
        return Choice("ask", None, joined(choice.detail, "a person has decided meanwhile"))
    for _ in range(_TRIES):
        if choice.part is None:
            break
        try:
            with transaction.atomic():
                raw = [{"scan": str(scan.pk), "part": choice.part, "manual": False}]
                assignments_write(company=scan.company, raw=raw, mode=Mode.CREATE, many=False, strict=True)
        except Conflict:  # the last copy has just gone to another scan
            _, choice = _decided(scan, answer)
        else:
            return choice
    return Choice("ask", None, choice.detail)


def pictures_publish(*, scan: uuid.UUID, made: Sequence[tuple[str, int, bytes]]) -> None:
    """Stores the fitted models drawn over the photos, beside the photos, so that they go with them."""
    row = Recognition.objects.select_related("scan").filter(pk=scan).first()
    if row is None:
        return
    pictures = []
    for shape, camera, data in made:
        blob = f"{row.scan.company_id}/scans/{scan}/fit-{shape[:12]}-cam{camera:02d}.jpg"
        store().put(blob, data, content_type="image/jpeg")
        pictures.append({"shape": shape, "camera": camera, "blob": blob})
    Recognition.objects.filter(pk=scan).update(pictures=pictures, modified=timezone.now())


def confirm(*, assignments: Sequence[ScanAssignment]) -> None:
    """Keeps what an operator said scans are, for calibration; the last word on a scan counts."""
    by_hand = {row.scan_id: row for row in assignments if row.manual and row.part is not None}
    answers = Recognition.objects.filter(pk__in=list(by_hand), status=Recognition.Status.DONE).select_related("rig")
    for answer in answers:
        row = by_hand[answer.pk]
        part = row.part
        assert part is not None  # chosen so above
        signed = Signature.objects.filter(geometry=part.model.geometry_id).first()
        first = answer.candidates[0]["part"] if answer.candidates else None
        fields = {
            "part_key": row.part_key,
            "model_key": part.model.key,
            "material_key": part.material.key,
            "shape": signed.key if signed is not None else "",
            "rig_revision": answer.rig.revision if answer.rig is not None else "",
            "decision": answer.decision,
            "is_first": first == row.part_key,
            "candidates": answer.candidates,
            "fits": answer.fits,
            "look": answer.look,
        }
        Confirmation.objects.update_or_create(company_id=row.company_id, scan=answer.pk, defaults=fields)


def tune(*, company: Company, target_error: float) -> None:
    """Sets the share of wrong automatic assignments that is accepted; 0: a person confirms every scan.

    Raises:
        InputError: not from 0 to 0.05.
    """
    if not 0.0 <= target_error <= MAX_TARGET_ERROR:
        raise InputError(f"expected 0 to {MAX_TARGET_ERROR}", where="recognition_target_error")
    Tuning.objects.update_or_create(company=company, defaults={"target_error": target_error})
