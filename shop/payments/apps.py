from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "shop.payments"

    def ready(self) -> None:
        from shop.payments import checks  # noqa: F401  (registers itself)
