from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "fabwright.server.projects"
    label = "projects"
