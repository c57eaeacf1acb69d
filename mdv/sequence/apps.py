from django.apps import AppConfig


class SequenceConfig(AppConfig):
    name = "mdv.sequence"
