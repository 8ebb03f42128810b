"""What a piece must hold to pass on its photos alone, where nothing else is asked for."""

from collections.abc import Iterable

from fabwright.metrology.names import PHOTO_PREFIX
from fabwright.metrology.profile import Criterion, Profile, Severity

DEFAULT_PHOTO_PROFILE = Profile(
    "Default: photos of printed polymer parts",
    (
        Criterion("photo_missing_depth_mm", maximum=0.6, guard_band=0.1),
        Criterion("photo_extra_height_mm", maximum=0.6, guard_band=0.1),
        Criterion("photo_closed_holes", maximum=0.0),
        Criterion("photo_hole_deviation_mm", maximum=0.8, guard_band=0.1, optional=True),
        Criterion("photo_size_x_share", -1.0, 1.0, optional=True),
        Criterion("photo_size_y_share", -1.0, 1.0, optional=True),
        Criterion("photo_size_z_share", -1.0, 1.0, optional=True),
        Criterion("photo_bend_mm", maximum=0.4, guard_band=0.05, optional=True),
        Criterion("photo_bow_mm", maximum=0.4, guard_band=0.05, optional=True),
        Criterion("photo_warp_mm", maximum=0.4, guard_band=0.05, optional=True),
        Criterion("photo_contour_p95_mm", maximum=0.7, severity=Severity.MINOR),
        Criterion("photo_marks_px", maximum=150.0, severity=Severity.MINOR),
        Criterion("photo_silent_share", maximum=0.5, severity=Severity.MINOR),
        Criterion("photo_unmatched_share", maximum=0.1, severity=Severity.MINOR),
    ),
    tolerance_mm=0.6,
    minimum_coverage=0.02,
)
"""Outlines show no more than about 0.4 mm; what they do not show is not asked."""


def asks_for_photos(metrics: Iterable[str]) -> bool:
    """Whether a profile with criteria of these metrics is one for photos."""
    return any(metric.startswith(PHOTO_PREFIX) for metric in metrics)
