from django.contrib import admin

from fabwright.server.scanning.models import Rig, Scan, ScanAssignment, ScanSession


@admin.register(Rig)
class RigAdmin(admin.ModelAdmin[Rig]):
    list_display = ("uuid", "company", "revision", "created")
    list_filter = ("company",)


@admin.register(ScanSession)
class ScanSessionAdmin(admin.ModelAdmin[ScanSession]):
    list_display = ("uuid", "company", "batch_key", "created", "ended_at")
    list_filter = ("company",)
    raw_id_fields = ("batch", "query")


@admin.register(Scan)
class ScanAdmin(admin.ModelAdmin[Scan]):
    list_display = ("uuid", "company", "created", "design_material", "qc_pass", "is_rejected", "archived")
    list_filter = ("company", "qc_pass", "qc_needs_review", "archived", "is_backed_up")
    raw_id_fields = ("session", "output", "inspection_report", "qc_reasons")


@admin.register(ScanAssignment)
class ScanAssignmentAdmin(admin.ModelAdmin[ScanAssignment]):
    list_display = ("uuid", "company", "scan", "part_key", "copies", "manual")
    list_filter = ("company", "manual")
    raw_id_fields = ("scan", "part")
