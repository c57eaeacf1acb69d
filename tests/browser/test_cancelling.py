"""A paid order that is cancelled with its money: from the button to cancelled and refunded."""

import pytest

from mdv.accounts.roles import Role
from refunds.models import Refund
from shop.orders.models import Order
from tests.accounts.people import make_staff
from tests.browser.test_paying import complaints
from tests.browser.test_refunding import order as order  # noqa: PLC0414
from tests.browser.test_refunding import paystack as paystack  # noqa: PLC0414

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_paid_order_is_cancelled_and_refunded(visitor, order, paystack):
    make_staff(Role.OPERATIONS)
    paystack.turn("paystack", holds_notices=True)
    visitor.log_in("operations@example.com")
    visitor.open(f"/admin/orders/order/{order.pk}/change/")

    visitor.press("Cancel order", shot="cancel-asked")
    visitor.page.locator("[name=reason]").select_option("out_of_stock")
    visitor.page.get_by_label("No, not now").check()
    visitor.press("Show the plan", shot="cancel-plan-without")
    assert visitor.sees("NGN 5,000.00 stays here, and is shown as owed to the customer")
    visitor.page.get_by_label("Yes, all that is here").check()
    visitor.press("Show the plan again", shot="cancel-plan")
    assert visitor.sees("A mail to guest@example.com now says that the order is cancelled")
    visitor.press("Cancel and refund NGN 5,000.00", shot="cancel-done")

    refund = Refund.objects.get(order=order)
    assert visitor.sees(f"{order.number} is cancelled. Its stock is free again.")
    assert Order.objects.get(pk=order.pk).status == "cancelled"
    visitor.open(f"/admin/refunds/refund/{refund.pk}/change/")
    visitor.press("Look up")
    visitor.press("Look up")
    assert visitor.sees("CN-")
    visitor.open(f"/admin/orders/order/{order.pk}/change/", shot="cancel-bench")
    assert visitor.sees("CANCELLED")
    assert Order.objects.get(pk=order.pk).payment_status == "refunded"
    visitor.open("/admin/orders/order/?work=owed", shot="cancel-owed")
    assert not visitor.sees(order.number)
    assert complaints(visitor, paystack) == []
