from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "fabwright.server.common"
    label = "common"
