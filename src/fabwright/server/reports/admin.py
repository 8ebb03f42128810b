from django.contrib import admin

from fabwright.server.reports.models import Report, Version


class VersionInline(admin.TabularInline[Version, Report]):
    model = Version
    extra = 0
    can_delete = False
    fields = readonly_fields = ("number", "status", "attempt", "progress", "name", "size", "sha256", "error")


@admin.register(Report)
class ReportAdmin(admin.ModelAdmin[Report]):
    list_display = ("name", "document_type", "document_status", "project", "username", "created", "company")
    list_filter = ("document_type", "document_status", "company")
    search_fields = ("name", "uuid")
    inlines = [VersionInline]
