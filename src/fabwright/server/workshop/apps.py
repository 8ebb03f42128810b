from django.apps import AppConfig


class WorkshopConfig(AppConfig):
    name = "fabwright.server.workshop"
    label = "workshop"

    def ready(self) -> None:
        from fabwright.server.workshop import photos  # noqa: F401  # forgets the blobs of photos that are deleted
