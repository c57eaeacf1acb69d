"""Paying on the provider's page, and what the back office shows of it: paid in full, and short."""

import pytest

from shop.orders.mail_links import link_to_pay
from shop.orders.models import Order
from shop.payments.models import GatewayEvent
from tests.ops.shops import wait_until
from tests.ops.simulators import PAYSTACK_KEY, Simulators
from tests.orders.ordering import act, guest
from tests.payments.notices import now, online_order

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HEARING_S = 20


@pytest.fixture
def paystack(live_server, settings):
    """Paystack's simulator, which tells the running shop what became of payments."""
    simulators = Simulators(live_server.url)
    settings.STORE_URL = live_server.url
    settings.PAYSTACK_SECRET_KEY = PAYSTACK_KEY
    settings.PAYSTACK_API_URL = f"{simulators.url}/paystack"
    yield simulators
    simulators.end()


@pytest.fixture
def order(shop, paystack):
    return online_order(("SHIRT", 1), total="2000.00")


def pay(visitor, order, button):
    token = {"X-Order-Token": order["access_token"]}
    path = f"/orders/{order['number']}/payments"
    payment = act(guest(), path, {"provider": "paystack"}, **token).json()
    visitor.open(payment["redirect_url"], shot="provider")
    if button != "Pay":
        visitor.page.locator("summary").click()
    visitor.page.get_by_role("button", name=button, exact=True).click()
    visitor.look("payment-return")


def complaints(visitor, paystack):
    """What the browser complained about, but for leaving for the provider's page."""
    return [text for text in visitor.complaints if f"another host: {paystack.url}" not in text]


def test_an_order_is_paid_and_staff_see_it(visitor, order, paystack):
    pay(visitor, order, "Pay")
    assert visitor.sees("Thank you")
    assert visitor.sees(f"₦2,000.00 arrived for order {order['number']}.")

    visitor.log_in()
    visitor.open(f"/admin/orders/order/{now(order).pk}/change/", shot="order-paid-online")

    assert visitor.sees("Payment of NGN 2,000.00 begun at Paystack")
    assert visitor.sees("NGN 2,000.00 succeeded")
    assert visitor.sees("Status: pending → confirmed")
    assert now(order).payment_status == "paid"
    assert complaints(visitor, paystack) == []


def test_the_link_of_the_mail_leads_to_the_providers_page_and_back(visitor, order, paystack):
    link = link_to_pay(Order.objects.get(number=order["number"]))
    visitor.open(link, shot="pay")
    visitor.page.get_by_role("button", name="Pay with Paystack").click()
    visitor.page.wait_for_url(f"{paystack.url}/**")
    visitor.look("provider-from-mail")
    visitor.page.get_by_role("button", name="Pay", exact=True).click()
    visitor.look()

    assert visitor.sees("Thank you")
    visitor.open(link, shot="pay-paid")
    assert visitor.sees("There is nothing to pay.")
    assert now(order).payment_status == "paid"
    assert complaints(visitor, paystack) == []


def test_a_payment_that_is_short_is_found_among_the_exceptions_and_settled(
    visitor, order, paystack
):
    pay(visitor, order, "Pay half of it")
    assert visitor.sees("₦1,000.00 is still to be paid.")
    wait_until(lambda: GatewayEvent.objects.filter(outcome="short").exists(), HEARING_S)

    visitor.log_in()
    visitor.open("/admin/")
    assert visitor.sees("Payments to be settled")
    visitor.open("/admin/payments/gatewayevent/", shot="exceptions")
    assert visitor.sees(f"1000.00 of {order['number']} is missing.")
    found = GatewayEvent.objects.get(outcome="short")
    visitor.open(f"/admin/payments/gatewayevent/{found.pk}/change/", shot="exception")
    visitor.press("Keep for a refund", shot="exception-refund")
    visitor.fill(note="The customer wants it back.")
    visitor.press("Keep for a refund", shot="exception-settled")

    assert visitor.sees("To be refunded: The customer wants it back.")
    assert not GatewayEvent.objects.open_exceptions().filter(pk=found.pk).exists()
    visitor.open("/admin/payments/gatewayevent/", shot="exceptions-none")
    assert not visitor.sees(order["number"])
    assert complaints(visitor, paystack) == []
