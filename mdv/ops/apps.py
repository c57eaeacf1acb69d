from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "mdv.ops"

    def ready(self) -> None:
        from mdv.ops import checks, deploy_checks  # noqa: F401  (register themselves)
