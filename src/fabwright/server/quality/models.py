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
    """The rules that turn metrics into the automatic verdict."""

    class Review(models.TextChoices):
        NEVER = "NEVER"
        ON_FAIL = "ON_FAIL"
        ALWAYS = "ALWAYS"

    title = models.CharField(max_length=255)
    review = models.CharField(max_length=16, choices=Review, default=Review.ON_FAIL)
    criteria = models.JSONField(default=list)

    class Meta:
        ordering: ClassVar[list[str]] = ["created", "pk"]

    def __str__(self) -> str:
        return self.title


class MetrologyTemplate(Identified):
    """A measurement plan (.xvgt of VGStudio MAX, kept as it is), linked from parts."""

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
    """What was measured on the piece of a scan (`Scan.inspection_report`; at most one per scan)."""

    part_key = models.CharField(max_length=255, default="", blank=True)
    profile = models.ForeignKey(InspectionProfile, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    metrics = models.JSONField(default=dict)
    metrology_data = models.JSONField(null=True, blank=True)
    findings = models.JSONField(default=list)

    class Meta:
        ordering: ClassVar[list[str]] = ["created", "pk"]

    def __str__(self) -> str:
        return str(self.uuid)


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
