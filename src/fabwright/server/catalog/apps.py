from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "fabwright.server.catalog"
    label = "catalog"
