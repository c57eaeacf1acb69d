"""In which currencies a shop can be run: those whose hundredths providers can count."""

from decimal import Decimal

import pytest

from shop.payments.checks import check_currency
from shop.payments.gateways.minor_units import DoesNotFit, to_minor
from shop.pricing.calculation import BasketLine, Discount, price_basket
from shop.pricing.states import CouponKind


def refusals(settings, currency):
    settings.STORE_CURRENCY = currency
    return [problem.id for problem in check_currency()]


@pytest.mark.parametrize("currency", ["NGN", "USD", "KWD"])
def test_hundredths_can_be_counted(settings, currency):
    assert refusals(settings, currency) == []


@pytest.mark.parametrize("currency", ["JPY", "XOF", "QQQ"])
def test_a_shop_without_them_does_not_start(settings, currency):
    assert refusals(settings, currency) == ["mdv.E011"]


def test_because_a_discount_would_be_of_amounts_that_nobody_can_pay():
    line = BasketLine(unit_price=Decimal(999), list_price=Decimal(999), quantity=1)
    ten = Discount(kind=CouponKind.PERCENT, value=Decimal(10), excludes_sale_items=False)

    total = price_basket([line], discount=ten).total

    with pytest.raises(DoesNotFit):
        to_minor(total, "JPY")
