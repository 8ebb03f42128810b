from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "fabwright.server.reports"
    label = "reports"

    def ready(self) -> None:
        from fabwright.server.reports import (  # noqa: F401  # listen to changes of designs, and to setups of machines
            deprecation,
            machine_setups,
        )
