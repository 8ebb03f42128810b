"""Things to build, and the lines, stations and machines that build them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from fabwright.server.common.models import Identified
from fabwright.server.designs.models import Design, Kind, Part
from fabwright.server.production.machines import MODELS
from fabwright.server.projects.models import Project


class Machine(Identified):
    """A machine: its model says which document types it reads; its setup holds the defaults of those files.

    Attributes:
        setup: document type -> options of that type.
    """

    name = models.CharField(max_length=255)
    model = models.CharField(max_length=40, choices=[(model.key, model.title) for model in MODELS.values()])
    setup = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["name", "created"]

    def __str__(self) -> str:
        return self.name


class ProductionLine(Identified):
    """A line: the kinds (`tipo`) of assembly or module that it makes, and its stations in order."""

    name = models.CharField(max_length=255)
    tipo = ArrayField(models.CharField(max_length=255), default=list, blank=True)
    client_ids = ArrayField(models.CharField(max_length=255), default=list, blank=True)

    class Meta:
        ordering = ["name", "created"]

    def __str__(self) -> str:
        return self.name


class Station(Identified):
    """A step of a line; a machine station names its machine.

    Attributes:
        zones: zones of a panel that are made here; 0 is the frame.
    """

    line = models.ForeignKey(ProductionLine, on_delete=models.CASCADE, related_name="stations")
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=255)
    client_id = models.CharField(max_length=255, blank=True, default="")
    zones = ArrayField(models.SmallIntegerField(), default=list, blank=True)
    machine = models.ForeignKey(Machine, on_delete=models.SET_NULL, null=True, blank=True, related_name="stations")

    class Meta:
        ordering = ["line", "position"]

    def __str__(self) -> str:
        return self.name


class Task(Identified):
    """A line of a station's checklist. `branches` empty: always; else only where one of them occurs."""

    station = models.ForeignKey(Station, on_delete=models.CASCADE, related_name="tasks")
    position = models.PositiveIntegerField()
    text = models.CharField(max_length=10_000)
    branches = ArrayField(models.CharField(max_length=20), default=list, blank=True)

    class Meta:
        ordering = ["station", "position"]

    def __str__(self) -> str:
        return self.text[:80]


class Batch(Identified):
    """A group of things to build within one phase of a project."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="batches")
    phase = models.CharField(max_length=255, blank=True, default="")
    name = models.CharField(max_length=255)

    class Meta:
        ordering = ["created", "uuid"]
        verbose_name_plural = "batches"

    def __str__(self) -> str:
        return self.name


class Constructible(Identified):
    """One panel (assembly) or module to build, made from a design of its project or of a standard library.

    Attributes:
        position: counts the copies that were made in one go, so that lists keep their order.
        priority: its turn in production, 1 is first; None: not planned yet.
        production_line: where it is made; the line of the first station that started it, unless it was planned.
        started_at: when its first station was started.
        ready_at: when the last station of its line was completed. Both are set once and stay.
    """

    kind = models.CharField(max_length=10, choices=Kind.choices)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="constructibles")
    batch = models.ForeignKey(Batch, on_delete=models.RESTRICT, null=True, blank=True, related_name="constructibles")
    design = models.ForeignKey(Design, on_delete=models.RESTRICT, related_name="constructibles")
    name = models.CharField(max_length=255)
    meta = models.JSONField(default=dict, blank=True)
    position = models.PositiveIntegerField(default=0)
    priority = models.PositiveIntegerField(null=True, blank=True)
    production_line = models.ForeignKey(
        ProductionLine, on_delete=models.SET_NULL, null=True, blank=True, related_name="constructibles"
    )
    started_at = models.DateTimeField(null=True, blank=True)
    ready_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created", "position", "uuid"]
        indexes = [models.Index(fields=["company", "kind", "created", "position", "uuid"])]

    def __str__(self) -> str:
        return self.name


class PartBatch(Identified):
    """A selection of pieces to make together."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="part_batches")
    name = models.CharField(max_length=255)
    branch = models.CharField(max_length=20, blank=True, default="")
    machine = models.ForeignKey(Machine, on_delete=models.SET_NULL, null=True, blank=True, related_name="part_batches")

    class Meta:
        ordering = ["created", "uuid"]
        verbose_name_plural = "part batches"

    def __str__(self) -> str:
        return self.name


class PartBatchItem(models.Model):
    """One piece of a part batch: this part of this thing to build."""

    part_batch = models.ForeignKey(PartBatch, on_delete=models.CASCADE, related_name="items")
    part = models.ForeignKey(Part, on_delete=models.CASCADE, related_name="part_batch_items")
    assembly = models.ForeignKey(Constructible, on_delete=models.CASCADE, related_name="part_batch_items")
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ["part_batch", "position"]
        constraints = [
            models.UniqueConstraint(fields=["part_batch", "part", "assembly"], name="a_piece_once_in_a_part_batch")
        ]

    def __str__(self) -> str:
        return f"{self.part_id} of {self.assembly_id}"


class MultipanelSettings(Identified):
    """What a project allows its multipanel groups; lengths in mm, None: no limit. Projects without a row: the defaults.

    Attributes:
        minimum_width: of a panel along the machine, which is its X; the vendor's word for it.
        maximum_transport_width: sum of widths and gaps of a group.
    """

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="multipanel_settings")
    minimum_height = models.FloatField(null=True, blank=True)
    minimum_width = models.FloatField(null=True, blank=True)
    maximum_width = models.FloatField(null=True, blank=True)
    maximum_transport_width = models.FloatField(null=True, blank=True)
    minimum_count = models.PositiveIntegerField(default=2)
    maximum_count = models.PositiveIntegerField(null=True, blank=True)
    default_gap = models.FloatField(default=0.0)

    class Meta:
        verbose_name_plural = "multipanel settings"

    def __str__(self) -> str:
        return f"multipanel settings of {self.project_id}"


class MultipanelGroup(Identified):
    """Panels of one batch that go through the machine as one, a gap (mm) between neighbours. Locked: it is settled."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="multipanel_groups")
    name = models.CharField(max_length=255)
    gap = models.FloatField(default=0.0)
    locked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created", "uuid"]

    def __str__(self) -> str:
        return self.name


class MultipanelItem(models.Model):
    """A panel's place in its group. A panel is in one group at most."""

    group = models.ForeignKey(MultipanelGroup, on_delete=models.CASCADE, related_name="items")
    assembly = models.OneToOneField(Constructible, on_delete=models.CASCADE, related_name="multipanel_item")
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ["group", "position"]

    def __str__(self) -> str:
        return f"{self.assembly_id} in {self.group_id}"
