from django.contrib import admin

from fabwright.server.recognition.models import Confirmation, Recognition, Signature, Tuning


@admin.register(Signature)
class SignatureAdmin(admin.ModelAdmin[Signature]):
    list_display = ("geometry", "key", "version", "bytes", "error")
    raw_id_fields = ("geometry",)


@admin.register(Recognition)
class RecognitionAdmin(admin.ModelAdmin[Recognition]):
    list_display = ("scan", "status", "decision", "fault", "detail", "ms", "created")
    list_filter = ("status", "decision")
    raw_id_fields = ("scan", "rig")


@admin.register(Confirmation)
class ConfirmationAdmin(admin.ModelAdmin[Confirmation]):
    list_display = ("scan", "company", "part_key", "decision", "is_first", "created")
    list_filter = ("company", "decision", "is_first")


@admin.register(Tuning)
class TuningAdmin(admin.ModelAdmin[Tuning]):
    list_display = ("company", "target_error")
