from django.contrib import admin

from fabwright.server.sorting.models import Batch, Output, OutputTarget, Query, QueryCategory


@admin.register(Batch)
class BatchAdmin(admin.ModelAdmin[Batch]):
    list_display = ("key", "company", "title", "status", "progress", "is_frozen", "created")
    list_filter = ("company", "status")
    search_fields = ("key", "title")
    exclude = ("members",)
    readonly_fields = ("status", "progress", "is_frozen")


@admin.register(QueryCategory)
class QueryCategoryAdmin(admin.ModelAdmin[QueryCategory]):
    list_display = ("key", "company", "title")
    list_filter = ("company",)


@admin.register(Query)
class QueryAdmin(admin.ModelAdmin[Query]):
    list_display = ("key", "company", "title", "category", "dynamic_attribute")
    list_filter = ("company",)


class OutputTargetInline(admin.TabularInline[OutputTarget, Output]):
    model = OutputTarget
    extra = 0
    readonly_fields = ("folded",)


@admin.register(Output)
class OutputAdmin(admin.ModelAdmin[Output]):
    list_display = ("__str__", "company", "order")
    list_filter = ("company",)
    inlines = (OutputTargetInline,)
