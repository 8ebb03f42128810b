"""Rigs, sessions, scans, their images, and assignments."""

from typing import ClassVar

from django.db import models

from fabwright.server.catalog.models import Part
from fabwright.server.common.models import Identified
from fabwright.server.quality.models import InspectionReport, Reason
from fabwright.server.sorting.models import Batch, Output, Query


class Rig(Identified):
    """The calibrated cameras of a station and their pictures of the empty belt. The newest is in force."""

    rig = models.JSONField()
    revision = models.CharField(max_length=64)
    backgrounds = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar[list[str]] = ["-created", "-pk"]

    def __str__(self) -> str:
        return str(self.uuid)


class ScanSession(Identified):
    """One run of scanning a batch. `query` says by what its pieces are sorted; none = by all outputs' queries.

    The batch may be deleted later; its id and title stay.
    """

    batch = models.ForeignKey(Batch, on_delete=models.SET_NULL, null=True, related_name="sessions")
    batch_key = models.CharField(max_length=255)
    batch_title = models.CharField(max_length=255, default="", blank=True)
    query = models.ForeignKey(Query, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["created", "pk"]

    def __str__(self) -> str:
        return str(self.uuid)


class Scan(Identified):
    """One capture of one piece: its images, what it was decided to be, and its quality."""

    session = models.ForeignKey(ScanSession, on_delete=models.CASCADE, related_name="scans")
    design_material = models.CharField(max_length=300, default="", blank=True)
    output = models.ForeignKey(Output, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    is_rejected = models.BooleanField(default=False)
    reject_reason = models.CharField(max_length=255, default="", blank=True)
    archived = models.BooleanField(default=False)
    is_backed_up = models.BooleanField(default=False)
    inspection_report = models.OneToOneField(
        InspectionReport, on_delete=models.SET_NULL, null=True, blank=True, related_name="scan"
    )
    qc_machine = models.BooleanField(null=True)
    qc_operator = models.BooleanField(null=True)
    qc_needs_review = models.BooleanField(default=False)
    qc_pass = models.BooleanField(null=True)
    qc_comment = models.TextField(null=True, blank=True)
    qc_reasons = models.ManyToManyField(Reason, related_name="+", blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["created", "pk"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["company", "created"], name="scanning_scan_created"),
        ]

    def __str__(self) -> str:
        return str(self.uuid)


class ScanImage(models.Model):
    """The picture of one camera; `number` counts from 1."""

    scan = models.ForeignKey(Scan, on_delete=models.CASCADE, related_name="images")
    number = models.PositiveSmallIntegerField()
    content_type = models.CharField(max_length=32)
    width = models.IntegerField()
    height = models.IntegerField()
    blob = models.CharField(max_length=255)
    preview_blob = models.CharField(max_length=255, default="", blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["scan", "number"], name="scanning_one_image_per_camera")
        ]

    def __str__(self) -> str:
        return f"{self.scan_id} camera {self.number}"


class ScanAssignment(Identified):
    """The decision that a scan is so many pieces of a part. The part may be deleted later; its id and title stay."""

    scan = models.OneToOneField(Scan, on_delete=models.CASCADE, related_name="assignment")
    part = models.ForeignKey(Part, on_delete=models.SET_NULL, null=True, related_name="assignments")
    part_key = models.CharField(max_length=255)
    part_title = models.CharField(max_length=255)
    copies = models.IntegerField(default=1)
    last_added_copies = models.IntegerField(default=1)
    manual = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["created", "pk"]

    def __str__(self) -> str:
        return f"{self.scan_id} is {self.part_key}"
