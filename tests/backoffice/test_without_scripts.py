"""Composing and approving a refund in a browser that runs no scripts: plain forms, step by step."""

from decimal import Decimal

import pytest
from django.test import Client

from mdv.accounts.roles import Role
from refunds.models import Refund, RefundPolicy
from tests.accounts.people import PASSWORD, make_staff
from tests.backoffice.plain_forms import PlainForm
from tests.backoffice.shop import ADDRESS, place_order
from tests.fulfilment.packing import pay
from tests.orders.ordering import deliver_everywhere, sell


@pytest.fixture
def order(db):
    """An order of three hats, paid by hand: 6,000 and 500 for shipping."""
    deliver_everywhere()
    sell("HAT", "2000.00", stock=9)
    order = place_order("HAT", 3, total="6500.00")
    pay(order.number, order.total)
    return order


def browser_of(role):
    """A browser that checks forms for forgery, as the shop does."""
    browser = Client(REMOTE_ADDR=ADDRESS, enforce_csrf_checks=True)
    browser.force_login(make_staff(role))
    return browser


def compose(browser, order):
    """Open the composer by its button on the order's page; return its address and form."""
    url = f"/admin/orders/order/{order.pk}/refund/"
    assert url in browser.get(f"/admin/orders/order/{order.pk}/change/").content.decode()
    return url, PlainForm(browser.get(url))


def fill(form, units, note):
    return form.fill(Cancelled=units, Shipping="500.00", Why="cancelled", Note=note)


def test_a_refund_is_composed_seen_and_done(order):
    browser = browser_of(Role.ADMIN)
    url, form = compose(browser, order)

    planned = browser.post(url, fill(form, "1", "Rang up").pressed("Show the plan"))

    assert planned.status_code == 200
    assert "Cancelled now, and free again in stock: 1 × HAT." in planned.content.decode()
    assert not Refund.objects.exists()

    again = PlainForm(planned).fill(Cancelled="2")
    planned = browser.post(url, again.pressed("Show the plan again"))
    done = browser.post(url, PlainForm(planned).pressed("Refund NGN 4,500.00"), follow=True)

    refund = Refund.objects.get()
    assert done.redirect_chain[0][1] == 302
    assert f"{refund.number}: NGN 4,500.00 is promised back." in done.content.decode()
    assert (refund.amount, refund.shipping, refund.note) == (4500, 500, "Rang up")
    assert order.lines.get().qty_cancelled == 2


def test_a_refusal_and_a_fresh_plan_are_plain_pages_too(order):
    browser, other = browser_of(Role.ADMIN), browser_of(Role.SUPERVISOR)
    url, form = compose(browser, order)

    refused = browser.post(url, fill(form, "4", "").pressed("Show the plan"))
    planned = browser.post(url, PlainForm(refused).fill(Cancelled="1").pressed("Show the plan"))
    theirs = compose(other, order)[1].fill(Cancelled="2", Why="cancelled")
    theirs = PlainForm(other.post(url, theirs.pressed("Show the plan")))
    other.post(url, theirs.pressed("Refund NGN 4,000.00"))
    stale = browser.post(url, PlainForm(planned).pressed("Refund NGN 2,500.00"))
    fresh = PlainForm(stale)

    assert (refused.status_code, stale.status_code) == (409, 409)
    assert "HAT: 3 possible." in refused.content.decode()
    assert "Something has moved since you looked." in stale.content.decode()
    assert fresh.values[fresh.named("Shipping")] == "500.00"
    assert browser.post(url, fresh.pressed("Refund NGN 2,500.00")).status_code == 302
    assert sorted(Refund.objects.values_list("amount", flat=True)) == [2500, 4000]


def test_a_second_person_approves_from_the_inbox(order):
    RefundPolicy.objects.filter(role=Role.OPERATIONS).update(max_per_refund=Decimal(1000))
    asker, approver = browser_of(Role.OPERATIONS), browser_of(Role.SUPERVISOR)
    url, form = compose(asker, order)
    planned = asker.post(url, fill(form, "1", "Rang up").pressed("Show the plan"))
    asked = asker.post(url, PlainForm(planned).pressed("Ask for NGN 2,500.00"))
    refund = Refund.objects.get()
    page = f"/admin/refunds/refund/{refund.pk}/approve/"

    inbox = approver.get("/admin/refunds/refund/approvals/").content.decode()
    wrong = PlainForm(approver.get(page)).fill(Remark="Fine", Your_own_password="not this one")
    refused = approver.post(page, wrong.pressed("Approve"))
    right = PlainForm(refused).fill(Your_own_password=PASSWORD)
    agreed = approver.post(page, right.pressed("Approve"))

    assert (asked.status_code, refund.state) == (302, "requested")
    assert page in inbox
    assert (refused.status_code, agreed.status_code) == (400, 302)
    refund.refresh_from_db()
    assert (refund.state, refund.answer) == ("approved", "Fine")
