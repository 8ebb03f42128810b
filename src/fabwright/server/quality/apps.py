from django.apps import AppConfig


class QualityConfig(AppConfig):
    name = "fabwright.server.quality"
    label = "quality"
