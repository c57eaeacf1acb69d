"""Cancelling an order in the back office: asked about its money, the plan, one button to do it."""

from decimal import Decimal

import pytest

from mdv.accounts.roles import RIGHTS, Role
from mdv.kernel import clock
from refunds import services
from refunds.models import Refund
from refunds.services import Limits
from shop.orders.models import Order
from tests.backoffice.shop import browser_of, execute_refund, nonce, place_order
from tests.fulfilment.packing import level, pack, pay, ship
from tests.orders.ordering import sell
from tests.refunds.refunding import CANCEL, FakeGateway, pay_online, request, wish

LIST = "/admin/orders/order/"
OWED = "Owed to customers"


@pytest.fixture
def order(shop):
    """An order of three hats, paid online: 6,000 and 500 for shipping."""
    sell("HAT", "2000.00", stock=9)
    order = place_order("HAT", 3, total="6500.00", email="fola@example.com")
    pay_online(order.number, order.total)
    return order


@pytest.fixture
def gateway(monkeypatch):
    """A provider of refunds that does what the test says."""
    fake = FakeGateway()
    monkeypatch.setattr(execute_refund, "gateway_of", lambda _: fake)
    return fake


@pytest.fixture
def clerk(shop):
    return browser_of(role=Role.OPERATIONS)


def form_of(**filled):
    return {"reason": "out_of_stock", "nonce": nonce(), **filled}


def press(browser, order, name="cancel-confirmed", **filled):
    return browser.post(f"{LIST}{order.pk}/{name}/", form_of(**filled), follow=True)


def seen(browser, order, name="cancel-confirmed", **filled):
    """The plan as the first press shows it."""
    return press(browser, order, name, **filled).context["plan"]


def said(answer):
    return [str(message) for message in answer.context["messages"]]


def errors(answer):
    return {
        name: [str(error) for error in found]
        for name, found in answer.context["form"].errors.items()
    }


def owed(browser):
    return set(browser.get(LIST, {"work": "owed"}).context["cl"].queryset)


def status(order):
    return Order.objects.get(pk=order.pk).status


def labels(browser, order):
    page = browser.get(f"{LIST}{order.pk}/change/")
    return [one["label"] for one in page.context["object_actions"]]


def test_the_question_about_money_has_no_answer_beforehand(order, clerk):
    page = clerk.get(f"{LIST}{order.pk}/cancel-confirmed/")
    answer = press(clerk, order)

    assert page.content.count(b'type="radio"') == 2
    assert page.context["form"]["refund"].value() is None
    assert "NGN 6,500.00 of its money is here." in page.content.decode()
    assert (answer.status_code, list(errors(answer))) == (400, ["refund"])
    assert status(order) == "confirmed"


def test_the_first_press_shows_the_plan_of_the_answer_and_writes_nothing(order, clerk):
    pack(order.number, ("HAT", 1))

    yes, no = seen(clerk, order, refund="yes"), seen(clerk, order, refund="no")

    assert yes.button == "Cancel and refund NGN 6,500.00"
    assert yes.balances[2:] == [
        ("Promised back then", "NGN 6,500.00"),
        ("Still here then, owed to the customer", "NGN 0.00"),
    ]
    assert yes.effects[0] == "Cancelled now, and free again in stock: 3 × HAT."
    assert yes.effects[1].startswith("Unpacked, and given up: ")
    assert "NGN 6,500.00 is on its way" in yes.effects[-3]
    assert no.button == "Cancel without a refund"
    assert no.balances[3] == ("Still here then, owed to the customer", "NGN 6,500.00")
    assert (no.lines, no.parts, no.limit) == ("", "", "")
    assert "of no money" in no.effects[-2]
    assert (status(order), Refund.objects.filter(order=order).count()) == ("confirmed", 0)


def test_the_second_press_cancels_and_refunds_and_says_what_came_of_it(order, clerk, gateway):
    plan = seen(clerk, order, refund="yes")
    filled = form_of(refund="yes", plan_hash=plan.plan_hash)
    url = f"{LIST}{order.pk}/cancel-confirmed/"

    first, again = clerk.post(url, filled, follow=True), clerk.post(url, filled, follow=True)

    refund = Refund.objects.get(order=order)
    promised = f"{refund.number}: NGN 6,500.00 is promised back."
    assert said(first) == [
        f"{order.number} is cancelled. Its stock is free again. {promised}",
        f"{refund.number}: the money has gone back.",
    ]
    assert said(again) == ["This was done already."]
    assert (status(order), refund.state, refund.source) == ("cancelled", "succeeded", "cancel")
    assert (level("HAT"), gateway.asked) == ((9, 0, 9), [refund.key])


def test_what_the_provider_refuses_leaves_the_order_cancelled(order, clerk, gateway):
    gateway.answers = ["refused"]
    plan = seen(clerk, order, refund="yes")

    answer = press(clerk, order, refund="yes", plan_hash=plan.plan_hash)

    assert "its provider refused (Insufficient balance)." in said(answer)[1]
    assert status(order) == "cancelled"
    assert order in owed(clerk)


def test_without_a_refund_the_money_is_owed_and_the_order_found(order, clerk):
    before = owed(clerk)
    plan = seen(clerk, order, refund="no")

    answer = press(clerk, order, refund="no", plan_hash=plan.plan_hash)

    assert said(answer) == [f"{order.number} is cancelled. Its stock is free again."]
    assert ("Owed to the customer", "NGN 6,500.00") in answer.context["money"]
    assert owed(clerk) - before == {order}
    assert "Refund" in labels(clerk, order)


def test_so_is_that_of_cancelled_units_whose_refund_was_given_up(order, clerk, admin):
    before = owed(clerk)
    (refund,) = request(order.number, wish(("HAT", 1, CANCEL)), by=admin.user.pk)
    services.cancel_refund(number=refund.number, user_id=admin.user.pk, at=clock.now())

    page = clerk.get(f"{LIST}{order.pk}/change/").context

    assert ("Refundable", "NGN 6,500.00") in page["money"]
    assert ("Owed to the customer", "NGN 2,000.00") in page["money"]
    assert "To be refunded" in str(dict(page["chips"])["Refund"])
    assert owed(clerk) - before == {order}
    assert status(order) == "confirmed"


def test_a_plan_that_has_changed_is_shown_anew(order, clerk):
    plan = seen(clerk, order, refund="yes")
    request(order.number, wish(shipping="1.00"), by=clerk.user.pk)

    answer = press(clerk, order, refund="yes", plan_hash=plan.plan_hash)

    assert answer.status_code == 409
    assert answer.context["plan"].button == "Cancel and refund NGN 6,499.00"
    assert "Nothing was done: look at the new plan." in str(errors(answer))
    assert status(order) == "confirmed"


def test_above_ones_limits_it_says_that_the_money_waits(order, clerk):
    limits = Limits(max_per_refund=Decimal(10), max_per_day=Decimal(10), may_goodwill=False)
    services.change_policy(role=Role.OPERATIONS, limits=limits)
    plan = seen(clerk, order, refund="yes")

    answer = press(clerk, order, refund="yes", plan_hash=plan.plan_hash)

    assert plan.needs_another
    assert plan.button == "Cancel and ask for NGN 6,500.00"
    assert "The order is cancelled now, whatever the second person says about the money." in (
        plan.effects
    )
    assert said(answer)[0].endswith("NGN 6,500.00 waits for a second person.")
    assert status(order) == "cancelled"


def test_who_may_not_refund_is_told_to_cancel_without(order, clerk, monkeypatch):
    monkeypatch.setitem(RIGHTS, "refunds.request_refund", frozenset({Role.ADMIN}))

    refused = press(clerk, order, refund="yes")
    plan = seen(clerk, order, refund="no")
    press(clerk, order, refund="no", plan_hash=plan.plan_hash)

    assert refused.status_code == 403
    assert "You may cancel this order, not refund it." in str(errors(refused))
    assert status(order) == "cancelled"


def test_an_order_without_money_is_cancelled_by_one_press(shop, clerk):
    answer = press(clerk, shop.order, "cancel", reason="staff")

    assert said(answer) == [f"{shop.order.number} is cancelled. Its stock is free again."]
    assert "Owed to the customer" not in dict(answer.context["money"])


def test_money_that_came_since_the_page_was_opened_is_asked_about(shop, clerk):
    form = form_of(reason="staff")
    pay(shop.order.number, "100.00")

    answer = clerk.post(f"{LIST}{shop.order.pk}/cancel/", form)

    assert (answer.status_code, list(errors(answer))) == (400, ["refund"])
    assert status(shop.order) == "pending"


def test_what_is_all_promised_back_is_planned_without_a_question(order, clerk, admin):
    request(order.number, wish(shipping="500.00", goodwill="6000.00"), by=admin.user.pk)

    plan = seen(clerk, order)
    press(clerk, order, plan_hash=plan.plan_hash)

    assert "NGN 6,500.00 is promised back already, and stays so." in plan.effects
    assert status(order) == "cancelled"


def test_what_has_left_has_no_such_button(order, clerk):
    before = labels(clerk, order)
    ship(order.number, ("HAT", 1))

    assert "Cancel order" in before
    assert "Cancel order" not in labels(clerk, order)


def test_home_counts_orders_with_money_of_customers_as_an_alarm(order, clerk):
    def tile():
        tiles = clerk.get("/admin/").context["tiles"]
        (found,) = [one for one in tiles if one["title"] == OWED]
        return found

    before = tile()
    plan = seen(clerk, order, refund="no")
    press(clerk, order, refund="no", plan_hash=plan.plan_hash)
    after = tile()

    assert after["value"] == before["value"] + 1 == len(owed(clerk))
    assert after["is_alarm"]
    assert after["url"] == f"{LIST}?work=owed"
