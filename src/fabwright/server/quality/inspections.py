"""Inspection of scanned geometry: asked for by a request, carried out by a job, published once."""

import logging
import uuid
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Any, Self

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from rest_framework.exceptions import ValidationError

from fabwright import __version__
from fabwright.errors import FabwrightError, LimitError
from fabwright.metrology import DEFAULT_PROFILE, Measurement
from fabwright.server.common.errors import Conflict
from fabwright.server.files.stores import store
from fabwright.server.jobs.api import ChildFailed, run_limited
from fabwright.server.quality.evaluation import usual_profile
from fabwright.server.quality.measuring import Piece, measure_piece
from fabwright.server.quality.models import (
    InspectionProfile,
    InspectionReport,
    Measured,
    MetrologyTemplate,
    SurfaceGrid,
)

log = logging.getLogger("fabwright.quality")

ENDINGS = (".stl", ".ply", ".obj", ".3mf", ".xyz", ".txt", ".asc")
MAX_GEOMETRY_BYTES = 512 * 1024 * 1024
"""Ten million triangles as binary STL."""
TIME_LIMIT_S = 300.0
"""A million points take two seconds; a model of ten million triangles and five million points a minute."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a job is to do: uuids of company, scan, the report that will appear, and the profile asked for."""

    company: uuid.UUID
    scan: uuid.UUID
    report: uuid.UUID
    name: str
    profile: uuid.UUID | None
    at: datetime

    def to_job(self) -> dict[str, str]:
        """As a job takes it."""
        profile = str(self.profile) if self.profile else ""
        return {
            "company": str(self.company), "scan": str(self.scan), "report": str(self.report), "name": self.name,
            "profile": profile, "at": self.at.isoformat(),
        }  # fmt: skip

    @classmethod
    def from_job(cls, values: dict[str, str]) -> Self:
        profile = uuid.UUID(values["profile"]) if values["profile"] else None
        at = datetime.fromisoformat(values["at"])
        company, scan, report = (uuid.UUID(values[name]) for name in ("company", "scan", "report"))
        return cls(company, scan, report, values["name"], profile, at)

    @property
    def is_of_photos(self) -> bool:
        """Whether no geometry was sent: the photos of the scan are to be measured."""
        return not self.name

    @property
    def folder(self) -> str:
        """Where the files lie in the blob store; also that of the report."""
        return f"{self.company}/inspections/{self.report}"

    @property
    def geometry(self) -> str:
        """Where the scanned geometry lies."""
        return f"{self.folder}/geometry{PurePath(self.name).suffix.lower()}"


def inspection_request(*, scan: Any, geometry: UploadedFile[Any] | None, profile: str | None) -> Order:
    """Keeps the geometry and has a worker measure it; a report of the uuid of the order will appear.

    Args:
        scan: the scan, which must be assigned: the model of its part is what it is compared with.
        profile: uuid of a profile; none = the usual one of the part.

    Raises:
        ValidationError: no file, one that is no geometry by its name, or an unknown profile.
        LimitError: the file is too large.
        Conflict: the scan is archived or not assigned.
    """
    errors: dict[str, list[str]] = {}
    if geometry is None:
        errors["geometry"] = ["No file was submitted; send the scanned geometry as STL or PLY."]
    elif PurePath(geometry.name or "").suffix.lower() not in ENDINGS:
        errors["geometry"] = [f"Expected a file named {', '.join('*' + ending for ending in ENDINGS)}."]
    chosen = profile_asked(scan.company_id, profile, errors)
    if errors or geometry is None:
        raise ValidationError(errors)
    if (geometry.size or 0) > MAX_GEOMETRY_BYTES:
        raise LimitError(f"{geometry.size:,} bytes, at most {MAX_GEOMETRY_BYTES:,} are accepted", where="geometry")
    check_state(scan)
    name = PurePath(geometry.name or "").name[-200:]
    order = Order(scan.company_id, scan.pk, uuid.uuid4(), name, chosen, timezone.now())
    geometry.seek(0)
    content: Any = geometry.file
    store().put(order.geometry, content)
    from fabwright.server.quality.jobs import inspect_scan

    inspect_scan.defer(**order.to_job())
    return order


def profile_asked(company: Any, text: str | None, errors: dict[str, list[str]]) -> uuid.UUID | None:
    """The profile of this uuid; says in `errors` when there is none."""
    if not text:
        return None
    try:
        wanted = uuid.UUID(text)
    except ValueError:
        errors["inspection_profile"] = ["Expected the uuid of a profile."]
        return None
    if not InspectionProfile.objects.filter(company=company, uuid=wanted).exists():
        errors["inspection_profile"] = [f"There is no such object: {wanted}."]
    return wanted


def check_state(scan: Any) -> None:
    """Raises Conflict for a scan that is archived or not assigned."""
    if scan.archived:
        raise Conflict(f"The scan {scan.pk} is archived.")
    assignment = getattr(scan, "assignment", None)
    if assignment is None or assignment.part is None:
        raise Conflict(f"The scan {scan.pk} is not assigned to a part; there is no model to compare it with.")


def carry_out(order: Order) -> None:
    """Measures and publishes. It may run twice: what is published is published once, and what nobody waits for any
    more (the scan is gone or archived, or was inspected again since) leaves nothing behind."""
    from fabwright.server.scanning.models import Scan

    if InspectionReport.objects.filter(pk=order.report).exists():
        return
    scan = Scan.objects.select_related("company", "inspection_report").filter(pk=order.scan).first()
    if scan is None or is_stale(scan, order):
        store().delete_prefix(order.folder)
        return
    profile = _chosen_profile(scan, order)
    full_mm = profile.tolerance_mm if profile is not None else DEFAULT_PROFILE.tolerance_mm
    piece, model = _measured(scan, order, full_mm)
    pictures = store_files(order.folder, piece)
    if not publish(order, piece, model, profile, pictures, full_mm=full_mm):
        store().delete_prefix(order.folder)


def is_stale(scan: Any, order: Order) -> bool:
    """Whether nobody waits for an order any more: the scan is archived or was inspected again since. Photos say less
    than anything else: they replace nothing but photos, and make nothing stale but photos."""
    known = scan.inspection_report
    if known is None:
        return bool(scan.archived)
    if known.is_from_photos != order.is_of_photos:
        return bool(scan.archived) or order.is_of_photos
    return bool(scan.archived) or (known.requested_at or known.created) > order.at


def _chosen_profile(scan: Any, order: Order) -> InspectionProfile | None:
    """The profile asked for, if it still exists; else the usual one."""
    if order.profile is not None:
        found = InspectionProfile.objects.filter(company=scan.company, pk=order.profile).first()
        if found is not None:
            return found
    assignment = getattr(scan, "assignment", None)
    part = assignment.part if assignment is not None else None
    return usual_profile(scan.company, part=part.key if part else "", material=part.material.key if part else "")


def _measured(scan: Any, order: Order, full_mm: float) -> tuple[Piece, str]:
    """What was measured, and the SHA-1 of the model that it was compared with."""
    assignment = getattr(scan, "assignment", None)
    part = assignment.part if assignment is not None else None
    if part is None:
        return _not_measured("the scan is not assigned to a part any more", order), ""
    geometry = part.model.geometry
    plan, notes = _plan(part.metrology_template)
    files = store()
    model, scanned = files.read(geometry.blob), files.read(order.geometry)
    try:
        piece = run_limited(
            measure_piece, model, geometry.file_name, scanned, order.name, plan, notes, full_mm,
            time_limit_s=TIME_LIMIT_S,
        )  # fmt: skip
    except (ChildFailed, FabwrightError) as error:
        log.warning("scan %s could not be measured: %s", scan.pk, error)
        piece = _not_measured(f"measuring failed: {error}", order)
    return piece, geometry.sha1


def _plan(template: MetrologyTemplate | None) -> tuple[bytes | None, tuple[str, ...]]:
    if template is None:
        return None, ()
    if template.is_plan:
        return store().read(template.blob), ()
    return None, (f"the measurement plan {template.file_name} is kept as it is; only plans in JSON are measured",)


def _not_measured(reason: str, order: Order) -> Piece:
    trace = {"software": f"fabwright {__version__}", "warnings": [], "scan_file": order.name}
    return Piece(Measurement({}, {}, (), (), (reason,), (), None, trace).to_dict())


def store_files(folder: str, piece: Piece) -> list[dict[str, str]]:
    """Stores pictures, scale and GLB; name and file of each picture."""
    files = store()
    pictures = [{"name": name, "file": f"view{k}.png"} for k, name in enumerate(piece.pictures)]
    for shown, data in zip(pictures, piece.pictures.values(), strict=True):
        files.put(f"{folder}/{shown['file']}", data, content_type="image/png")
    if piece.scale:
        files.put(f"{folder}/scale.png", piece.scale, content_type="image/png")
    if piece.glb:
        files.put(f"{folder}/deviation.glb", piece.glb, content_type="model/gltf-binary")
    return pictures


@transaction.atomic
def publish(
    order: Order, piece: Piece, model: str, profile: InspectionProfile | None, pictures: list[dict[str, str]],
    *, full_mm: float,
) -> bool:  # fmt: skip
    """Stores the report and the verdict, and tells; False when nobody waits for it any more."""
    from fabwright.server.scanning.models import Rig, Scan
    from fabwright.server.scanning.verdicts import scans_inspected

    locked = Scan.objects.select_for_update(of=("self",)).select_related("company", "inspection_report")
    scan = locked.filter(pk=order.scan).first()
    if scan is None or InspectionReport.objects.filter(pk=order.report).exists():
        return scan is not None
    if is_stale(scan, order):
        return False
    assignment = getattr(scan, "assignment", None)
    part = assignment.part if assignment is not None else None
    rig = Rig.objects.filter(company=scan.company, created__lte=scan.created).first()
    report = InspectionReport.objects.create(
        uuid=order.report,
        company=scan.company,
        part_key=assignment.part_key if assignment is not None else "",
        material_key=part.material.key if part is not None else "",
        profile=profile,
        metrology_data=_by_name(piece.measurement["features"]),
        requested_at=order.at,
        rig=rig.revision if rig is not None else "",
        geometry_name=order.name,
        pictures=pictures,
        picture_scale_mm=full_mm,
        has_glb=bool(piece.glb),
    )
    Measured.objects.create(report=report, measurement=piece.measurement, geometry=model, surface=piece.surface)
    if piece.places:
        grid = SurfaceGrid(company=scan.company, geometry=model, places=piece.places)
        SurfaceGrid.objects.bulk_create([grid], ignore_conflicts=True)
    scans_inspected(company=scan.company, reports=[(scan.pk, report)], replaces=True)
    return True


def _by_name(features: Any) -> dict[str, Any] | None:
    """What the protocol calls metrology data: the features of the plan by name."""
    found = {row["name"]: {key: value for key, value in row.items() if key != "name"} for row in features}
    return found or None
