from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "fabwright.server.webhooks"
    label = "webhooks"

    def ready(self) -> None:
        from fabwright.server.webhooks.signins import connect

        connect()
