from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "fabwright.server.reports"
    label = "reports"
