"""Reasons, inspection profiles and reports, templates, settings, notices."""

from typing import ClassVar

from django.db import models

from fabwright.server.common.bulk.keyed import Keyed
from fabwright.server.common.models import Identified, Owned


class ReasonCategory(Keyed):
    """The resource `quality_control_reason_category`."""

    title = models.CharField(max_length=255, default="", blank=True)
    order = models.IntegerField(null=True, blank=True)

    class Meta(Keyed.Meta):
        verbose_name_plural = "reason categories"


class Reason(Keyed):
    """The resource `quality_control_reason`: why an operator refuses a piece."""

    title = models.CharField(max_length=255, default="", blank=True)
    category = models.ForeignKey(
        ReasonCategory, on_delete=models.PROTECT, null=True, blank=True, related_name="reasons"
    )
    order = models.IntegerField(null=True, blank=True)

    class Meta(Keyed.Meta):
        pass


class InspectionProfile(Identified):
    """The rules that turn metrics into the automatic verdict.

    `version` counts changes. `minimum_coverage` none = 0.85 where a coverage was measured. `parts` and `materials` are
    ids of what it is the usual profile of.
    """

    class Review(models.TextChoices):
        NEVER = "NEVER"
        ON_FAIL = "ON_FAIL"
        ALWAYS = "ALWAYS"

    title = models.CharField(max_length=255)
    version = models.IntegerField(default=1)
    review = models.CharField(max_length=16, choices=Review, default=Review.ON_FAIL)
    criteria = models.JSONField(default=list)
    tolerance_mm = models.FloatField(default=0.3)
    minimum_coverage = models.FloatField(null=True, blank=True)
    materials = models.JSONField(default=list)
    parts = models.JSONField(default=list)

    class Meta:
        ordering: ClassVar[list[str]] = ["created", "pk"]

    def __str__(self) -> str:
        return self.title


class MetrologyTemplate(Identified):
    """A measurement plan, linked from parts: our JSON, which is measured, or .xvgt of VGStudio MAX, kept as it is."""

    is_plan = models.BooleanField(default=False)

    title = models.CharField(max_length=255)
    file_name = models.CharField(max_length=255)
    blob = models.CharField(max_length=255)
    bytes = models.BigIntegerField()

    class Meta:
        ordering: ClassVar[list[str]] = ["created", "pk"]

    def __str__(self) -> str:
        return self.title


class ReportTemplate(Identified):
    """The layout of an inspection report, as a Typst document; empty = the built-in layout."""

    title = models.CharField(max_length=255)
    content = models.TextField(default="", blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["created", "pk"]

    def __str__(self) -> str:
        return self.title


class InspectionReport(Identified):
    """What was measured on the piece of a scan (`Scan.inspection_report`; at most one per scan), and the verdict.

    `rules` is the profile as it was when it judged, `reasons` say in sentences why not passed, `asks_review` whether a
    person must look. What our own measuring adds: when it was asked for, files, and in `Measured` the numbers.
    """

    part_key = models.CharField(max_length=255, default="", blank=True)
    material_key = models.CharField(max_length=255, default="", blank=True)
    profile = models.ForeignKey(InspectionProfile, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    metrics = models.JSONField(default=dict)
    metrology_data = models.JSONField(null=True, blank=True)
    findings = models.JSONField(default=list)
    rules = models.JSONField(default=dict)
    reasons = models.JSONField(default=list)
    asks_review = models.BooleanField(default=False)
    requested_at = models.DateTimeField(null=True, blank=True)
    rig = models.CharField(max_length=64, default="", blank=True)
    geometry_name = models.CharField(max_length=255, default="", blank=True)
    pictures = models.JSONField(default=list)
    picture_scale_mm = models.FloatField(default=0.0)
    has_glb = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["created", "pk"]

    def __str__(self) -> str:
        return str(self.uuid)

    @property
    def is_from_photos(self) -> bool:
        """Whether we measured it on the photos of the scan alone."""
        return self.requested_at is not None and not self.geometry_name

    @property
    def folder(self) -> str:
        """Where its files lie in the blob store."""
        return f"{self.company_id}/inspections/{self.uuid}"


class Measured(models.Model):
    """The numbers behind a report of ours, apart because they are long: the measurement as the library writes it, and
    the deviation of the piece at fixed places of the model (`SurfaceGrid`) as 16-bit micrometres."""

    report = models.OneToOneField(InspectionReport, on_delete=models.CASCADE, primary_key=True, related_name="measured")
    measurement = models.JSONField()
    geometry = models.CharField(max_length=40, default="", blank=True)
    surface = models.BinaryField(default=b"")

    class Meta:
        verbose_name_plural = "measured"

    def __str__(self) -> str:
        return str(self.report_id)


class SurfaceGrid(Owned):
    """Places of a model (32-bit floats, mm) at which the pieces of it are compared; `geometry` is its SHA-1."""

    geometry = models.CharField(max_length=40)
    places = models.BinaryField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["company", "geometry"], name="quality_one_grid_per_geometry")
        ]

    def __str__(self) -> str:
        return self.geometry


class Settings(Owned):
    """The one set of settings of a company."""

    default_report_template = models.ForeignKey(
        ReportTemplate, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    default_inspection_profile = models.ForeignKey(
        InspectionProfile, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name_plural = "settings"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["company"], name="quality_one_settings_per_company")
        ]

    def __str__(self) -> str:
        return f"settings of {self.company_id}"


class Notification(Owned):
    """A message for the operators' screens."""

    title = models.CharField(max_length=255)
    body = models.TextField(default="", blank=True)
    icon = models.CharField(max_length=255, default="", blank=True)
    auto_close = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-pk"]

    def __str__(self) -> str:
        return self.title
