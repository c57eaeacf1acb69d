from django.apps import AppConfig


class RefundsConfig(AppConfig):
    name = "refunds"

    def ready(self) -> None:
        # Models and services can be imported only now.
        from refunds.services import take_refund_event
        from shop.payments.services import take_refunds_with

        take_refunds_with(take_refund_event)
