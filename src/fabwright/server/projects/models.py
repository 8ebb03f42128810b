"""Projects and parsing setups."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from fabwright.server.common.models import Identified


class IfcParsingSetup(Identified):
    """How IFC files are understood: the fields of `fabwright.formats.ifc.ParsingSetup`, checked when written."""

    name = models.CharField(max_length=255)
    categories = models.JSONField(default=list)
    properties = models.JSONField(default=list)
    by_position = models.BooleanField(default=True)

    class Meta:
        ordering = ["name", "created"]

    def __str__(self) -> str:
        return self.name


class BtlParsingSetup(Identified):
    """Which user attributes of a BTL or BTLx file carry what we need: a list of `{field, attribute}`."""

    name = models.CharField(max_length=255)
    attributes = models.JSONField(default=list)

    class Meta:
        ordering = ["name", "created"]

    def __str__(self) -> str:
        return self.name


class Project(Identified):
    """The unit of work: a house, a street, or a standard library of designs that other projects use.

    Attributes:
        super_project: the folder that it is shown in; a plain text, as the protocol has it.
        phases: names, in order. A batch of a new phase adds it.
        is_stdlib: a standard library: its designs may be built in any project of the company.
    """

    name = models.CharField(max_length=255)
    client_name = models.CharField(max_length=255, blank=True, default="")
    project_number = models.CharField(max_length=255, blank=True, default="")
    super_project = models.CharField(max_length=255, blank=True, default="")
    phases = ArrayField(models.CharField(max_length=255), default=list, blank=True)
    ifc_parsing_setup = models.ForeignKey(
        IfcParsingSetup, on_delete=models.SET_NULL, null=True, blank=True, related_name="projects"
    )
    btl_parsing_setup = models.ForeignKey(
        BtlParsingSetup, on_delete=models.SET_NULL, null=True, blank=True, related_name="projects"
    )
    meta = models.JSONField(default=dict, blank=True)
    start_date = models.DateField(null=True, blank=True)
    delivery_date = models.DateField(null=True, blank=True)
    archived = models.BooleanField(default=False)
    is_stdlib = models.BooleanField(default=False)

    class Meta:
        ordering = ["created", "uuid"]
        indexes = [
            models.Index(fields=["company", "created", "uuid"]),
            models.Index(fields=["company", "name"]),
        ]

    def __str__(self) -> str:
        return self.name
