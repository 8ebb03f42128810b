"""The resources scan, scan_session, scan_assignment and rig, and the small pictures below /data/scans/."""

from collections.abc import Sequence
from typing import Any

import msgspec
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from fabwright.server.common.bulk.entries import read_entry
from fabwright.server.common.bulk.schema import spec
from fabwright.server.common.bulk.tables import Mode, Table, Written
from fabwright.server.common.bulk.views import ResourceViewSet
from fabwright.server.quality.asking import INSPECT, Requested, inspection_answer
from fabwright.server.recognition.selectors import candidates_shown
from fabwright.server.recognition.serializers import Candidates
from fabwright.server.scanning import assignments, selectors, serializers, services, verdicts
from fabwright.server.scanning.filters import RigFilter, ScanAssignmentFilter, ScanFilter, ScanSessionFilter
from fabwright.server.scanning.images import fetch
from fabwright.server.scanning.models import Rig, Scan, ScanAssignment, ScanImage, ScanSession

_BYTES = {"type": "string", "format": "binary"}
_STATES = {409: "The state of the scan does not allow it."}


def body_of[E: msgspec.Struct](request: Request, kind: type[E]) -> E:
    """The body of an action.

    Raises:
        ValidationError: by field.
    """
    entry, errors = read_entry(kind, request.data or {}, strict=True)
    if entry is None or errors:
        raise ValidationError(errors)
    return entry


class ScanSessionViewSet(ResourceViewSet[ScanSession]):
    """Runs of scanning a batch."""

    queryset = ScanSession.objects.select_related("query")
    table = services.SESSIONS
    shown = serializers.ScanSession
    filterset_class = ScanSessionFilter
    ordering_fields = ("created", "modified", "ended_at")

    def represent(self, rows: Sequence[ScanSession]) -> Sequence[serializers.ScanSession]:
        return selectors.sessions_shown(rows)

    def store(self, raw: list[Any], *, mode: Mode, many: bool, strict: bool) -> Written[ScanSession]:
        return services.sessions_write(company=self.company, raw=raw, mode=mode, many=many, strict=strict)

    def remove(self, rows: QuerySet[ScanSession]) -> None:
        services.sessions_delete(sessions=rows)

    @spec(answer=serializers.ScanSession)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, **kwargs: Any) -> Response:
        """Ends the session: no more scans."""
        return Response(self.represent([services.session_end(session=self.get_object())])[0])


_CAPTURE = {
    "type": "object",
    "properties": {"scan_session": {"type": "string", "format": "uuid"}, "cam01": _BYTES, "cam02": _BYTES},
    "required": ["scan_session", "cam01"],
    "description": "PNG or JPEG files cam01 to cam99, as many as there are cameras.",
}


class ScanViewSet(ResourceViewSet[Scan]):
    """Captures of single pieces: images, what each was decided to be, and its quality."""

    queryset = Scan.objects.all()
    table = verdicts.SCANS
    shown = serializers.Scan
    filterset_class = ScanFilter
    ordering_fields = ("created", "modified")

    def represent(self, rows: Sequence[Scan]) -> Sequence[serializers.Scan]:
        return selectors.scans_shown(rows)

    @spec(body=_CAPTURE, body_media=("multipart/form-data",), answer=serializers.Scan, code=201, codes=_STATES)
    def create(self, request: Request) -> Response:
        session = request.data.get("scan_session") if hasattr(request.data, "get") else None
        if not session:
            raise ValidationError({"scan_session": ["This field is required."]})
        scan = services.scan_capture(company=self.company, session=str(session), files=request.FILES)
        return Response(self.represent([scan])[0], status=201)

    def store(self, raw: list[Any], *, mode: Mode, many: bool, strict: bool) -> Written[Scan]:
        return verdicts.scans_judge(company=self.company, raw=raw, many=many, strict=strict)

    def remove(self, rows: QuerySet[Scan]) -> None:
        services.scans_delete(scans=rows)

    @spec(answer=Candidates)
    @action(detail=True, methods=["get"])
    def candidates(self, request: Request, **kwargs: Any) -> Response:
        """The parts that the scan may be, best first."""
        return Response(candidates_shown(self.get_object(), request))

    @spec(body=serializers.RejectEntry, answer=serializers.Scan, codes=_STATES)
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, **kwargs: Any) -> Response:
        """The operator refuses the scan."""
        reason = body_of(request, serializers.RejectEntry).reason
        scan = services.scan_reject(scan=self.get_object(), reason=reason if isinstance(reason, str) else "")
        return self._answer(scan)

    @spec(body=serializers.EvaluateEntry, answer=serializers.Scan, codes=_STATES)
    @action(detail=True, methods=["post"])
    def evaluate(self, request: Request, **kwargs: Any) -> Response:
        """Judges the stored metrics by another inspection profile."""
        scan = self.get_object()
        profile = body_of(request, serializers.EvaluateEntry).inspection_profile
        return self._answer(verdicts.scan_evaluate(scan=scan, profile=profile))

    @spec(body=INSPECT, body_media=("multipart/form-data",), answer=Requested, code=202, codes=_STATES)
    @action(detail=True, methods=["post"])
    def inspect(self, request: Request, **kwargs: Any) -> Response:
        """Measures scanned geometry (without it, the photos) against the model of the assigned part; the inspection
        report appears."""
        return inspection_answer(self.get_object(), request)

    @spec(answer=serializers.Scan)
    @action(detail=True, methods=["post"])
    def archive(self, request: Request, **kwargs: Any) -> Response:
        """Puts the scan away; its copies count no more."""
        return self._answer(services.scan_archive(scan=self.get_object(), archived=True))

    @spec(answer=serializers.Scan, codes=_STATES)
    @action(detail=True, methods=["post"])
    def unarchive(self, request: Request, **kwargs: Any) -> Response:
        """Takes the scan back out of the archive."""
        return self._answer(services.scan_archive(scan=self.get_object(), archived=False))

    @spec(answer=serializers.Scan, code=202)
    @action(detail=True, methods=["post"])
    def backup(self, request: Request, **kwargs: Any) -> Response:
        """Has the images moved to the second blob store; `is_backed_up` turns true when they are there."""
        scan = services.scan_backup(scan=self.get_object())
        return Response(self.represent([scan])[0], status=202)

    @spec(answer=_BYTES, media=("image/png", "image/jpeg"))
    @action(detail=True, methods=["get"], url_path="full_image/<int:number>")
    def full_image(self, request: Request, number: int, **kwargs: Any) -> HttpResponse:
        """The picture of camera `number` (from 1) as it was uploaded."""
        return picture(self.get_object(), number, is_small=False)

    def _answer(self, scan: Scan) -> Response:
        return Response(self.represent([Scan.objects.get(pk=scan.pk)])[0])


class ScanAssignmentViewSet(ResourceViewSet[ScanAssignment]):
    """Decisions which part a scan is. PATCH `part` reassigns, DELETE takes back."""

    queryset = ScanAssignment.objects.all()
    table = assignments.ASSIGNMENTS
    shown = serializers.ScanAssignment
    filterset_class = ScanAssignmentFilter
    ordering_fields = ("created", "modified")

    def represent(self, rows: Sequence[ScanAssignment]) -> Sequence[serializers.ScanAssignment]:
        return selectors.assignments_shown(rows)

    def store(self, raw: list[Any], *, mode: Mode, many: bool, strict: bool) -> Written[ScanAssignment]:
        return assignments.assignments_write(company=self.company, raw=raw, mode=mode, many=many, strict=strict)

    def remove(self, rows: QuerySet[ScanAssignment]) -> None:
        assignments.assignments_delete(company=self.company, assignments=rows)


_RIG = {
    "type": "object",
    "properties": {"rig": _BYTES, "background_cam01": _BYTES},
    "required": ["rig"],
    "description": "rig.json, and a picture of the empty belt per camera.",
}


class RigViewSet(ResourceViewSet[Rig]):
    """Calibrated cameras of the station, newest first; the newest is in force. A rig is never changed."""

    queryset = Rig.objects.all()
    table = Table(model=Rig, entry=msgspec.Struct, outside="uuid", key="uuid")
    shown = serializers.Rig
    filterset_class = RigFilter
    ordering_fields = ("created",)
    http_method_names = ["get", "post", "delete", "head", "options"]

    def represent(self, rows: Sequence[Rig]) -> Sequence[serializers.Rig]:
        return selectors.rigs_shown(rows)

    @spec(body=_RIG, body_media=("multipart/form-data",), answer=serializers.Rig, code=201)
    def create(self, request: Request) -> Response:
        rig = services.rig_create(company=self.company, files=request.FILES)
        return Response(self.represent([rig])[0], status=201)

    @spec(answer=_BYTES, media=("image/png", "image/jpeg"))
    @action(detail=True, methods=["get"], url_path="background/<str:camera>")
    def background(self, request: Request, camera: str, **kwargs: Any) -> HttpResponse:
        """The picture of the empty belt of one camera."""
        blob = self.get_object().backgrounds.get(camera)
        if blob is None:
            raise Http404(f"There is no background of {camera}.")
        return _image(fetch(blob, is_backed_up=False), "image/png" if blob.endswith(".png") else "image/jpeg")


class SmallPicture(APIView):
    """`/data/scans/{uuid}/scan_camNN.png`: a small picture, or the full one until it is made."""

    schema = None

    def get(self, request: Request, uuid: Any, number: str) -> HttpResponse:
        user: Any = request.user
        scan = Scan.objects.filter(company=user.company, uuid=uuid).first()
        if scan is None:
            raise Http404(f"There is no scan {uuid}.")
        return picture(scan, int(number), is_small=True)


def picture(scan: Scan, number: int, *, is_small: bool) -> HttpResponse:
    """One picture of a scan, from the store it is in.

    Raises:
        Http404: there is no such camera.
    """
    image = ScanImage.objects.filter(scan=scan, number=number).first()
    if image is None:
        raise Http404(f"The scan {scan.uuid} has no picture {number}.")
    if is_small and image.preview_blob:
        return _image(fetch(image.preview_blob, is_backed_up=scan.is_backed_up), "image/png")
    return _image(fetch(image.blob, is_backed_up=scan.is_backed_up), image.content_type)


def _image(data: bytes, content_type: str) -> HttpResponse:
    answer = HttpResponse(data, content_type=content_type)
    answer["Cache-Control"] = "private, max-age=3600"  # a picture never changes
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
