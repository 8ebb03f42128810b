from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "fabwright.server.common"
    label = "common"

    def ready(self) -> None:
        from fabwright.server.common import openapi  # noqa: F401  # registers itself
