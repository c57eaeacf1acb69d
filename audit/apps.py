from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "audit"
    verbose_name = "Audit"

    def ready(self) -> None:
        from django.db.backends.signals import connection_created

        from audit.registry import register_triggers
        from audit.stamp import install

        register_triggers()
        connection_created.connect(install, dispatch_uid="audit.stamp")
