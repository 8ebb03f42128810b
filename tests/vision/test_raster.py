import cv2
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import ConvexHull

from fabwright.vision.contour import silhouette_points
from fabwright.vision.raster import Window, face_normals, normal_picture, render
from fabwright.vision.simulate import default_rig

CAMERA = default_rig(1).cameras[0]
WINDOW = Window(700.0, 500.0, 200, 200)


def square(size: float, z: float) -> np.ndarray:
    h = size / 2
    return np.array([[-h, -h, z], [h, -h, z], [h, h, z], [-h, h, z]])


TWO = np.array([[0, 1, 2], [0, 2, 3]], np.int32)


def test_a_square_covers_its_area_in_pixels() -> None:
    picture = render(square(30.0, 0.0), TWO, CAMERA, WINDOW)
    expected = (30.0 * 3000.0 / 600.0) ** 2
    assert abs(picture.mask.sum() - expected) < 0.015 * expected


def test_the_nearer_of_two_surfaces_is_seen() -> None:
    points = np.vstack([square(30.0, 0.0), square(10.0, 50.0)])
    picture = render(points, np.vstack([TWO, TWO + 4]), CAMERA, WINDOW)
    assert picture.face[100, 100] >= 2
    assert abs(picture.depth[100, 100] - 550.0) < 1e-2
    assert abs(picture.depth[40, 40] - 600.0) < 1e-2


def test_what_lies_behind_the_camera_is_not_drawn() -> None:
    assert not render(square(30.0, 700.0), TWO, CAMERA, WINDOW).mask.any()


def test_a_surface_outside_the_window_is_not_drawn() -> None:
    assert not render(square(10.0, 0.0) + np.array([200, 0, 0]), TWO, CAMERA, WINDOW).mask.any()


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1), st.floats(0.5, 2.0))
def test_the_silhouette_of_a_hull_is_the_hull_of_the_projected_corners(seed: int, zoom: float) -> None:
    points = np.random.default_rng(seed).uniform(-15, 15, (12, 3)) + np.array([0, 0, 20])
    faces = ConvexHull(points).simplices.astype(np.int32)
    window = Window(650.0, 450.0, int(300 * zoom), int(300 * zoom), zoom)
    picture = render(points, faces, CAMERA, window)
    corners = cv2.convexHull(np.column_stack([picture.u, picture.v]).astype(np.float32))
    inside = [cv2.pointPolygonTest(corners, (float(i), float(j)), True) for j, i in np.argwhere(picture.mask)[::17]]
    outside = [cv2.pointPolygonTest(corners, (float(i), float(j)), True) for j, i in np.argwhere(~picture.mask)[::53]]
    assert min(inside, default=0.0) > -0.01
    assert max(outside, default=0.0) < 0.01


def test_outline_points_lie_on_the_edge_to_a_tenth_of_a_pixel() -> None:
    points = square(30.0, 0.0) @ np.array([[0.9, -0.43588989, 0], [0.43588989, 0.9, 0], [0, 0, 1.0]])
    picture = render(points, TWO, CAMERA, WINDOW)
    x, y, _ = silhouette_points(picture.face, picture.inverse_depth, picture.u, picture.v, TWO)
    corners = np.column_stack([picture.u, picture.v]).astype(np.float32)
    away = [abs(cv2.pointPolygonTest(corners, (float(a), float(b)), True)) for a, b in zip(x, y, strict=True)]
    assert len(x) > 400
    assert max(away) < 0.1


def test_normals_are_turned_to_the_camera() -> None:
    points = square(30.0, 0.0)
    turned = TWO[:, ::-1].copy()
    for faces in (TWO, turned):
        picture = render(points, faces, CAMERA, WINDOW)
        normal = normal_picture(picture, face_normals(points, faces), CAMERA, WINDOW)
        assert normal[100, 100].tolist() == [0.0, 0.0, 1.0]
