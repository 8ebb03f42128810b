from django.contrib import admin

from fabwright.server.webhooks.models import Delivery, Message, Webhook


@admin.register(Webhook)
class WebhookAdmin(admin.ModelAdmin[Webhook]):
    list_display = ("id", "company", "event", "target", "enabled", "failures", "failing_since")
    list_filter = ("company", "event", "enabled")
    search_fields = ("target",)
    readonly_fields = ("company", "event", "target", "user", "failures", "failing_since", "disabled_reason")

    def has_add_permission(self, request: object) -> bool:
        return False  # secrets are made by the API


@admin.register(Message)
class MessageAdmin(admin.ModelAdmin[Message]):
    list_display = ("name", "company", "event", "subject", "created")
    list_filter = ("company", "event")
    exclude = ("data",)
    readonly_fields = ("company", "event", "subject", "sha256", "position")


@admin.register(Delivery)
class DeliveryAdmin(admin.ModelAdmin[Delivery]):
    list_display = ("id", "webhook", "message", "state", "attempts", "last_status", "due_at")
    list_filter = ("state",)
    list_select_related = ("webhook", "message")
    raw_id_fields = ("webhook", "message")
