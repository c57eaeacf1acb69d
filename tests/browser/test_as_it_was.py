"""An order as it was before its refund, and a stock item, on a desk and on a phone."""

import pytest

from mdv.accounts.models import User
from mdv.kernel import clock
from mdv.ops.time_machine.orders import OrderTrail
from refunds.models import Refund
from refunds.services import RefundWish, WantedLine, record_manual_refund
from refunds.states import RefundReason, Restock
from shop.orders.models import Order
from tests.backoffice.shop import ask_for_refund

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def refunded(shop):
    """The order that was paid today, cancelled and refunded since."""
    order = Order.objects.get(payments__reference="R-1")
    admin = User.objects.get(email="admin@example.com")
    wish = RefundWish(
        lines=[WantedLine(sku="SHIRT", quantity=1, restock=Restock.CANCEL)],
        reason=RefundReason.CANCELLED,
    )
    refund = ask_for_refund(order.number, wish, by=admin)
    record_manual_refund(
        number=refund.number, bank_reference="B-1", user_id=admin.pk, at=clock.now()
    )
    return order


def test_an_order_is_seen_as_it_was_before_its_refund(visitor, refunded):
    refund = Refund.objects.get(order=refunded)
    visitor.log_in()
    visitor.open(f"/admin/orders/order/{refunded.pk}/change/")

    visitor.follow("As it was", shot="past-order-now")
    assert visitor.sees(refund.number)
    assert visitor.sees("are what they are counted from at that moment")
    for _ in range(before_the_refund(refunded)):
        visitor.follow("Earlier")
    visitor.look("past-order")

    assert visitor.sees("What is different today is marked.")
    assert visitor.sees("0.00 today 1,500.00")
    assert visitor.sees("1 more since then")
    visitor.fill(at="2020-01-01T00:00:00")
    visitor.press("Look back", shot="past-order-none")
    assert visitor.sees("was not there yet")
    assert visitor.complaints == []


def before_the_refund(order):
    """How many steps lead from now to before the refund was asked for."""
    moments = OrderTrail(order.pk).moments()
    (asked,) = (
        place
        for place, moment in enumerate(moments)
        if any(e.content_type.model == "refund" and e.event == "created" for e in moment.entries)
    )
    return len(moments) - asked


def test_stock_is_seen_as_it_was(visitor, shop):
    visitor.log_in()
    visitor.open(f"/admin/stock/stockitem/{shop.stock.pk}/change/")

    visitor.follow("As it was")
    visitor.follow("Earlier", shot="past-stock")

    assert visitor.sees("What is different today is marked.")
    assert visitor.sees("The level is what the movements until then make.")
    assert visitor.complaints == []
