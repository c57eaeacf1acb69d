"""A refund over two payments of which one fails: what stands, what is missing, and its retry."""

import pytest

from mdv.accounts.models import User
from shop.orders.models import Order
from shop.payments.models import Payment
from tests.backoffice.shop import browser_of, nonce
from tests.orders.ordering import guest, placed, sell
from tests.refunds.api.calling import preview, refunded, step
from tests.refunds.refunding import pay_online

EIGHT_THOUSAND = {"goodwill": "8000.00", "reason": "goodwill"}


@pytest.fixture
def number(shirts):
    """An order for 10,000: 6,000 came first, then 4,000."""
    sell("COAT", "1900.00", stock=10)
    number = placed(guest(), ("COAT", 5), total="10000.00")["number"]
    pay_online(number, "6000.00")
    pay_online(number, "4000.00")
    return number


def money():
    payments = Payment.objects.order_by("id")
    return list(payments.values_list("captured", "refund_committed", "refunded"))


def failed_of(refunds):
    return next(one for one in refunds if one["state"] == "failed")


@pytest.mark.parametrize("failing", [0, 1])
def test_the_other_stands_and_the_rest_is_shown_and_given_by_a_retry(
    number, supervisor, gateway, failing
):
    gateway.answers = ["refused"] if failing == 0 else ["succeeded", "refused"]

    refunds = refunded(supervisor, number, EIGHT_THOUSAND)

    assert sorted(one["state"] for one in refunds) == ["failed", "succeeded"]
    assert [one["amount"] for one in refunds] == ["4000.00", "4000.00"]
    stands = [(6000, 4000, 4000), (4000, 0, 0)], [(6000, 0, 0), (4000, 4000, 4000)]
    assert money() == stands[failing]
    balances = preview(supervisor, number, {"shipping": "500.00", "reason": "other"}).json()
    assert balances["balances"]["committed_before"] == "4000.00"
    assert balances["balances"]["left_after"] == "5500.00"

    failed = failed_of(refunds)
    again = step(supervisor, failed, "retry", {"version": failed["version"], "method": "gateway"})

    assert (again.status_code, again.json()["state"]) == (200, "succeeded")
    assert money() == [(6000, 4000, 4000), (4000, 4000, 4000)]
    assert len(set(gateway.asked)) == len(gateway.asked) == 3


def test_the_back_office_shows_it_and_tries_it_again(number, supervisor, gateway):
    gateway.answers = ["refused"]
    failed = failed_of(refunded(supervisor, number, EIGHT_THOUSAND))
    browser = browser_of(User.objects.get(pk=supervisor.user.pk))
    order = Order.objects.get(number=number)
    refund = order.refunds.get(number=failed["number"])
    bench = f"/admin/orders/order/{order.pk}/change/"
    page = browser.get(bench)
    shown = dict(page.context["money"])

    pressed = browser.post(
        f"/admin/refunds/refund/{refund.pk}/retry/", {"nonce": nonce(), "version": refund.version}
    )

    assert shown["Refundable"] == "NGN 6,000.00"
    assert f"/admin/refunds/refund/{refund.pk}/retry/" in page.content.decode()
    assert pressed.status_code == 302
    assert money() == [(6000, 4000, 4000), (4000, 4000, 4000)]
    assert dict(browser.get(bench).context["money"])["Refundable"] == "NGN 2,000.00"
