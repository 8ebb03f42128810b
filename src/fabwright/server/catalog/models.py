"""Models (geometry), materials, parts and part attributes."""

import uuid
from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.db import models

from fabwright.server.common.bulk.fields import FastJSONField
from fabwright.server.common.bulk.keyed import Keyed
from fabwright.server.common.models import Owned


class Geometry(Owned):
    """One uploaded mesh, addressed by the SHA-1 of its bytes; several models of a company may share it."""

    class Status(models.TextChoices):
        WAITING = "WAITING"
        READY = "READY"
        ERROR = "ERROR"

    sha1 = models.CharField(max_length=40)
    file_name = models.CharField(max_length=255)
    blob = models.CharField(max_length=255)
    bytes = models.BigIntegerField()
    status = models.CharField(max_length=16, choices=Status, default=Status.WAITING)
    error = models.TextField(default="", blank=True)
    warnings = models.JSONField(default=list)
    dimensions_mm = models.JSONField(null=True)
    volume_mm3 = models.FloatField(null=True)
    triangles = models.IntegerField(null=True)
    bodies = models.IntegerField(null=True)
    is_watertight = models.BooleanField(null=True)
    glb_blob = models.CharField(max_length=255, default="", blank=True)
    thumbnail_blob = models.CharField(max_length=255, default="", blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["pk"]
        verbose_name_plural = "geometries"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["company", "sha1"], name="catalog_geometry_sha1")
        ]

    def __str__(self) -> str:
        return self.sha1


class PartModel(Keyed):
    """The resource `model`: the customer's name for a geometry."""

    geometry = models.ForeignKey(Geometry, on_delete=models.PROTECT, related_name="models")
    title = models.CharField(max_length=255, default="", blank=True)

    class Meta(Keyed.Meta):
        pass


class Material(Keyed):
    """How a printed part looks: raw material, colour, finish."""

    title = models.CharField(max_length=255, default="", blank=True)
    colour = models.CharField(max_length=255, default="", blank=True)
    finish = models.CharField(max_length=255, default="", blank=True)

    class Meta(Keyed.Meta):
        pass


class PartAttribute(Keyed):
    """Declares a key of the parts' attributes: what it is called, of what kind it is and where it is used."""

    class Datatype(models.TextChoices):
        STRING = "STRING"
        NUMBER = "NUMBER"
        DATETIME = "DATETIME"
        BOOLEAN = "BOOLEAN"

    title = models.CharField(max_length=255, default="", blank=True)
    field = models.CharField(max_length=255)
    datatype = models.CharField(max_length=16, choices=Datatype)
    is_list = models.BooleanField(default=False)
    filtering = models.BooleanField(default=False)
    sorting = models.BooleanField(default=False)
    detail = models.BooleanField(default=False)
    summary = models.BooleanField(default=False)
    order = models.IntegerField(null=True, blank=True)

    class Meta(Keyed.Meta):
        pass


class Part(Keyed):
    """An order line: so many copies of a model in a material. Not one piece.

    `terms` is derived from key, title and attributes (see `catalog.terms`): what queries look into.
    """

    uuid = models.UUIDField(default=uuid.uuid4, editable=False)
    title = models.CharField(max_length=255)
    copies = models.IntegerField(default=1)
    model = models.ForeignKey(PartModel, on_delete=models.PROTECT, related_name="parts")
    material = models.ForeignKey(Material, on_delete=models.PROTECT, related_name="parts")
    attributes = FastJSONField(default=dict)
    terms = FastJSONField(default=dict, editable=False)
    metrology_template = models.ForeignKey(
        "quality.MetrologyTemplate", on_delete=models.SET_NULL, null=True, blank=True, related_name="parts"
    )

    class Meta(Keyed.Meta):
        indexes: ClassVar[list[models.Index]] = [
            GinIndex(
                fields=["terms"],
                name="catalog_part_terms",
                opclasses=["jsonb_path_ops"],
                fastupdate=True,  # what was written last waits in a list: half the time of a bulk write ...
                gin_pending_list_limit=1024,  # kB: ... which every search reads too, in half a millisecond when full
            )
        ]
