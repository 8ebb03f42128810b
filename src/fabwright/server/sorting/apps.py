from django.apps import AppConfig


class SortingConfig(AppConfig):
    name = "fabwright.server.sorting"
    label = "sorting"
