"""`scan/{uuid}/inspect/`: the part of that address that is about quality."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from fabwright.server.quality.inspections import inspection_request
from fabwright.server.quality.serializers import Requested

INSPECT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "geometry": {"type": "string", "format": "binary"},
        "inspection_profile": {"type": "string", "format": "uuid"},
    },
    "required": ["geometry"],
    "description": "The scanned geometry as STL or PLY, mesh or points, in mm and in any pose.",
}

__all__ = ["INSPECT", "Requested", "inspection_answer"]


def inspection_answer(scan: Any, request: Request) -> Response:
    """202 with the uuid of the report that will appear."""
    profile = request.data.get("inspection_profile") if hasattr(request.data, "get") else None
    geometry = request.FILES.get("geometry")
    order = inspection_request(scan=scan, geometry=geometry, profile=str(profile) if profile else None)
    return Response(Requested(order.scan, order.report), status=202)
