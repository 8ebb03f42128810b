"""Inspection: time, memory and error on 1 million points, side by side with Open3D.

Open3D is measured when it is installed (`pip install -r requirements/bench.in`): its usual chain of FPFH features,
RANSAC, point-to-plane ICP on all points and signed distances. Both get the same scans, in memory, in one run. Where the
system has no libusb, which Open3D wants for cameras, that of the wheel `libusb-package` is taken. The library of
CloudCompare
has no wheel on the package index (asked for cloudcompy and cccorelib), so it is not measured.
How many defects are found: `bench_detection`.
"""

import ctypes
import os
import resource
import sys
import time
from collections.abc import Callable
from functools import cache
from importlib import import_module, util
from pathlib import Path
from typing import Any

import manifold3d
import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks import defects
from fabwright.formats.mesh import Mesh, make_mesh
from fabwright.metrology import DEFAULT_PROFILE, Reference, evaluate, inspect, scan_of
from fabwright.metrology.pose import angle_deg, moved, shift_mm

POINTS = 1_000_000
TRIALS = int(os.environ.get("FABWRIGHT_BENCH_TRIALS", "3"))


def main() -> None:
    """Print the table."""
    speed(Console())


def speed(console: Console) -> None:
    """1 million points with 0.05 mm noise against 300,000 triangles, unknown pose: start to verdict."""
    mesh = _large_part(300_000)
    chains: dict[str, Callable[[Mesh, np.ndarray[Any, Any]], tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]]] = {
        "fabwright": _fabwright
    }
    module, why_not = _open3d_module()
    if module is not None:
        chains["Open3D"] = _open3d
    table = Table(
        "chain", "s", "processor s", "peak MB", "pose mm", "pose °", "deviation RMS mm",
        title=f"{POINTS:,} points, {mesh.triangles:,} triangles, start to verdict (median of {TRIALS})",
    )  # fmt: skip
    for name, chain in chains.items():
        rows = []
        for trial in range(-1, TRIALS):  # the first is to warm up
            rng = np.random.default_rng(trial + 100)
            truth = defects.random_pose(rng)
            bend, points = _bent_scan(mesh, rng)
            placed = moved(truth, points)
            start, used = time.perf_counter(), time.process_time()
            pose, distance = chain(mesh, placed)
            took, used = time.perf_counter() - start, time.process_time() - used
            error = pose @ truth
            rest = distance - bend
            if trial >= 0:
                rms = float(np.sqrt(max(0.0, np.mean(rest[np.abs(rest) < 1] ** 2) - 0.05**2)))
                rows.append(
                    (took, used, shift_mm(error, np.eye(4), mesh.bounds.mean(axis=0)), angle_deg(error, np.eye(4)), rms)
                )
        took, used, shift, angle, rms = np.median(np.array(rows), axis=0)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        table.add_row(name, f"{took:.2f}", f"{used:.2f}", f"{peak:.0f}", f"{shift:.4f}", f"{angle:.4f}", f"{rms:.4f}")
    console.print(table)
    console.print("CloudCompare's library was not measured: the package index has no wheel of it")
    if why_not:
        console.print(f"Open3D was not measured: {why_not} (pip install -r requirements/bench.in)")


@cache
def _open3d_module() -> tuple[Any, str]:
    """(module, "") or (None, why not); with libusb of a wheel where the system has none."""
    try:
        return import_module("open3d"), ""
    except ImportError as error:
        if "libusb" not in str(error):
            return None, str(error)
    wheel = util.find_spec("libusb_package")
    if wheel is None or wheel.origin is None:
        return None, "there is neither libusb in the system nor its wheel"
    try:
        for library in Path(wheel.origin).parent.glob("libusb-1.0.so*"):
            ctypes.CDLL(str(library), mode=ctypes.RTLD_GLOBAL)
        for name in [name for name in sys.modules if name.partition(".")[0] == "open3d"]:
            del sys.modules[name]  # what the first try has left
        return import_module("open3d"), ""
    except (ImportError, OSError) as error:
        return None, str(error)


def _bent_scan(mesh: Mesh, rng: np.random.Generator) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """(true deviation per point, noisy points): dents of 0.2 mm that leave the best-fit pose where it is, exactly: what
    of the dents a rigid motion could take up is taken off."""
    from fabwright.metrology.sampling import sample_surface

    points, normals, _ = sample_surface(mesh, POINTS)
    wave = 0.1 * np.sin(2 * np.pi * points[:, 0] / 7) * np.sin(2 * np.pi * points[:, 1] / 7)
    motion = np.hstack([np.cross(points - mesh.bounds.mean(axis=0), normals), normals])
    wave -= motion @ np.linalg.lstsq(motion, wave, rcond=None)[0]
    noise = rng.normal(0, 0.05, POINTS)
    order = rng.permutation(POINTS)
    return wave[order], (points + normals * (wave + noise)[:, None])[order]


def _fabwright(mesh: Mesh, points: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    fresh = make_mesh(mesh.vertices, mesh.faces)
    inspection = inspect(Reference(fresh), scan_of(points))
    evaluate(inspection.measurement, DEFAULT_PROFILE)
    assert inspection.result is not None
    assert inspection.registration is not None
    # back to the order of the input, outside of what a user waits for but cheap enough not to matter
    from fabwright.metrology.order import spatial_order

    distance = np.empty(len(points))
    distance[spatial_order(points)] = inspection.result.signed
    return inspection.registration.pose, distance


def _open3d(mesh: Mesh, points: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """The usual chain: voxel 2 % of the diagonal, FPFH, RANSAC, point-to-plane ICP on all points, signed distance."""
    o3d, _ = _open3d_module()
    registration = o3d.pipelines.registration
    voxel = 0.02 * float(np.linalg.norm(mesh.extents))
    shape = o3d.geometry.TriangleMesh(
        o3d.utility.Vector3dVector(mesh.vertices.copy()), o3d.utility.Vector3iVector(mesh.faces.copy())
    )
    shape.compute_triangle_normals()
    target = shape.sample_points_uniformly(200_000, use_triangle_normal=True)
    source = o3d.geometry.PointCloud(o3d.utility.Vector3dVector(points.copy()))

    def features(cloud: Any) -> tuple[Any, Any]:
        small = cloud.voxel_down_sample(voxel)
        small.estimate_normals(o3d.geometry.KDTreeSearchParamHybrid(2 * voxel, 30))
        return small, registration.compute_fpfh_feature(small, o3d.geometry.KDTreeSearchParamHybrid(5 * voxel, 100))

    (small, small_features), (model, model_features) = features(source), features(target)
    coarse = registration.registration_ransac_based_on_feature_matching(
        small, model, small_features, model_features, True, 1.5 * voxel,
        registration.TransformationEstimationPointToPoint(False), 3,
        [registration.CorrespondenceCheckerBasedOnEdgeLength(0.9),
         registration.CorrespondenceCheckerBasedOnDistance(1.5 * voxel)],
        registration.RANSACConvergenceCriteria(100_000, 0.999),
    ).transformation  # fmt: skip
    plane = registration.TransformationEstimationPointToPlane()
    pose = registration.registration_icp(source, target, voxel, coarse, plane).transformation
    pose = registration.registration_icp(source, target, 0.5, pose, plane).transformation
    scene = o3d.t.geometry.RaycastingScene()
    scene.add_triangles(o3d.t.geometry.TriangleMesh.from_legacy(shape))
    query = o3d.core.Tensor(moved(np.asarray(pose), points).astype(np.float32))
    return np.asarray(pose), scene.compute_signed_distance(query).numpy().astype(np.float64)


def _large_part(triangles: int) -> Mesh:
    """A chiral part of 100 x 70 x 40 mm with bores and a round boss, in small triangles."""
    solid = manifold3d.Manifold.cube([100, 70, 12]) + manifold3d.Manifold.cube([100, 8, 40])
    solid += manifold3d.Manifold.cylinder(25, 12, 9, 200).translate([70, 45, 5])
    for x, y, r in ((15, 25, 4), (15, 55, 6), (45, 50, 3), (70, 45, 5)):
        solid -= manifold3d.Manifold.cylinder(60, r, r, 160).translate([x, y, -5])
    solid -= manifold3d.Manifold.cube([30, 30, 30]).translate([-5, -5, 25])
    length = 4.0
    while solid.num_tri() < triangles:
        solid = solid.refine_to_length(length)
        length *= 0.8
    raw = solid.to_mesh()
    return make_mesh(np.asarray(raw.vert_properties, np.float64)[:, :3], np.asarray(raw.tri_verts, np.int32))


if __name__ == "__main__":
    main()
