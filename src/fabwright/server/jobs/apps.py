from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "fabwright.server.jobs"
    label = "jobs"
