"""Designs and their revisions, packages and files, parts, and imports."""

import uuid

from django.db import models

from fabwright.server.common.models import Identified
from fabwright.server.projects.models import Project


class Kind(models.TextChoices):
    """Which of the two families of designs and constructibles."""

    ASSEMBLY = "assembly"
    MODULE = "module"


class Analysis(models.TextChoices):
    """State of the analysis of a design's IFC."""

    WAITING = "waiting"
    BUSY = "busy"
    DONE = "done"
    ERROR = "error"


class Category(models.TextChoices):
    """What an uploaded file is for."""

    IFC = "ifc"
    DRAWINGS = "drawings"
    DETAILS = "details"
    DOCS = "docs"


class ImportStatus(models.TextChoices):
    """Life cycle of an import."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    ERROR = "error"


class Design(Identified):
    """What a panel or module is.

    The newest revision keeps the uuid that clients know; when its content changes, what it was before moves to a row of
    its own (`is_latest` false, `newest` pointing at the living one), so that things to build always follow the newest.

    Attributes:
        tipo: "timber_panel", "module_unit" or free text (the protocol's word).
        meta: what clients put there; everything that we derive is added when it is shown.
        analysis_nonce: marks one analysis; a run that carries an older one changes nothing.
        analysis_attempt: counts the workers that took this analysis up.
        analyzed_ifc_hash: SHA-256 of the file that panel and parts were read from.
        panel: parameters of the panel without its parts: `fabwright.timber.Panel` in JSON form. None before analysis.
        panel_hash: SHA-256 of panel and parts; tells whether a new file changes anything.
        panel_revision: the revision that panel and parts are of; behind `revision` until the new file is analysed.
        metrics: derived from panel and parts: what `fabwright.timber.metrics.panel_metrics` says.
    """

    kind = models.CharField(max_length=10, choices=Kind.choices)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="designs")
    name = models.CharField(max_length=255)
    revision = models.PositiveIntegerField(default=0)
    is_latest = models.BooleanField(default=True)
    newest = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True, related_name="older")
    parent_designs = models.ManyToManyField("self", symmetrical=False, blank=True, related_name="child_designs")
    tipo = models.CharField(max_length=255, blank=True, default="")
    meta = models.JSONField(default=dict, blank=True)
    analysis = models.CharField(max_length=10, choices=Analysis.choices, default=Analysis.WAITING)
    analysis_nonce = models.UUIDField(null=True, blank=True)
    analysis_attempt = models.PositiveIntegerField(default=0)
    analysis_progress = models.FloatField(default=0.0)
    analysis_error = models.TextField(blank=True, default="")
    analysis_warnings = models.JSONField(default=list, blank=True)
    analyzed_ifc_hash = models.CharField(max_length=64, blank=True, default="")
    analyzed_at = models.DateTimeField(null=True, blank=True)
    panel = models.JSONField(null=True, blank=True)
    panel_hash = models.CharField(max_length=64, blank=True, default="")
    panel_revision = models.PositiveIntegerField(default=0)
    metrics = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["created", "uuid"]
        indexes = [
            models.Index(
                fields=["company", "kind", "created", "uuid"], condition=models.Q(is_latest=True), name="latest"
            ),
            models.Index(fields=["project", "kind", "name"]),
        ]

    def __str__(self) -> str:
        return f"{self.name} r{self.revision}"


class Package(Identified):
    """A named set of files of a design; "resources" is the one that uploads go to."""

    design = models.ForeignKey(Design, on_delete=models.CASCADE, related_name="packages")
    name = models.CharField(max_length=255)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["design", "name"], name="one_package_of_a_name")]

    def __str__(self) -> str:
        return self.name


class File(Identified):
    """An uploaded file of a design. `key` names its bytes in the blob store; several designs may share them.

    Attributes:
        revision: the revision of the design that it came with.
    """

    package = models.ForeignKey(Package, on_delete=models.CASCADE, related_name="files")
    category = models.CharField(max_length=10, choices=Category.choices)
    name = models.CharField(max_length=255)
    revision = models.PositiveIntegerField(default=0)
    key = models.CharField(max_length=1000)
    content_type = models.CharField(max_length=255)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["created", "uuid"]

    def __str__(self) -> str:
        return self.name


class Part(models.Model):
    """A piece of a design: its parameters, and the columns of them that lists are filtered by.

    Attributes:
        position: place in the panel: members, then boards, then fasteners, each in the order of the source.
        source: what makes it the same piece in the next revision: its uid, else reference and number of occurrence.
        thickness: mm; the height of a member, the thickness of a board. None for fasteners, like length and width.
        parameters: the JSON form of a `fabwright.timber` Member, Board or Fastener.
    """

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    design = models.ForeignKey(Design, on_delete=models.CASCADE, related_name="parts")
    position = models.PositiveIntegerField()
    source = models.CharField(max_length=300)
    reference = models.CharField(max_length=255)
    branch = models.CharField(max_length=20)
    category = models.CharField(max_length=40, blank=True)
    zone = models.SmallIntegerField()
    material = models.CharField(max_length=255, blank=True)
    length = models.FloatField(null=True)
    width = models.FloatField(null=True)
    thickness = models.FloatField(null=True)
    quantity = models.PositiveIntegerField(default=1)
    parameters = models.JSONField()

    class Meta:
        ordering = ["design", "position"]
        indexes = [models.Index(fields=["design", "position"])]

    def __str__(self) -> str:
        return self.reference


class Import(Identified):
    """A file that is read into designs of a project. Its bytes are stored before anything else happens.

    Attributes:
        attempt: counts the workers that took it up; only the newest may write.
        warnings: `{element, name, cls, message}` of everything doubtful in the file.
        skipped: what was left out: class of element -> number.
        assembly_designs: uuids of the designs that the file speaks of, in the order of the file.
        changed: how many of them are new or have changed by it.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="imports")
    parsing_setup = models.JSONField(null=True, blank=True)
    name = models.CharField(max_length=255)
    key = models.CharField(max_length=1000)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    status = models.CharField(max_length=10, choices=ImportStatus.choices, default=ImportStatus.WAITING)
    progress = models.FloatField(default=0.0)
    note = models.CharField(max_length=200, blank=True, default="")
    attempt = models.PositiveIntegerField(default=0)
    warnings = models.JSONField(default=list)
    skipped = models.JSONField(default=dict)
    assembly_designs = models.JSONField(default=list)
    changed = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True, default="")
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created", "uuid"]

    def __str__(self) -> str:
        return self.name
