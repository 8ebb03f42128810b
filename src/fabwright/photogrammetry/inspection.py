"""The inspection of a piece from its photos: place the model, fit its form, collect what contradicts it, measure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fabwright import __version__
from fabwright.formats.mesh import Mesh
from fabwright.metrology.measurement import Measurement, Region
from fabwright.metrology.names import PHOTO_DESCRIPTIONS
from fabwright.metrology.sampling import sample_surface
from fabwright.photogrammetry.coverage import Coverage, cover
from fabwright.photogrammetry.evidence import BLIND, Evidence, evidence
from fabwright.photogrammetry.holes import Hole, find_holes
from fabwright.photogrammetry.outline import Seen, all_seen
from fabwright.photogrammetry.placing import Start, best_start, marks_of
from fabwright.photogrammetry.regions import Deviant, find_deviants
from fabwright.photogrammetry.shape import Placement, fit_shape
from fabwright.photogrammetry.sizes import OutlineFigures, Sizes, measure_sizes, outline_figures
from fabwright.vision.meshes import is_closed
from fabwright.vision.rig import Floats, Rig
from fabwright.vision.segment import Belt, Segmentation, segment
from fabwright.vision.signature import Signature, compute
from fabwright.vision.threads import by_threads

PLACES = 3000
"""Places of the surface that coverage is told by."""

OTHER_PART_SHARE, OTHER_PART_IF_DARK = 0.35, 0.7
"""More of the outlines without counterpart than this: the photos show another part. Pieces hardly brighter than the
belt lose much of their outline in shade."""

OTHER_PART_AREA = 0.3
"""So does evidence against the model of more than this share of its picture."""

MARGIN_PX = 50
"""Belt kept around the piece: so far the model may reach where material is missing."""

DEPTH_SIGMA_MM = 0.1
"""Standard uncertainty of a region's depth: half a pixel on either side."""


@dataclass(frozen=True, eq=False)
class PhotoModel:
    """A model made ready for inspection from photos; made once, used for every piece of it."""

    mesh: Mesh

    @cached_property
    def signature(self) -> Signature:
        """As recognition knows it. Raises InputError for a model that is empty or flat."""
        faces = np.ascontiguousarray(self.mesh.faces, np.int32)
        return compute(np.array(self.mesh.vertices), faces, closed=is_closed(faces))

    @cached_property
    def samples(self) -> tuple[Floats, Floats]:
        """Places and normals of equal area each, in the signature's frame."""
        points, normals, _ = sample_surface(self.mesh, PLACES)
        return points - self.signature.origin, normals


@dataclass(frozen=True, eq=False)
class PhotoInspection:
    """A measurement with what is behind it, for pictures; `placement` is None when the piece could not be placed."""

    measurement: Measurement
    model: PhotoModel
    placement: Placement | None = None
    seen: tuple[Seen, ...] = field(default=(), repr=False)
    proof: tuple[Evidence, ...] = field(default=(), repr=False)
    deviants: tuple[Deviant, ...] = field(default=(), repr=False)


class PhotoInspector:
    """Measures pieces from the photos of one station. Keep one per process; it is safe for one piece at a time."""

    def __init__(self, rig: Rig, belt: Sequence[NDArray[np.uint8]], *, threads: int = 2) -> None:
        self.rig = rig
        self.belt = Belt(rig, belt)
        self.each = by_threads(threads)

    def inspect(
        self,
        model: PhotoModel,
        pictures: Sequence[NDArray[np.uint8] | None],
        *,
        start: Start | None = None,
        name: str = "",
        notes: Sequence[str] = (),
    ) -> PhotoInspection:
        """Measure one piece.

        Args:
            pictures: one per camera in the rig's order; None where one is missing.
            start: where recognition has found the piece; without it the piece is looked for.
            name: of the scan, for the trace.
            notes: warnings for the trace.

        Raises:
            InputError: the model is empty or flat.
        """
        return self.measure(model, self.look(pictures), start=start, name=name, notes=notes)

    def look(self, pictures: Sequence[NDArray[np.uint8] | None]) -> Segmentation:
        """Outlines of the piece in one picture per camera, in the rig's order; None where one is missing."""
        return segment(self.belt, pictures, self.each, margin=MARGIN_PX)

    def measure(
        self,
        model: PhotoModel,
        found: Segmentation,
        *,
        start: Start | None = None,
        name: str = "",
        notes: Sequence[str] = (),
    ) -> PhotoInspection:
        """As `inspect`, of outlines that `look` has found."""
        trace = _trace(model, self.rig, name, notes)
        if found.fault is not None:
            reason = f"{found.fault}: {found.detail}" if found.detail else str(found.fault)
            return PhotoInspection(_unmeasured(trace, reason), model)
        signature = model.signature
        place = start or best_start(self.rig, found.views, signature, self.each)
        if place is None:
            return PhotoInspection(_unmeasured(trace, "the model does not fit the outlines in any pose"), model)
        placement = fit_shape(self.rig, found.views, signature, place.placement(self.rig, signature), each=self.each)
        seen = all_seen(
            found.views, placement.cameras, placement.place(signature), signature.faces, signature.closed,
            self.each,
        )  # fmt: skip
        proof = evidence(seen, signature, placement.rotation)
        deviants = find_deviants(seen, proof)
        marks = marks_of(self.rig, found.views, signature, placement)
        figures = [outline_figures(one, each, signature, placement) for one, each in zip(seen, proof, strict=True)]
        whole = _Whole(seen, proof, figures, deviants, find_holes(seen, placement.noise_px))
        points, normals = model.samples
        shown = cover(seen, points @ placement.rotation.T + placement.centre, normals @ placement.rotation.T)
        sizes = measure_sizes(seen, proof, signature, placement)
        measurement = _measurement(whole, placement, shown, sizes, signature, marks, trace, found.cut)
        return PhotoInspection(measurement, model, placement, tuple(seen), tuple(proof), tuple(deviants))


@dataclass(frozen=True)
class _Whole:
    """All that was found, by view where it is by view."""

    seen: Sequence[Seen]
    proof: Sequence[Evidence]
    figures: Sequence[OutlineFigures]
    deviants: Sequence[Deviant]
    holes: Sequence[Hole]


def _trace(model: PhotoModel, rig: Rig, name: str, notes: Sequence[str]) -> dict[str, Any]:
    mesh = model.mesh
    return {
        "source": "photos",
        "software": f"fabwright {__version__}",
        "model_sha1": mesh.sha1,
        "model_name": mesh.name,
        "model_triangles": mesh.triangles,
        "scan_name": name,
        "rig": rig.revision,
        "warnings": [*mesh.warnings, *notes],
    }


def _unmeasured(trace: Mapping[str, Any], reason: str) -> Measurement:
    return Measurement({}, {}, (), (), (reason,), (), None, dict(trace))


def _measurement(
    whole: _Whole, placement: Placement, shown: Coverage, sizes: Sizes, signature: Signature, marks: int,
    trace: dict[str, Any], cut: int,
) -> Measurement:  # fmt: skip
    metrics: dict[str, float | None] = {"coverage": shown.tested, "photo_seen_share": shown.seen}
    metrics["photo_tested_share"] = shown.tested
    metrics |= _outline_metrics(whole) | _region_metrics(whole.deviants) | sizes.metrics | _hole_metrics(whole.holes)
    metrics |= {
        "photo_marks_px": float(marks),
        "photo_camera_px": placement.off_px,
        "photo_noise_px": placement.noise_px,
        "photo_pose_uncertainty_mm": placement.shift_mm,
        "photo_pose_uncertainty_deg": placement.angle_deg,
    }
    order = {name: number for number, name in enumerate(["coverage", *PHOTO_DESCRIPTIONS])}
    metrics = dict(sorted(metrics.items(), key=lambda row: (order[row[0].partition(".")[0]], row[0])))
    doubts = sizes.uncertainties | {"photo_missing_depth_mm": DEPTH_SIGMA_MM, "photo_extra_height_mm": DEPTH_SIGMA_MM}
    doubts["photo_hole_deviation_mm"] = max((hole.uncertainty_mm for hole in whole.holes), default=0.0)
    trace["cameras"] = [one.camera.id for one in whole.seen]
    trace["region_cameras"] = [[_id(whole, number) for number in deviant.cameras] for deviant in whole.deviants]
    regions = tuple(_region(deviant, placement, signature) for deviant in whole.deviants)
    return Measurement(
        metrics, doubts, (), regions, tuple(_doubts(whole)),
        tuple(_remarks(whole, cut)), _pose(placement, signature), trace,
        tuple(_feature(number, hole, whole, placement, signature) for number, hole in enumerate(whole.holes, 1)),
    )  # fmt: skip


def _id(whole: _Whole, number: int) -> str:
    return next(one.camera.id for one in whole.seen if one.view.camera == number)


def _is_dark(whole: _Whole) -> bool:
    """In most pictures the piece is hardly brighter than the belt."""
    return 2 * sum(one.view.typical < BLIND for one in whole.seen) > len(whole.seen)


def _doubts(whole: _Whole) -> list[str]:
    """Why these photos cannot be of this part at all."""
    unmatched = float(np.mean([f.unmatched for f in whole.figures]))
    if unmatched > (OTHER_PART_IF_DARK if _is_dark(whole) else OTHER_PART_SHARE):
        return [f"{unmatched:.0%} of the outlines have no counterpart in the photos: they show another part"]
    against = sum(float(proof.extra.sum() + proof.missing.sum()) for proof in whole.proof)
    drawn = sum(float(one.drawn_part.sum()) for one in whole.seen)
    if against > OTHER_PART_AREA * drawn:
        return [f"{against / max(drawn, 1.0):.0%} of the model's pictures are contradicted: they show another part"]
    return []


def _remarks(whole: _Whole, cut: int) -> list[str]:
    remarks = [f"the piece lies over the border of {cut} pictures"] if cut else []
    if _is_dark(whole):
        remarks.append("the piece is hardly brighter than the belt: missing material cannot be told from shade")
    return remarks


def _outline_metrics(whole: _Whole) -> dict[str, float | None]:
    """Of all cameras together, and per camera."""
    figures = whole.figures
    count = np.array([max(f.points, 0) for f in figures], float)
    share = count / max(count.sum(), 1.0)
    deep = max((abs(deviant.depth_mm) for deviant in whole.deviants), default=0.0)
    table: dict[str, float | None] = {
        "photo_contour_rms_mm": float(np.sqrt(share @ [f.rms_mm**2 for f in figures])),
        "photo_contour_p95_mm": max(f.p95_mm for f in figures),
        "photo_contour_max_mm": max(deep, *(f.max_mm for f in figures)),
        "photo_contour_mean_mm": float(share @ [f.mean_mm for f in figures]),
        "photo_unmatched_share": float(np.mean([f.unmatched for f in figures])),
        "photo_silent_share": float(np.mean([f.silent for f in figures])),
    }
    total = 0.0
    for one, proof, f in zip(whole.seen, whole.proof, figures, strict=True):
        mm = float(np.median(one.outline.scale)) if len(one.outline) else 0.0
        area = float(proof.extra.sum() - proof.missing.sum()) * mm**2
        total = area if abs(area) > abs(total) else total
        each = {"rms": f.rms_mm, "p95": f.p95_mm, "max": f.max_mm, "mean": f.mean_mm}
        table |= {f"photo_contour_{name}_mm.{one.camera.id}": value for name, value in each.items()}
        table[f"photo_area_difference_mm2.{one.camera.id}"] = area
    return table | {"photo_area_difference_mm2": total}


def _region_metrics(deviants: Sequence[Deviant]) -> dict[str, float | None]:
    missing = [one for one in deviants if one.depth_mm < 0]
    extra = [one for one in deviants if one.depth_mm > 0]
    return {
        "photo_missing_depth_mm": max((-one.depth_mm for one in missing), default=0.0),
        "photo_missing_area_mm2": sum(one.area_mm2 for one in missing),
        "photo_missing_regions": float(len(missing)),
        "photo_extra_height_mm": max((one.depth_mm for one in extra), default=0.0),
        "photo_extra_area_mm2": sum(one.area_mm2 for one in extra),
        "photo_extra_regions": float(len(extra)),
    }


def _hole_metrics(holes: Sequence[Hole]) -> dict[str, float | None]:
    seen_through = [hole.deviation_mm for hole in holes if hole.is_open]
    return {
        "photo_holes": float(len(holes)),
        "photo_closed_holes": float(sum(not hole.is_open for hole in holes)),
        "photo_hole_deviation_mm": max((abs(value) for value in seen_through), default=None),
    }


def _region(deviant: Deviant, placement: Placement, signature: Signature) -> Region:
    places = placement.to_model(deviant.points) + signature.origin
    middle, size = places.mean(axis=0), np.ptp(places, axis=0)
    x, y, z = (float(v) for v in middle)
    a, b, c = (float(v) for v in size)
    return Region(deviant.depth_mm, deviant.area_mm2, (x, y, z), (a, b, c))


def _feature(number: int, hole: Hole, whole: _Whole, placement: Placement, signature: Signature) -> dict[str, Any]:
    place = (placement.to_model(hole.place[None]) + signature.origin)[0]
    cameras = ", ".join(_id(whole, camera) for camera in sorted(set(hole.cameras)))
    at = ", ".join(f"{v:.1f}" for v in place)
    note = f"opening at {at}, seen by {cameras}" if hole.is_open else f"closed; opening at {at}, looked at by {cameras}"
    return {
        "name": f"opening {number}", "type": "hole", "nominal": hole.nominal_mm, "lower": None, "upper": None,
        "actual": hole.nominal_mm + hole.deviation_mm if hole.is_open else None,
        "deviation": hole.deviation_mm if hole.is_open else None, "uncertainty": hole.uncertainty_mm,
        "passed": None, "note": note,
    }  # fmt: skip


def _pose(placement: Placement, signature: Signature) -> tuple[tuple[float, ...], ...]:
    """Belt to model, 4 x 4: as of a scan, from what was measured to the model's frame."""
    pose = np.eye(4)
    pose[:3, :3] = placement.rotation.T
    pose[:3, 3] = signature.origin - placement.rotation.T @ placement.centre
    return tuple(tuple(float(v) for v in row) for row in pose)
