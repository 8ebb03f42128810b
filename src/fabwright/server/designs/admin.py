from django.contrib import admin

from fabwright.server.designs.models import Design, File, Import, Package


@admin.register(Design)
class DesignAdmin(admin.ModelAdmin[Design]):
    list_display = ("name", "revision", "kind", "project", "analysis", "company", "created")
    list_filter = ("company", "kind", "analysis", "is_latest")
    search_fields = ("name", "uuid")


@admin.register(File)
class FileAdmin(admin.ModelAdmin[File]):
    list_display = ("name", "category", "size", "company", "created")
    list_filter = ("company", "category")
    search_fields = ("name", "uuid")


@admin.register(Import)
class ImportAdmin(admin.ModelAdmin[Import]):
    list_display = ("name", "project", "status", "company", "created")
    list_filter = ("company", "status")
    search_fields = ("name", "uuid")


@admin.register(Package)
class PackageAdmin(admin.ModelAdmin[Package]):
    list_display = ("name", "design", "company")
    list_filter = ("company",)
    search_fields = ("name", "uuid")
