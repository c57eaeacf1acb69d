"""Which providers a shop offers: those it has keys for, in the currencies that they take."""

import pytest
from django.conf import settings as shop_settings

from mdv.kernel.errors import NotFound
from shop.payments.gateways import GatewayNotOffered, gateway_of, offered
from shop.payments.gateways.paystack import Paystack
from shop.payments.gateways.stripe import Stripe

KEYS = {
    "PAYSTACK_SECRET_KEY": "sk_live_0123456789",
    "STRIPE_SECRET_KEY": "rk_test_0123456789",
    "STRIPE_WEBHOOK_SECRET": "whsec_0123456789",
}


@pytest.fixture
def keys(settings):
    for name, value in KEYS.items():
        setattr(settings, name, value)
    return settings


def test_without_keys_nothing_is_offered():
    assert shop_settings.PAYSTACK_SECRET_KEY == shop_settings.STRIPE_SECRET_KEY == ""
    assert offered("NGN") == []
    for provider in ("paystack", "stripe", "manual", "unknown", ""):
        with pytest.raises(GatewayNotOffered) as problem:
            gateway_of(provider)
        assert isinstance(problem.value, NotFound)


def test_with_keys_each_is_offered_in_the_currencies_that_it_takes(keys):
    assert [type(gateway) for gateway in offered("NGN")] == [Paystack, Stripe]
    assert [type(gateway) for gateway in offered("KWD")] == [Stripe]
    assert offered("XXX") == []


def test_one_without_keys_is_not_offered(keys):
    keys.PAYSTACK_SECRET_KEY = ""

    assert [type(gateway) for gateway in offered("NGN")] == [Stripe]
    with pytest.raises(GatewayNotOffered):
        gateway_of("paystack")


def test_the_same_is_given_again_so_that_connections_and_breakers_last(keys):
    assert gateway_of("stripe") is gateway_of("stripe") is offered("NGN")[1]

    before = gateway_of("paystack")
    keys.PAYSTACK_SECRET_KEY = "sk_live_another"
    assert gateway_of("paystack") is not before


@pytest.mark.parametrize(
    ("key", "is_live"),
    [("sk_live_1", True), ("rk_live_1", True), ("sk_test_1", False), ("rk_test_1", False)],
)
def test_the_key_says_whether_money_moves(keys, key, is_live):
    keys.STRIPE_SECRET_KEY = key
    assert gateway_of("stripe").is_live is is_live
    if key.startswith("sk"):
        keys.PAYSTACK_SECRET_KEY = key
        assert gateway_of("paystack").is_live is is_live
