"""The names of all metrics. Light: whoever only judges, or shows numbers, loads nothing else."""

DESCRIPTIONS = {
    "coverage": "share of the model's surface that the scan shows (0 to 1)",
    "share_within_tolerance": "share of the scanned surface within the profile's tolerance (0 to 1)",
    "deviation_mean_mm": "mean signed deviation",
    "deviation_rms_mm": "root mean square deviation",
    "deviation_sigma_mm": "standard deviation of the signed deviations",
    "deviation_min_mm": "least signed deviation of a point that is no outlier",
    "deviation_max_mm": "greatest signed deviation of a point that is no outlier",
    "deviation_p95_mm": "95 % of the surface deviates less than this, absolute",
    "deviation_p99_mm": "99 % of the surface deviates less than this, absolute",
    "missing_depth_mm": "greatest depth of missing material, local mean",
    "missing_area_mm2": "area of all regions with missing material",
    "missing_regions": "number of regions with missing material",
    "extra_height_mm": "greatest height of extra material, local mean",
    "extra_area_mm2": "area of all regions with extra material",
    "extra_regions": "number of regions with extra material",
    "extent_x_mm": "length along the model's x",
    "extent_y_mm": "length along the model's y",
    "extent_z_mm": "length along the model's z",
    "extent_x_deviation_mm": "length along x minus nominal",
    "extent_y_deviation_mm": "length along y minus nominal",
    "extent_z_deviation_mm": "length along z minus nominal",
    "scale_x_percent": "size along x against nominal, 0 is exact",
    "scale_y_percent": "size along y against nominal, 0 is exact",
    "scale_z_percent": "size along z against nominal, 0 is exact",
    "bend_mm": "sag of the longest axis between its middle and its ends",
    "bow_mm": "sag of the second axis between its middle and its ends",
    "twist_deg": "turn of one end against the other about the longest axis",
    "volume_mm3": "volume, of a closed scan mesh",
    "volume_deviation_percent": "volume against nominal: of the closed mesh, else by mean deviation times surface",
    "noise_mm": "spread of the scan about its local means (one sigma)",
    "outlier_share": "share of scan points that belong to no surface (0 to 1)",
    "pose_uncertainty_mm": "standard uncertainty of the position found",
    "pose_uncertainty_deg": "standard uncertainty of the orientation found",
}
"""Every metric and its meaning, in the order of reports."""

PHOTO_DESCRIPTIONS = {
    "photo_seen_share": "share of the model's surface that some camera sees (0 to 1)",
    "photo_tested_share": "share of the model's surface where an outline would show 1 mm of extra material (0 to 1)",
    "photo_silent_share": "share of the outline where missing material would look like shade (0 to 1)",
    "photo_unmatched_share": "share of the outline to which no photo shows a counterpart (0 to 1)",
    "photo_contour_rms_mm": "root mean square distance of outlines from the model, all cameras",
    "photo_contour_p95_mm": "95 % of the outlines are nearer to the model than this",
    "photo_contour_max_mm": "greatest distance of an outline from the model, mean over 2 mm",
    "photo_contour_mean_mm": "mean signed distance of outlines, positive where the piece is larger",
    "photo_area_difference_mm2": "area in the pictures that contradicts the model, extra minus missing",
    "photo_missing_depth_mm": "least depth of missing material that a camera proves",
    "photo_missing_area_mm2": "area of missing material in the pictures that show most of it",
    "photo_missing_regions": "number of regions with missing material",
    "photo_extra_height_mm": "least height of extra material that a camera proves",
    "photo_extra_area_mm2": "area of extra material in the pictures that show most of it",
    "photo_extra_regions": "number of regions with extra material",
    "photo_extent_x_mm": "length along the model's x, by outlines",
    "photo_extent_y_mm": "length along the model's y, by outlines",
    "photo_extent_z_mm": "length along the model's z, by outlines",
    "photo_extent_x_deviation_mm": "length along x minus nominal, by outlines",
    "photo_extent_y_deviation_mm": "length along y minus nominal, by outlines",
    "photo_extent_z_deviation_mm": "length along z minus nominal, by outlines",
    "photo_size_x_share": "deviation of the length along x in units of 0.4 mm or 0.7 %, whichever is more",
    "photo_size_y_share": "deviation of the length along y in units of 0.4 mm or 0.7 %, whichever is more",
    "photo_size_z_share": "deviation of the length along z in units of 0.4 mm or 0.7 %, whichever is more",
    "photo_scale_x_percent": "size along x against nominal by outlines, 0 is exact",
    "photo_scale_y_percent": "size along y against nominal by outlines, 0 is exact",
    "photo_scale_z_percent": "size along z against nominal by outlines, 0 is exact",
    "photo_bend_mm": "sag of the longest axis between its middle and its ends, by outlines",
    "photo_bow_mm": "sag of the second axis between its middle and its ends, by outlines",
    "photo_warp_mm": "lift of the corners against each other, by outlines",
    "photo_twist_deg": "turn of one end against the other about the longest axis, by outlines",
    "photo_holes": "number of holes that a camera would see through",
    "photo_closed_holes": "number of these that are closed",
    "photo_hole_deviation_mm": "greatest deviation of an opening's diameter, of holes that are seen through",
    "photo_marks_px": "pixels of marks on surfaces that are plain in the model, all photos",
    "photo_camera_px": "correction of the cameras that the fit needed, root mean square",
    "photo_noise_px": "spread of the outlines about the fit (one sigma)",
    "photo_pose_uncertainty_mm": "standard uncertainty of the place found in the photos",
    "photo_pose_uncertainty_deg": "standard uncertainty of the orientation found in the photos",
}
"""What is measured from photos alone. Those of outlines also exist per camera: `photo_contour_p95_mm.cam01`."""

PHOTO_PREFIX = "photo_"


def is_metric(name: str) -> bool:
    """Whether there is such a metric, also one of a single camera."""
    return name in DESCRIPTIONS or name.partition(".")[0] in PHOTO_DESCRIPTIONS


def meaning(name: str) -> str:
    """What a metric means; empty for one that is not ours."""
    base, _, camera = name.partition(".")
    if name in DESCRIPTIONS:
        return DESCRIPTIONS[name]
    text = PHOTO_DESCRIPTIONS.get(base, "")
    return f"{text}; {camera}" if camera and text else text
