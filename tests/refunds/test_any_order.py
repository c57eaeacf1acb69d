"""Any paid order, refunded unit by unit by the services themselves, ends at what was paid.

Many more orders are refunded in memory: see ``test_refund_shares``.
"""

import importlib
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from unittest import mock

import pytest
from django.core.cache import cache
from django.db.models import Sum
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from mdv.kernel.errors import Invalid
from mdv.kernel.money import CENT, ZERO, allocate
from refunds import services
from refunds.models import RefundLine
from refunds.states import Restock
from shop.orders.models import Order
from shop.payments.models import Payment
from shop.pricing.calculation import BasketLine, Discount, Shipping, Tax, price_basket
from shop.pricing.services import create_tax_rate
from tests.fulfilment.packing import deliver
from tests.orders.ordering import deliver_everywhere, guest, make_coupon, placed, sell
from tests.refunds.books_in_memory import Fate
from tests.refunds.refunding import (
    CANCEL,
    NONE,
    RETURN,
    FakeGateway,
    execute,
    pay_online,
    person,
    request,
    wish,
)
from tests.refunds.returning import AS_NEW, approved, receive

pytestmark = pytest.mark.slow

# The package's name of it is the function.
execute_refund = importlib.import_module("refunds.services.execute_refund")

amounts = st.integers(1, 99_999).map(lambda cents: cents * CENT)
percents = st.integers(1, 10_000).map(lambda hundredths: hundredths * CENT)
units = st.integers(0, 1)
fates = st.builds(Fate, cancelled=units, returned=units, kept=units)


@dataclass(frozen=True)
class Deal:
    """An order as it is placed and paid, and the order in which it is refunded."""

    fates: list
    prices: list
    coupon: dict | None
    fee: Decimal
    tax: Tax
    weights: list
    paid_too_much: Decimal
    steps: list

    @property
    def total(self):
        basket = [
            BasketLine(unit_price=price, list_price=price, quantity=fate.quantity)
            for price, fate in zip(self.prices, self.fates, strict=True)
        ]
        discount = Discount(**self.coupon, excludes_sale_items=True) if self.coupon else None
        shipping = Shipping(fee=self.fee, free_over=None)
        return price_basket(basket, discount=discount, shipping=shipping, tax=self.tax).total


@st.composite
def deals(draw):
    became = draw(st.lists(fates.filter(lambda fate: fate.quantity), min_size=1, max_size=4))
    steps = ["shipping", "too much"]
    for place, fate in enumerate(became):
        steps += [(place, CANCEL)] * fate.cancelled
        steps += [(place, RETURN)] * fate.returned
        steps += [(place, NONE)] * fate.kept
    coupons = [
        st.none(),
        st.builds(dict, kind=st.just("percent"), value=percents),
        st.builds(dict, kind=st.just("fixed"), value=amounts),
        st.just({"kind": "shipping", "value": ZERO}),
    ]
    return Deal(
        fates=became,
        prices=[draw(amounts) for _ in became],
        coupon=draw(st.one_of(coupons)),
        fee=draw(amounts),
        tax=draw(st.builds(Tax, percent=percents, is_included=st.booleans())),
        weights=draw(st.lists(st.integers(1, 9), min_size=1, max_size=3)),
        paid_too_much=draw(st.one_of(st.just(ZERO), amounts)),
        steps=draw(st.permutations(steps)),
    )


def sku(place):
    return f"ARTICLE-{place}"


def bring_about(deal):
    """Place the order, have it paid, delivered and sent back as it goes; return its number."""
    deliver_everywhere(deal.fee)
    create_tax_rate(country="NG", percent=deal.tax.percent, is_included=deal.tax.is_included)
    for place, price in enumerate(deal.prices):
        sell(sku(place), price)
    lines = [(sku(place), fate.quantity) for place, fate in enumerate(deal.fates)]
    coupon = {"coupon": make_coupon(**deal.coupon).code} if deal.coupon else {}
    number = placed(guest(), *lines, total=str(deal.total), **coupon)["number"]
    for amount in allocate(deal.total + deal.paid_too_much, deal.weights):
        if amount:
            pay_online(number, amount)
    left = [(sku(p), f.returned + f.kept) for p, f in enumerate(deal.fates) if f.returned + f.kept]
    back = [(sku(p), f.returned) for p, f in enumerate(deal.fates) if f.returned]
    if left:
        deliver(number, *left)
    if back:
        receive(approved(number, *back), *[(*line, AS_NEW, True) for line in back])
    return number


def wish_of(number, step):
    rest = services.see_refundable(number=number)
    if step == "shipping":
        return wish(shipping=rest.shipping_left)
    if step == "too much":
        return wish(goodwill=rest.overpaid)
    place, restock = step
    return wish((sku(place), 1, restock))


def all_that_is_left(number):
    """What cost nothing alone, or by less than a kobo was not its own."""
    rest = services.see_refundable(number=number)
    lines = [
        (one.line.sku, one.refundable(restock), restock)
        for one in rest.lines
        for restock in Restock
        if one.refundable(restock)
    ]
    return wish(*lines, shipping=rest.shipping_left, goodwill=rest.overpaid)


def give_back(number, wanted, by):
    for refund in request(number, wanted, by=by):
        assert execute(refund).state == "succeeded"


def refund_unit_by_unit(number, steps, by):
    for step in steps:
        with suppress(Invalid):  # it comes to no money
            give_back(number, wish_of(number, step), by)
        for payment in Payment.objects.all():
            assert payment.refunded == payment.refund_committed <= payment.captured
    if services.see_refundable(number=number).left:
        give_back(number, all_that_is_left(number), by)


class TestAnyOrder(TestCase):
    """Each example has a transaction of its own, at whose end the database checks the books."""

    @settings(max_examples=15, deadline=None)
    @given(deals())
    def test_refunded_unit_by_unit_it_ends_at_exactly_what_was_paid(self, deal):
        assume(deal.total)
        cache.clear()
        by, number = person(), bring_about(deal)

        with mock.patch.object(execute_refund, "gateway_of", return_value=FakeGateway()):
            refund_unit_by_unit(number, deal.steps, by)

        order = Order.objects.get(number=number)
        assert order.refunded_total == order.captured_total == deal.total + deal.paid_too_much
        for line in order.lines.all():
            taxes = RefundLine.objects.filter(order_line=line).aggregate(sum=Sum("tax"))["sum"]
            assert (line.refunded, taxes or 0) == (line.total, line.tax)
