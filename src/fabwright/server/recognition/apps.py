from django.apps import AppConfig


class RecognitionConfig(AppConfig):
    name = "fabwright.server.recognition"
    label = "recognition"
