"""The fit of a convex hull to planes that touch it: small kernels of Gauss-Newton, compiled."""

import numpy as np
from numpy.typing import NDArray

from fabwright.vision._jit import fast, jit
from fabwright.vision.rig import Floats


@fast
def add_row(lhs: Floats, rhs: Floats, jac: Floats, residual: float, weight: float) -> None:
    """Adds one weighted residual to normal equations; entries of `jac` that are zero cost nothing."""
    n = jac.shape[0]
    for k in range(n):
        if jac[k] != 0.0:
            part = weight * jac[k]
            rhs[k] -= part * residual
            for m in range(n):
                lhs[k, m] += part * jac[m]


@fast
def _touch(
    corners: Floats, turn: Floats, place: Floats, grown: float, nx: float, ny: float, nz: float, jac: Floats
) -> float:
    """How far the hull reaches along a direction; fills the derivatives by turn, place and scale (7)."""
    mx = turn[0, 0] * nx + turn[1, 0] * ny + turn[2, 0] * nz
    my = turn[0, 1] * nx + turn[1, 1] * ny + turn[2, 1] * nz
    mz = turn[0, 2] * nx + turn[1, 2] * ny + turn[2, 2] * nz
    best, at = -1e300, 0
    for i in range(corners.shape[0]):
        value = corners[i, 0] * mx + corners[i, 1] * my + corners[i, 2] * mz
        if value > best:
            best, at = value, i
    px = grown * (turn[0, 0] * corners[at, 0] + turn[0, 1] * corners[at, 1] + turn[0, 2] * corners[at, 2])
    py = grown * (turn[1, 0] * corners[at, 0] + turn[1, 1] * corners[at, 1] + turn[1, 2] * corners[at, 2])
    pz = grown * (turn[2, 0] * corners[at, 0] + turn[2, 1] * corners[at, 1] + turn[2, 2] * corners[at, 2])
    jac[0], jac[1], jac[2] = py * nz - pz * ny, pz * nx - px * nz, px * ny - py * nx
    jac[3], jac[4], jac[5] = nx, ny, nz
    jac[6] = grown * best
    return float(grown * best + nx * place[0] + ny * place[1] + nz * place[2])


@fast
def _hull_equations(
    corners: Floats,
    turn: Floats,
    place: Floats,
    grown: float,
    aim: Floats,
    normals: Floats,
    offsets: Floats,
    weights: Floats,
    camera: NDArray[np.int64],
    image: Floats,
    width: float,
    lhs: Floats,
    rhs: Floats,
) -> float:
    """Fills the normal equations of all touching planes and of the belt; returns the robust error in mm."""
    jac = np.zeros(lhs.shape[0])
    cost = total = 0.0
    for j in range(normals.shape[0]):
        jac[:] = 0.0
        r = _touch(corners, turn, place, grown, normals[j, 0], normals[j, 1], normals[j, 2], jac) - offsets[j]
        a = 7 + 2 * camera[j]
        jac[a], jac[a + 1] = image[j, 0], image[j, 1]
        r += image[j, 0] * aim[camera[j], 0] + image[j, 1] * aim[camera[j], 1]
        q = 1.0 + (r / width) ** 2
        cost += weights[j] * r * r / q
        total += weights[j]
        add_row(lhs, rhs, jac, r, weights[j] / (q * q) / 0.0064)
    jac[:] = 0.0
    low = _touch(corners, turn, place, grown, 0.0, 0.0, -1.0, jac)  # the part lies on the belt
    add_row(lhs, rhs, jac, low, 400.0)
    return float(np.sqrt(cost / max(total, 1e-9)))


@fast
def _add_priors(
    lhs: Floats, rhs: Floats, tilt: Floats, log_scale: float, aim: Floats, sigmas: tuple[float, float, float]
) -> None:
    """What is expected of tilt, scale and the aim of the cameras; `sigmas` in this order."""
    for k in range(2):
        lhs[k, k] += 1.0 / sigmas[0] ** 2
        rhs[k] -= tilt[k] / sigmas[0] ** 2
    lhs[2, 2] += 1e-6
    lhs[6, 6] += 1.0 / sigmas[1] ** 2
    rhs[6] -= log_scale / sigmas[1] ** 2
    for k in range(aim.shape[0]):
        for m in range(2):
            lhs[7 + 2 * k + m, 7 + 2 * k + m] += 1.0 / sigmas[2] ** 2
            rhs[7 + 2 * k + m] -= aim[k, m] / sigmas[2] ** 2


@fast
def fit_hull(
    corners: Floats,
    rotation: Floats,
    centre: Floats,
    normals: Floats,
    offsets: Floats,
    weights: Floats,
    camera: NDArray[np.int64],
    image: Floats,
    cameras: int,
    widths: Floats,
    sigmas: tuple[float, float, float],
) -> tuple[Floats, Floats, float, Floats, float]:
    """Gauss-Newton of a hull against touching planes. Returns rotation, centre, scale, tilt and robust error in mm."""
    n = 7 + 2 * cameras
    aim, tilt = np.zeros((cameras, 2)), np.zeros(2)
    turn, place = rotation.copy(), centre.copy()
    log_scale = error = 0.0
    for step in range(widths.shape[0] + 1):
        width = widths[min(step, widths.shape[0] - 1)]
        lhs, rhs = np.zeros((n, n)), np.zeros(n)
        error = _hull_equations(
            corners, turn, place, np.exp(log_scale), aim, normals, offsets, weights, camera, image, width, lhs, rhs
        )
        if step == widths.shape[0]:
            break
        _add_priors(lhs, rhs, tilt, log_scale, aim, sigmas)
        delta = np.linalg.solve(lhs, rhs)
        angle = np.sqrt(delta[0] ** 2 + delta[1] ** 2 + delta[2] ** 2)
        if angle > 0.3:
            delta *= 0.3 / angle
        turn = turned(turn, delta[0], delta[1], delta[2])
        tilt += delta[:2]
        place += delta[3:6]
        log_scale = min(max(log_scale + delta[6], -0.02), 0.02)
        aim += delta[7:].reshape(cameras, 2)
    return turn, place, np.exp(log_scale), tilt, error


@jit
def turned(rotation: Floats, x: float, y: float, z: float) -> Floats:
    """`rotation` followed by the turn of the rotation vector (x, y, z)."""
    angle = np.sqrt(x * x + y * y + z * z)
    if angle < 1e-12:
        return rotation.copy()
    x, y, z = x / angle, y / angle, z / angle
    c, s = np.cos(angle), np.sin(angle)
    d = 1.0 - c
    turn = np.empty((3, 3))
    turn[0, 0], turn[0, 1], turn[0, 2] = c + x * x * d, x * y * d - z * s, x * z * d + y * s
    turn[1, 0], turn[1, 1], turn[1, 2] = y * x * d + z * s, c + y * y * d, y * z * d - x * s
    turn[2, 0], turn[2, 1], turn[2, 2] = z * x * d - y * s, z * y * d + x * s, c + z * z * d
    out = np.zeros((3, 3))
    for i in range(3):
        for j in range(3):
            for k in range(3):
                out[i, j] += turn[i, k] * rotation[k, j]
    return out
