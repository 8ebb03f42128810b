"""What is noted in the workshop about each thing to build.

Names of stations, tasks and people are kept beside the references to them: a line is changed, somebody leaves, and what
was noted must still say where, what and who.
"""

from django.conf import settings
from django.db import models

from fabwright.server.common.models import Identified
from fabwright.server.production.models import Constructible, Station, Task


class _Noted(Identified):
    """Attributes:
    username: who noted it.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    username = models.CharField(max_length=150)

    class Meta:
        abstract = True


class StationRun(_Noted):
    """The work of a station on a thing to build.

    Attributes:
        username: who started it.
        ready_at: when it was completed; set once, and stays.
    """

    constructible = models.ForeignKey(Constructible, on_delete=models.CASCADE, related_name="station_runs")
    station = models.ForeignKey(Station, on_delete=models.SET_NULL, null=True, related_name="runs")
    station_name = models.CharField(max_length=255)
    started_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True, blank=True)
    ready_by = models.CharField(max_length=150, blank=True, default="")

    class Meta:
        ordering = ["started_at", "uuid"]
        constraints = [
            models.UniqueConstraint(fields=["constructible", "station"], name="a_station_works_on_a_thing_once")
        ]

    def __str__(self) -> str:
        return f"{self.station_name} on {self.constructible_id}"


class TaskResult(_Noted):
    """Whether a task of a checklist is done on a thing to build.

    Attributes:
        username: who did it, or who noted last that it is not done.
        done_at: when it was done; None while it is not.
    """

    constructible = models.ForeignKey(Constructible, on_delete=models.CASCADE, related_name="task_results")
    station = models.ForeignKey(Station, on_delete=models.SET_NULL, null=True, related_name="task_results")
    station_name = models.CharField(max_length=255)
    task = models.ForeignKey(Task, on_delete=models.SET_NULL, null=True, related_name="results")
    task_text = models.CharField(max_length=10_000)
    done = models.BooleanField()
    done_at = models.DateTimeField(null=True, blank=True)
    remark = models.CharField(max_length=10_000, blank=True, default="")

    class Meta:
        ordering = ["created", "uuid"]
        constraints = [models.UniqueConstraint(fields=["constructible", "task"], name="one_result_of_a_task")]

    def __str__(self) -> str:
        return f"{self.task_text[:80]} on {self.constructible_id}"


class IssueStatus(models.TextChoices):
    """Life of an issue."""

    OPEN = "open"
    SOLVED = "solved"


class Issue(_Noted):
    """Something that is wrong with a thing to build. `username` raised it."""

    constructible = models.ForeignKey(Constructible, on_delete=models.CASCADE, related_name="issues")
    station = models.ForeignKey(Station, on_delete=models.SET_NULL, null=True, blank=True, related_name="issues")
    station_name = models.CharField(max_length=255, blank=True, default="")
    title = models.CharField(max_length=255)
    text = models.CharField(max_length=10_000, blank=True, default="")
    status = models.CharField(max_length=10, choices=IssueStatus.choices, default=IssueStatus.OPEN)
    solved_at = models.DateTimeField(null=True, blank=True)
    solved_by = models.CharField(max_length=150, blank=True, default="")

    class Meta:
        ordering = ["created", "uuid"]
        indexes = [models.Index(fields=["company", "status", "created", "uuid"])]

    def __str__(self) -> str:
        return self.title


class Photo(_Noted):
    """A picture of a task result or of an issue, as uploaded, and a small one for lists and paper."""

    task_result = models.ForeignKey(TaskResult, on_delete=models.CASCADE, null=True, blank=True, related_name="photos")
    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, null=True, blank=True, related_name="photos")
    name = models.CharField(max_length=255)
    key = models.CharField(max_length=1000)
    preview_key = models.CharField(max_length=1000)
    content_type = models.CharField(max_length=40)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()

    class Meta:
        ordering = ["created", "uuid"]

    def __str__(self) -> str:
        return self.name
