"""Batches, queries, query categories and outputs."""

from typing import ClassVar

from django.db import models

from fabwright.server.catalog.models import Part, PartAttribute
from fabwright.server.common.bulk.keyed import Keyed
from fabwright.server.common.models import Owned


class Batch(Keyed):
    """Parts to be sorted in one go, named by a query.

    Which parts they are is asked of the query at every reading, until a session starts: then the members are frozen
    (`members`, with `is_frozen`) and only `populate` changes them.
    """

    class Status(models.TextChoices):
        CREATED = "CREATED"
        PROCESSING = "PROCESSING"
        READY = "READY"
        SCANNING = "SCANNING"
        SORTED = "SORTED"
        CLOSED = "CLOSED"

    title = models.CharField(max_length=255, default="", blank=True)
    query = models.TextField(default="", blank=True)
    status = models.CharField(max_length=16, choices=Status, default=Status.CREATED)
    progress = models.FloatField(default=0.0)
    is_frozen = models.BooleanField(default=False)
    members = models.ManyToManyField(Part, related_name="batches", blank=True)

    class Meta(Keyed.Meta):
        verbose_name_plural = "batches"


class QueryCategory(Keyed):
    """Groups queries: a tab of the station."""

    title = models.CharField(max_length=255, default="", blank=True)

    class Meta(Keyed.Meta):
        verbose_name_plural = "query categories"


class Query(Keyed):
    """A sorting target: a fixed query, or one target per distinct value of an attribute."""

    title = models.CharField(max_length=255, default="", blank=True)
    query = models.TextField(default="", blank=True)
    category = models.ForeignKey(QueryCategory, on_delete=models.PROTECT, null=True, blank=True, related_name="queries")
    dynamic_attribute = models.ForeignKey(
        PartAttribute, on_delete=models.PROTECT, null=True, blank=True, related_name="queries"
    )
    data = models.JSONField(default=dict, blank=True)

    class Meta(Keyed.Meta):
        verbose_name_plural = "queries"


class Output(Owned):
    """A place where pieces are put: a bin, an exit of the conveyor. `targets` says what currently goes there."""

    title = models.CharField(max_length=255, default="", blank=True)
    order = models.IntegerField(default=0)

    class Meta:
        ordering: ClassVar[list[str]] = ["order", "pk"]

    def __str__(self) -> str:
        return self.title or f"output {self.pk}"


class OutputTarget(models.Model):
    """What goes to an output: the pieces of a query; of a dynamic query those with one value."""

    output = models.ForeignKey(Output, on_delete=models.CASCADE, related_name="targets")
    query = models.ForeignKey(Query, on_delete=models.CASCADE, related_name="targets")
    value = models.CharField(max_length=1000, default="", blank=True)
    folded = models.CharField(max_length=2000, default="", blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["query", "folded"], name="sorting_one_output_per_value")
        ]

    def __str__(self) -> str:
        return f"{self.query_id} {self.value}"
