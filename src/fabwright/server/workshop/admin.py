from django.contrib import admin

from fabwright.server.workshop.models import Issue, StationRun, TaskResult


@admin.register(StationRun)
class StationRunAdmin(admin.ModelAdmin[StationRun]):
    list_display = ("station_name", "constructible", "started_at", "ready_at", "company")
    list_filter = ("company",)
    search_fields = ("station_name", "uuid")


@admin.register(TaskResult)
class TaskResultAdmin(admin.ModelAdmin[TaskResult]):
    list_display = ("task_text", "constructible", "done", "username", "company")
    list_filter = ("company", "done")
    search_fields = ("task_text", "uuid")


@admin.register(Issue)
class IssueAdmin(admin.ModelAdmin[Issue]):
    list_display = ("title", "constructible", "status", "username", "company")
    list_filter = ("company", "status")
    search_fields = ("title", "uuid")
