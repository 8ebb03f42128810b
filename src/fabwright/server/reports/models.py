"""A report, and its versions. A version becomes ready once; its bytes never change after that."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from fabwright.server.common.models import Company, Identified
from fabwright.server.projects.models import Project


class Status(models.TextChoices):
    """Life cycle of a version; the report mirrors that of its newest one."""

    WAITING = "waiting"
    RUNNING = "running"
    READY = "ready"
    ERROR = "error"


def _uuids() -> "ArrayField[list[uuid.UUID], list[uuid.UUID]]":
    return ArrayField(models.UUIDField(), default=list, blank=True)


class Report(Identified):
    """A request for one document type over a selection of things to build.

    Attributes:
        meta: what the client sent, own options of the type included, plus what was filled in for it.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="reports")
    name = models.CharField(max_length=255)
    username = models.CharField(max_length=150)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    document_type = models.CharField(max_length=40)
    document_status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    meta = models.JSONField(default=dict)
    selected_assemblies = _uuids()
    selected_assembly_designs = _uuids()
    selected_modules = _uuids()
    selected_module_designs = _uuids()

    class Meta:
        indexes = [models.Index(fields=["company", "-created"])]

    def __str__(self) -> str:
        return f"{self.document_type} {self.name}"


class Version(models.Model):
    """One making of a report: what the protocol calls a file.

    Attributes:
        attempt: counts the workers that took it up. Only the newest attempt may publish.
        sources: what it was made from: [design uuid, revision, hash of the analysed IFC] of every design.
        deprecated_at: when subscribers were told that one of these has changed since.
    """

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, editable=False, related_name="+")
    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField(default=0)
    created = models.DateTimeField(auto_now_add=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    attempt = models.PositiveIntegerField(default=0)
    progress = models.FloatField(default=0.0)
    note = models.CharField(max_length=200, default="", blank=True)
    name = models.CharField(max_length=255, default="waiting")
    short_name = models.CharField(max_length=255, default="waiting")
    key = models.CharField(max_length=1000, default="", blank=True)
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, default="", blank=True)
    error = models.JSONField(null=True, blank=True)
    sources = models.JSONField(default=list)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    deprecated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [GinIndex(fields=["sources"], name="versions_by_source", opclasses=["jsonb_path_ops"])]
        constraints = [models.UniqueConstraint(fields=["report", "number"], name="one_version_of_a_number")]

    @property
    def cloud_folder(self) -> str:
        """Where its files lie, as the protocol shows it."""
        return f"{self.report.project_id}/reports/{self.report_id}/versions/{self.number}"

    def __str__(self) -> str:
        return f"{self.report_id} version {self.number}: {self.status}"
