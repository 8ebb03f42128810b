from django.contrib import admin

from fabwright.server.projects.models import BtlParsingSetup, IfcParsingSetup, Project


@admin.register(Project)
class ProjectAdmin(admin.ModelAdmin[Project]):
    list_display = ("name", "super_project", "company", "archived", "is_stdlib", "created")
    list_filter = ("company", "archived", "is_stdlib")
    search_fields = ("name", "uuid")


@admin.register(IfcParsingSetup)
class IfcParsingSetupAdmin(admin.ModelAdmin[IfcParsingSetup]):
    list_display = ("name", "company", "created")
    list_filter = ("company",)
    search_fields = ("name", "uuid")


@admin.register(BtlParsingSetup)
class BtlParsingSetupAdmin(admin.ModelAdmin[BtlParsingSetup]):
    list_display = ("name", "company", "created")
    list_filter = ("company",)
    search_fields = ("name", "uuid")
