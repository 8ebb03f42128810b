from django.apps import AppConfig


class ProductionConfig(AppConfig):
    name = "fabwright.server.production"
    label = "production"
