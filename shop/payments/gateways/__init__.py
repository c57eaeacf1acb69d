"""The payment providers, and which of them this shop has keys for."""

from functools import lru_cache

from django.conf import settings

from mdv.kernel.errors import NotFound
from shop.payments.gateways.base import Gateway
from shop.payments.gateways.paystack import Paystack
from shop.payments.gateways.stripe import Stripe

__all__ = ["GatewayNotOffered", "gateway_of", "offered"]


class GatewayNotOffered(NotFound):
    """The shop has no keys of this provider, or it is none that is called over the network."""

    code = "gateway_not_offered"
    detail = "This payment provider is not offered here."


def offered(currency: str) -> list[Gateway]:
    """Return the providers that the shop has keys for and that take the currency."""
    return [gateway for gateway in _with_keys() if currency in gateway.currencies]


def gateway_of(provider: str) -> Gateway:
    """Return one provider, whatever currencies it takes.

    Raises:
        GatewayNotOffered: the shop has no keys of it.
    """
    for gateway in _with_keys():
        if gateway.provider == provider:
            return gateway
    raise GatewayNotOffered


def _with_keys() -> list[Gateway]:
    gateways: list[Gateway] = []
    if settings.PAYSTACK_SECRET_KEY:
        old = settings.PAYSTACK_OLD_SECRET_KEY
        gateways.append(_paystack(settings.PAYSTACK_SECRET_KEY, old, settings.PAYSTACK_API_URL))
    if settings.STRIPE_SECRET_KEY:
        secrets = (settings.STRIPE_WEBHOOK_SECRET, settings.STRIPE_OLD_WEBHOOK_SECRET)
        gateways.append(_stripe(settings.STRIPE_SECRET_KEY, secrets, settings.STRIPE_API_URL))
    return gateways


# Kept for the life of the process: connections are used again, and breakers remember.


@lru_cache
def _paystack(secret_key: str, old_secret_key: str, api_url: str) -> Gateway:
    return Paystack(secret_key=secret_key, old_secret_keys=(old_secret_key,), api_url=api_url)


@lru_cache
def _stripe(secret_key: str, webhook_secrets: tuple[str, ...], api_url: str) -> Gateway:
    return Stripe(secret_key=secret_key, webhook_secrets=webhook_secrets, api_url=api_url)
