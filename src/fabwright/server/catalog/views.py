"""The resources model, material, part and part_attribute."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from drf_spectacular.utils import OpenApiParameter
from msgspec import Raw
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from fabwright.server.catalog import selectors, serializers, services
from fabwright.server.catalog.filters import (
    MaterialFilter,
    ModelFilter,
    PartAttributeFilter,
    PartFilterBackend,
    filter_parts,
)
from fabwright.server.catalog.found import parts_found
from fabwright.server.catalog.labels import LabelEntry, part_label
from fabwright.server.catalog.models import Material, Part, PartAttribute, PartModel
from fabwright.server.common.bulk.entries import read_entry
from fabwright.server.common.bulk.paging import found_page
from fabwright.server.common.bulk.schema import spec
from fabwright.server.common.bulk.search import SEARCH, search_filters, searched
from fabwright.server.common.bulk.tables import Mode, Written
from fabwright.server.common.bulk.views import KeyedViewSet
from fabwright.server.common.filters import Ordering
from fabwright.server.files.disposition import content_disposition
from fabwright.server.files.stores import store

_BYTES = {"type": "string", "format": "binary"}
_LABEL = [
    OpenApiParameter("file_format", str, enum=["pdf", "zpl"]),
    OpenApiParameter("width", float, description="mm"),
    OpenApiParameter("height", float, description="mm"),
    OpenApiParameter("copies", int),
    OpenApiParameter("dots_per_mm", int, enum=[8, 12, 24], description="of the label printer"),
]


class MaterialViewSet(KeyedViewSet[Material]):
    """How printed parts look. A part that names an unknown material makes it."""

    queryset = Material.objects.all()
    table = services.MATERIALS
    shown = serializers.Material
    filterset_class = MaterialFilter
    ordering_fields = ("created", "modified", "title")

    def represent(self, rows: Sequence[Material]) -> Sequence[serializers.Material]:
        return selectors.materials_shown(rows)


class PartAttributeViewSet(KeyedViewSet[PartAttribute]):
    """Which attributes of parts are known, and where they are used."""

    queryset = PartAttribute.objects.all()
    table = services.ATTRIBUTES
    shown = serializers.PartAttribute
    filterset_class = PartAttributeFilter
    ordering_fields = ("created", "modified", "title", "order")

    def represent(self, rows: Sequence[PartAttribute]) -> Sequence[serializers.PartAttribute]:
        return selectors.attributes_shown(rows)


class ModelViewSet(KeyedViewSet[PartModel]):
    """Geometries by the customer's id; uploaded as a multipart form with `id` and the file `geometry`."""

    queryset = PartModel.objects.select_related("geometry")
    table = services.MODELS
    shown = serializers.Model
    filterset_class = ModelFilter
    ordering_fields = ("created", "modified", "title")

    def represent(self, rows: Sequence[PartModel]) -> Sequence[serializers.Model]:
        return selectors.models_shown(rows)

    def store(self, raw: list[Any], *, mode: Mode, many: bool, strict: bool) -> Written[PartModel]:
        file = self.request.FILES.get("geometry")
        if file is None:
            return services.models_write(company=self.company, raw=raw, mode=mode, many=many, strict=strict)
        return services.model_upload(company=self.company, raw=raw[0], file=file, mode=mode)

    @spec(body=SEARCH, is_page=True)
    @action(detail=False, methods=["post"])
    def search(self, request: Request) -> Response:
        """The list with its filters in the body: for lists of ids that are too long for an address."""
        return searched(self, request)

    @spec(answer=_BYTES, media="application/octet-stream")
    @action(detail=True, methods=["get"])
    def geometry(self, request: Request, **kwargs: Any) -> HttpResponse:
        """The file as it was uploaded."""
        geometry = self.get_object().geometry
        return _file(geometry.blob, "application/octet-stream", geometry.file_name or f"{geometry.sha1}.stl")

    @spec(answer=_BYTES, media="model/gltf-binary")
    @action(detail=True, methods=["get"])
    def glb(self, request: Request, **kwargs: Any) -> HttpResponse:
        """The geometry for viewers."""
        geometry = self.get_object().geometry
        return _file(geometry.glb_blob, "model/gltf-binary", f"{geometry.sha1}.glb")

    @spec(answer=_BYTES, media="image/png")
    @action(detail=True, methods=["get"])
    def thumbnail(self, request: Request, **kwargs: Any) -> HttpResponse:
        """A small picture."""
        geometry = self.get_object().geometry
        return _file(geometry.thumbnail_blob, "image/png", f"{geometry.sha1}.png")


class PartViewSet(KeyedViewSet[Part]):
    """Order lines. Every attribute with filtering on is a filter under its id, with the lookups of its datatype; the
    list can be ordered by every attribute with sorting on."""

    queryset = Part.objects.all()
    table = services.PARTS
    shown = serializers.Part
    filter_backends = [PartFilterBackend]
    ordering_fields = ("created", "modified", "title", "copies")

    def orderings(self) -> dict[str, Ordering]:
        own = super().orderings()
        if getattr(self, "swagger_fake_view", False):
            return own
        return selectors.orderings_of(self.company) | own

    def get_queryset(self) -> QuerySet[Part]:
        return super().get_queryset().defer("terms")

    def represent(self, rows: Sequence[Part]) -> Sequence[Raw]:
        return selectors.parts_shown([row.pk for row in rows])

    def list(self, request: Request) -> Response:
        return self._page(self.filter_queryset(self.get_queryset()))

    @spec(body=SEARCH, is_page=True)
    @action(detail=False, methods=["post"])
    def search(self, request: Request) -> Response:
        """The list with its filters in the body."""
        return self._page(filter_parts(self.get_queryset(), search_filters(request).lists(), self.company))

    @spec(answer=_BYTES, media=("application/pdf", "application/zpl"), parameters=_LABEL)
    @action(detail=True, methods=["get"])
    def label(self, request: Request, **kwargs: Any) -> HttpResponse:
        """A label for the pieces of a part, PDF or ZPL: its id as QR code, and the attributes with `summary` on."""
        asked = request.query_params.dict()
        entry, errors = read_entry(LabelEntry, asked, strict=False)
        unknown = sorted(set(asked) - set(LabelEntry.__struct_fields__))
        if entry is None or errors or unknown:
            raise ValidationError({**errors, **{name: ["Unknown parameter."] for name in unknown}})
        file = part_label(self.get_object(), entry)
        kind = "application/pdf" if file.name.endswith(".pdf") else "application/zpl"
        answer = HttpResponse(file.content, content_type=kind)
        answer["Content-Disposition"] = content_disposition(file.name)
        return answer

    def _page(self, queryset: QuerySet[Part]) -> Response:
        return found_page(self, partial(parts_found, queryset))


def _file(blob: str, content_type: str, name: str) -> HttpResponse:
    if not blob:
        raise Http404("It has not been made yet.")
    answer = HttpResponse(store().read(blob), content_type=content_type)
    answer["Content-Disposition"] = content_disposition(name)
    return answer
