from django.contrib import admin

from fabwright.server.quality import models


@admin.register(models.ReasonCategory)
class ReasonCategoryAdmin(admin.ModelAdmin[models.ReasonCategory]):
    list_display = ("key", "company", "title", "order")
    list_filter = ("company",)


@admin.register(models.Reason)
class ReasonAdmin(admin.ModelAdmin[models.Reason]):
    list_display = ("key", "company", "title", "category", "order")
    list_filter = ("company",)


@admin.register(models.InspectionProfile)
class InspectionProfileAdmin(admin.ModelAdmin[models.InspectionProfile]):
    list_display = ("title", "version", "company", "review", "created")
    list_filter = ("company",)


@admin.register(models.InspectionReport)
class InspectionReportAdmin(admin.ModelAdmin[models.InspectionReport]):
    list_display = ("uuid", "company", "part_key", "profile", "created")
    list_filter = ("company",)


@admin.register(models.MetrologyTemplate)
class MetrologyTemplateAdmin(admin.ModelAdmin[models.MetrologyTemplate]):
    list_display = ("title", "company", "is_plan", "file_name", "bytes", "created")
    list_filter = ("company",)


@admin.register(models.ReportTemplate)
class ReportTemplateAdmin(admin.ModelAdmin[models.ReportTemplate]):
    list_display = ("title", "company", "created")
    list_filter = ("company",)


@admin.register(models.Settings)
class SettingsAdmin(admin.ModelAdmin[models.Settings]):
    list_display = ("company", "default_report_template", "default_inspection_profile")


@admin.register(models.Notification)
class NotificationAdmin(admin.ModelAdmin[models.Notification]):
    list_display = ("title", "company", "created")
    list_filter = ("company",)
