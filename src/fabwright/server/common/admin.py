from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

from fabwright.server.common.models import Company, User


@admin.register(Company)
class CompanyAdmin(admin.ModelAdmin[Company]):
    list_display = ("name", "uuid", "created")
    search_fields = ("name",)


@admin.register(User)
class CompanyUserAdmin(UserAdmin[User]):
    list_display = ("username", "company", "is_active", "is_staff", "is_superuser")
    list_filter = ("company", "is_active", "is_superuser")
    fieldsets = (*(UserAdmin.fieldsets or ()), ("Fabwright", {"fields": ("company",)}))
