from django.contrib import admin

from fabwright.server.production.models import (
    Batch,
    Constructible,
    Machine,
    MultipanelGroup,
    PartBatch,
    ProductionLine,
)


@admin.register(Batch)
class BatchAdmin(admin.ModelAdmin[Batch]):
    list_display = ("name", "phase", "project", "company")
    list_filter = ("company",)
    search_fields = ("name", "uuid")


@admin.register(Constructible)
class ConstructibleAdmin(admin.ModelAdmin[Constructible]):
    list_display = ("name", "kind", "project", "batch", "company")
    list_filter = ("company", "kind")
    search_fields = ("name", "uuid")


@admin.register(Machine)
class MachineAdmin(admin.ModelAdmin[Machine]):
    list_display = ("name", "model", "company")
    list_filter = ("company", "model")
    search_fields = ("name", "uuid")


@admin.register(PartBatch)
class PartBatchAdmin(admin.ModelAdmin[PartBatch]):
    list_display = ("name", "branch", "project", "company")
    list_filter = ("company", "branch")
    search_fields = ("name", "uuid")


@admin.register(ProductionLine)
class ProductionLineAdmin(admin.ModelAdmin[ProductionLine]):
    list_display = ("name", "company", "created")
    list_filter = ("company",)
    search_fields = ("name", "uuid")


@admin.register(MultipanelGroup)
class MultipanelGroupAdmin(admin.ModelAdmin[MultipanelGroup]):
    list_display = ("name", "batch", "locked_at", "company")
    list_filter = ("company",)
    search_fields = ("name", "uuid")
