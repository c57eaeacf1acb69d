from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "mdv.ops"

    def ready(self) -> None:
        from mdv.ops import checks  # noqa: F401  (registers itself)
