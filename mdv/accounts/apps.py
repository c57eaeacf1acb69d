from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "mdv.accounts"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in, user_logged_out

        from mdv.accounts import schema, sessions  # noqa: F401  (the schema registers itself)

        user_logged_in.connect(sessions.record_log_in, dispatch_uid="mdv.accounts.log_in")
        user_logged_out.connect(sessions.record_log_out, dispatch_uid="mdv.accounts.log_out")
