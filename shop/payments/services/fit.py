"""Whether what a provider told is about the shop's own account."""

from shop.payments.gateways import gateway_of
from shop.payments.models import GatewayEvent
from shop.payments.states import Provider


def why_not_ours(event: GatewayEvent) -> str:
    """Say why the event cannot be about the shop's own account; empty if it can.

    Raises:
        GatewayNotOffered: the provider's keys are gone, so nobody can say.
    """
    gateway = gateway_of(Provider(event.provider))
    if event.is_live != gateway.is_live:
        told = "real money" if event.is_live else "a test"
        return f"It is about {told}, and the shop's keys are not."
    if event.merchant != gateway.merchant:
        return f"It is for another account, {event.merchant}."
    return ""
