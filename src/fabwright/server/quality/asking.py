"""`scan/{uuid}/inspect/`: the part of that address that is about quality."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from fabwright.server.quality.inspections import inspection_request
from fabwright.server.quality.photographs import photo_request
from fabwright.server.quality.serializers import Requested

INSPECT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "geometry": {"type": "string", "format": "binary"},
        "inspection_profile": {"type": "string", "format": "uuid"},
    },
    "description": "The scanned geometry as STL or PLY, mesh or points, in mm and in any pose. Without it the photos "
    "of the scan are measured: outlines, sizes, holes, missing and extra material that a camera proves.",
}

__all__ = ["INSPECT", "Requested", "inspection_answer"]


def inspection_answer(scan: Any, request: Request) -> Response:
    """202 with the uuid of the report that will appear."""
    profile = request.data.get("inspection_profile") if hasattr(request.data, "get") else None
    geometry, chosen = request.FILES.get("geometry"), str(profile) if profile else None
    if geometry is None:
        order = photo_request(scan=scan, profile=chosen)
    else:
        order = inspection_request(scan=scan, geometry=geometry, profile=chosen)
    return Response(Requested(order.scan, order.report), status=202)
