from django.apps import AppConfig


class DesignsConfig(AppConfig):
    name = "fabwright.server.designs"
    label = "designs"
