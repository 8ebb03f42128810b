from django.contrib import admin

from fabwright.server.catalog.models import Geometry, Material, Part, PartAttribute, PartModel


@admin.register(Geometry)
class GeometryAdmin(admin.ModelAdmin[Geometry]):
    list_display = ("sha1", "company", "file_name", "status", "triangles", "created")
    list_filter = ("company", "status")
    search_fields = ("sha1", "file_name")


@admin.register(PartModel)
class PartModelAdmin(admin.ModelAdmin[PartModel]):
    list_display = ("key", "company", "title", "geometry", "created")
    list_filter = ("company",)
    search_fields = ("key", "title")
    raw_id_fields = ("geometry",)


@admin.register(Material)
class MaterialAdmin(admin.ModelAdmin[Material]):
    list_display = ("key", "company", "title", "colour", "finish")
    list_filter = ("company",)
    search_fields = ("key", "title")


@admin.register(PartAttribute)
class PartAttributeAdmin(admin.ModelAdmin[PartAttribute]):
    list_display = ("key", "company", "title", "field", "datatype", "filtering", "sorting", "detail", "summary")
    list_filter = ("company", "datatype")


@admin.register(Part)
class PartAdmin(admin.ModelAdmin[Part]):
    list_display = ("key", "company", "title", "copies", "model", "material", "modified")
    list_filter = ("company",)
    search_fields = ("key", "title")
    raw_id_fields = ("model", "material", "metrology_template")
    readonly_fields = ("key", "title", "attributes")  # their derived terms are written by the services only
