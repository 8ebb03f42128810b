from django.apps import AppConfig


class ScanningConfig(AppConfig):
    name = "fabwright.server.scanning"
    label = "scanning"
