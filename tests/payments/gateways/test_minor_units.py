"""Amounts in a currency's smallest unit: exact both ways, or refused."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from shop.payments.gateways.minor_units import DECIMALS, DoesNotFit, from_minor, to_minor
from shop.payments.gateways.paystack import Paystack
from shop.payments.gateways.stripe import Stripe

EXACT = [
    ("NGN", "1500.00", 150_000),
    ("NGN", "0.01", 1),
    ("USD", "99999999.99", 9_999_999_999),
    ("JPY", "1500.00", 1500),
    ("XOF", "1", 1),
    ("KWD", "5.12", 5120),
    ("KWD", "5.120", 5120),
]


@pytest.mark.parametrize(("currency", "amount", "minor"), EXACT)
def test_both_ways_are_exact(currency, amount, minor):
    assert to_minor(Decimal(amount), currency) == minor
    assert from_minor(minor, currency) == Decimal(amount)


@given(
    amount=some.decimals(0, 99_999_999, places=2, allow_nan=False),
    currency=some.sampled_from(sorted(code for code, places in DECIMALS.items() if places >= 2)),
)
def test_what_goes_out_comes_back(amount, currency):
    assert from_minor(to_minor(amount, currency), currency) == amount


@pytest.mark.parametrize(
    ("currency", "amount"),
    [
        ("NGN", "0.005"),
        ("JPY", "10.50"),
        ("KWD", "5.1234"),
        ("NGN", "NaN"),
        ("NGN", "Infinity"),
        ("QQQ", "1.00"),
        ("ngn", "1.00"),
        ("", "1.00"),
    ],
)
def test_what_does_not_fit_is_refused_and_not_rounded(currency, amount):
    with pytest.raises(DoesNotFit):
        to_minor(Decimal(amount), currency)


@pytest.mark.parametrize(
    ("currency", "minor"),
    [("KWD", 5123), ("NGN", 10**14), ("JPY", 10**12), ("QQQ", 1), ("NGN", 10**400)],
)
def test_what_the_shop_cannot_store_is_refused(currency, minor):
    with pytest.raises(DoesNotFit):
        from_minor(minor, currency)


def test_a_providers_departure_wins_over_the_table():
    assert to_minor(Decimal(500), "ISK") == 500
    assert to_minor(Decimal(500), "ISK", departures={"ISK": 2}) == 50_000
    assert from_minor(50_000, "ISK", departures={"ISK": 2}) == Decimal("500.00")


@pytest.mark.parametrize("gateway", [Paystack, Stripe])
def test_every_currency_of_a_gateway_is_in_the_table(gateway):
    assert gateway.currencies <= DECIMALS.keys()
