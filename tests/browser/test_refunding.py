"""A partial refund that needs a second person: composer, inbox, and the provider that pays it."""

from decimal import Decimal

import pytest

from mdv.accounts.roles import Role
from refunds.models import Refund
from refunds.services import Limits, change_policy
from tests.accounts.people import PASSWORD, make_staff
from tests.browser.test_paying import HEARING_S, complaints
from tests.ops.shops import wait_until
from tests.ops.simulators import PAYSTACK_KEY, Simulators
from tests.orders.ordering import act, guest
from tests.payments.notices import now, online_order

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def paystack(live_server, settings):
    """Paystack's simulator, which tells the running shop what became of payments and refunds."""
    simulators = Simulators(live_server.url)
    settings.STORE_URL = live_server.url
    settings.PAYSTACK_SECRET_KEY = PAYSTACK_KEY
    settings.PAYSTACK_API_URL = f"{simulators.url}/paystack"
    yield simulators
    simulators.end()


@pytest.fixture
def order(shop, paystack):
    """An order of three shirts that was paid at Paystack."""
    order = online_order(("SHIRT", 3), total="5000.00")
    token = {"X-Order-Token": order["access_token"]}
    started = act(guest(), f"/orders/{order['number']}/payments", {"provider": "paystack"}, **token)
    paystack.choose(started.json()["redirect_url"])
    wait_until(lambda: now(order).payment_status == "paid", HEARING_S)
    return now(order)


def ask(visitor, order):
    """Compose a refund of one shirt and some of the shipping as a clerk; return it."""
    visitor.log_in("operations@example.com")
    visitor.open(f"/admin/orders/order/{order.pk}/change/", shot="refund-bench")
    visitor.press("Refund", shot="refund-composer")
    visitor.page.get_by_role("button", name="One more").first.click()
    assert visitor.sees("So far NGN 1,500.00. NGN 5,000.00 may go back at most.")
    visitor.page.locator("[name=reason]").select_option("cancelled")
    visitor.fill(shipping="200.00", note="One shirt was out of stock")
    visitor.press("Show the plan", shot="refund-plan")
    assert visitor.sees("Needs a second person: your limit is NGN 1,000.00 a refund")
    visitor.press("Ask for NGN 1,700.00", shot="refund-requested")
    assert visitor.sees("NGN 1,700.00 waits for a second person.")
    return Refund.objects.get(order=order)


def approve(visitor, refund):
    """Agree to it from the inbox as somebody else."""
    visitor.page.context.clear_cookies()
    visitor.log_in()
    visitor.open("/admin/refunds/refund/approvals/", shot="refund-inbox")
    assert visitor.sees("One shirt was out of stock")
    visitor.page.locator(f"#content a[href*='/refund/{refund.pk}/approve/']").click()
    visitor.look("refund-approve")
    visitor.fill(password=PASSWORD)
    visitor.press("Approve")


def test_a_partial_refund_that_needs_a_second_person(visitor, order, paystack):
    limits = Limits(max_per_refund=Decimal(1000), max_per_day=Decimal(9000), may_goodwill=False)
    change_policy(role=Role.OPERATIONS, limits=limits)
    make_staff(Role.OPERATIONS)

    refund = ask(visitor, order)
    assert refund.state == "requested"
    # What Paystack tells by itself does not come: somebody asks.
    paystack.turn("paystack", holds_notices=True)
    approve(visitor, refund)
    visitor.open(f"/admin/refunds/refund/{refund.pk}/change/", shot="refund-in-limbo")
    assert Refund.objects.get(pk=refund.pk).state == "processing"
    visitor.press("Look up")
    visitor.press("Look up", shot="refund-succeeded")

    assert visitor.sees("CN-")
    assert Refund.objects.get(pk=refund.pk).state == "succeeded"
    visitor.open(f"/admin/orders/order/{order.pk}/change/", shot="refund-bench-after")
    assert visitor.sees("PARTLY REFUNDED")
    assert not visitor.sees("approved by: nothing")
    assert now({"number": order.number}).payment_status == "partly_refunded"
    visitor.open("/admin/refunds/refund/", shot="refund-list")
    visitor.open("/admin/refunds/refundpolicy/", shot="refund-limits")
    assert complaints(visitor, paystack) == []
