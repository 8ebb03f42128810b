"""Signatures of geometries, answers to scans, what operators confirmed, and how sure is sure."""

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from fabwright.server.catalog.models import Geometry
from fabwright.server.common.models import Company, Identified
from fabwright.server.scanning.models import Rig, Scan

MAX_TARGET_ERROR = 0.05


class Signature(models.Model):
    """What recognition needs of a geometry, made from it once per version of the method; or why it cannot be made.

    `key` says which geometries are one shape (also an ASCII and a binary file of it).
    """

    geometry = models.OneToOneField(Geometry, on_delete=models.CASCADE, primary_key=True, related_name="signature")
    version = models.IntegerField()
    key = models.CharField(max_length=64, default="", blank=True, db_index=True)
    blob = models.CharField(max_length=255, default="", blank=True)
    bytes = models.IntegerField(default=0)
    error = models.TextField(default="", blank=True)
    modified = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.key or self.error


class Recognition(models.Model):
    """The answer to a scan, or that one is being looked for. `fits`: the best fitted models, for drawing them."""

    class Status(models.TextChoices):
        WAITING = "WAITING"
        DONE = "DONE"

    class Decision(models.TextChoices):
        ASSIGNED = "assigned"
        ASK = "ask"
        UNKNOWN = "unknown"

    scan = models.OneToOneField(Scan, on_delete=models.CASCADE, primary_key=True, related_name="recognition")
    rig = models.ForeignKey(Rig, on_delete=models.SET_NULL, null=True, related_name="+")
    status = models.CharField(max_length=16, choices=Status, default=Status.WAITING)
    decision = models.CharField(max_length=16, choices=Decision, default=Decision.ASK)
    fault = models.CharField(max_length=255, default="", blank=True)
    detail = models.TextField(default="", blank=True)
    candidates = models.JSONField(default=list)
    fits = models.JSONField(default=list)
    look = models.JSONField(null=True, blank=True)
    ms = models.FloatField(null=True)
    pictures = models.JSONField(default=list)
    created = models.DateTimeField(auto_now_add=True)
    modified = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.scan_id}: {self.decision}"


class Confirmation(Identified):
    """What an operator said a scan is, beside what recognition had said: the set that it is calibrated by.

    Stands alone: scan, part and model may be deleted later.
    """

    scan = models.UUIDField()
    part_key = models.CharField(max_length=255)
    model_key = models.CharField(max_length=255)
    material_key = models.CharField(max_length=255)
    shape = models.CharField(max_length=64)
    rig_revision = models.CharField(max_length=64, default="", blank=True)
    decision = models.CharField(max_length=16)
    is_first = models.BooleanField()
    candidates = models.JSONField(default=list)
    fits = models.JSONField(default=list)
    look = models.JSONField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["created", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["company", "scan"], name="recognition_one_confirmation_per_scan")
        ]

    def __str__(self) -> str:
        return f"{self.scan} is {self.part_key}"


class Tuning(models.Model):
    """How sure recognition must be before it assigns by itself."""

    company = models.OneToOneField(Company, on_delete=models.CASCADE, primary_key=True, related_name="+")
    target_error = models.FloatField(
        default=0.001, validators=[MinValueValidator(0.0), MaxValueValidator(MAX_TARGET_ERROR)]
    )

    def __str__(self) -> str:
        return f"{self.target_error:.2%}"
