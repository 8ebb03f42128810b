from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "fabwright.server.reports"
    label = "reports"

    def ready(self) -> None:
        from fabwright.server.reports import deprecation  # noqa: F401  # listens to changes of designs
