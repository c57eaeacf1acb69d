"""Cancelling gives stock and coupon back, once."""

import sys
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import OperationalError

from audit.models import AuditEntry
from mdv.accounts.roles import Role
from mdv.kernel import clock
from shop.orders import services, tasks
from shop.orders.models import Order, OrderLine
from shop.payments.services import record_payment
from shop.payments.states import Channel
from shop.pricing.models import Coupon, CouponRedemption
from shop.stock.models import StockMovement
from tests.fulfilment.packing import ship
from tests.orders.ordering import (
    act,
    available,
    customer,
    deliver_everywhere,
    guest,
    let_pay_on_delivery,
    make_coupon,
    placed,
    problems,
    sell,
    staff,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _shop(db):
    deliver_everywhere("500.00")
    sell("SHIRT", "1500.00", stock=10)
    sell("CAP", "100.00", stock=10)


def cancel(caller, order, body=None, **headers):
    return act(caller, f"/orders/{order['number']}/cancel", body, **headers)


def cancel_by_staff(caller, order, reason="staff", **headers):
    return act(caller, f"/staff/orders/{order['number']}/cancel", {"reason": reason}, **headers)


def test_a_cancelled_order_gives_back_its_stock_and_its_coupon():
    make_coupon("TEN")
    ada = customer()
    order = placed(ada, ("SHIRT", 3), ("CAP", 2), total="4730.00", coupon="TEN")

    answer = cancel(ada, order, {"reason": "Changed my mind."})

    assert answer.status_code == 200
    shown = answer.json()
    assert (shown["status"], shown["cancel_reason"]) == ("cancelled", "customer")
    assert (available("SHIRT"), available("CAP")) == (10, 10)
    assert Coupon.objects.get().used_count == 0
    assert not CouponRedemption.objects.exists()
    assert set(OrderLine.objects.values_list("sku", "qty_cancelled")) == {("SHIRT", 3), ("CAP", 2)}
    released = StockMovement.objects.filter(kind="release", source=order["number"])
    assert [move.d_reserved for move in released.order_by("item__variant_id")] == [-3, -2]


def test_cancelling_again_changes_nothing_more():
    ada = customer()
    order = placed(ada, ("SHIRT", 3), total="5000.00")

    first = cancel(ada, order)
    second = cancel(ada, order)

    assert (first.status_code, second.status_code) == (200, 200)
    assert second.json() == first.json()
    assert StockMovement.objects.filter(kind="release").count() == 1


def test_the_customers_own_words_are_in_the_trail():
    ada = customer()
    order = placed(ada, ("SHIRT", 1), total="2000.00")

    cancel(ada, order, {"reason": "Too slow."})

    entry = AuditEntry.objects.of(Order.objects.get()).first()
    assert entry.changes["status"] == ["pending", "cancelled"]
    assert (entry.reason, entry.actor_email) == ("Too slow.", "ada@example.com")


def test_a_guest_cancels_with_the_orders_token():
    visitor = guest()
    order = placed(visitor, ("SHIRT", 1), total="2000.00")

    without = cancel(visitor, order)
    with_token = cancel(visitor, order, **{"X-Order-Token": order["access_token"]})

    assert without.status_code == 404
    assert (with_token.status_code, with_token.json()["status"]) == (200, "cancelled")


def test_an_answer_that_is_stored_is_repeated_only_to_who_may_see_the_order():
    ada, eve = customer(), customer("eve@example.com")
    order = placed(ada, ("SHIRT", 1), total="2000.00")
    key = "the-key-of-adas-cancelling"
    cancel(ada, order, key=key)

    assert cancel(eve, order, key=key).status_code == 404
    assert cancel(guest(), order, key=key).status_code == 404
    assert cancel(ada, order, key=key)["Idempotent-Replayed"] == "true"


def test_a_confirmed_order_is_no_longer_the_customers_to_cancel():
    ada = customer()
    order = placed(ada, ("SHIRT", 1), total="2000.00", payment_method="cash_on_delivery")
    services.confirm_pay_on_delivery(number=order["number"], at=clock.now())

    answer = cancel(ada, order)

    assert (answer.status_code, answer.json()["code"]) == (409, "already_confirmed")
    assert Order.objects.get().status == "confirmed"
    assert available("SHIRT") == 9


@pytest.mark.parametrize(
    ("role", "pending", "confirmed"),
    [
        (Role.ADMIN, 200, 200),
        (Role.SUPERVISOR, 200, 200),
        (Role.OPERATIONS, 200, 200),
        (Role.SUPPORT, 200, 409),
        (Role.LOGISTICS, 403, 403),
        (Role.AUDITOR, 403, 403),
    ],
)
def test_support_cancels_what_is_pending_and_managers_what_is_confirmed_too(
    role, pending, confirmed
):
    person = staff(role)
    waiting = placed(guest(), ("SHIRT", 1), total="2000.00")
    agreed = placed(guest(), ("SHIRT", 1), total="2000.00", payment_method="cash_on_delivery")
    services.confirm_pay_on_delivery(number=agreed["number"], at=clock.now())

    assert cancel_by_staff(person, waiting).status_code == pending
    assert cancel_by_staff(person, agreed).status_code == confirmed
    cancelled = Order.objects.filter(status="cancelled").count()
    assert cancelled == [pending, confirmed].count(200)


@pytest.mark.parametrize("reason", ["staff", "customer", "fraud", "out_of_stock"])
def test_staff_say_why(reason):
    order = placed(guest(), ("SHIRT", 1), total="2000.00")

    answer = cancel_by_staff(staff(Role.OPERATIONS), order, reason)

    assert answer.json()["cancel_reason"] == reason


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({}, ("reason", "required")),
        ({"reason": "expired"}, ("reason", "invalid_choice")),
        ({"reason": "because"}, ("reason", "invalid_choice")),
        ({"reason": "staff", "refund": True}, ("refund", "nothing_to_refund")),
    ],
)
def test_staff_do_not_cancel_without_one_of_the_reasons(body, problem):
    order = placed(guest(), ("SHIRT", 1), total="2000.00")

    answer = act(staff(Role.ADMIN), f"/staff/orders/{order['number']}/cancel", body)

    assert answer.status_code == 400
    assert problems(answer) == [problem]
    assert Order.objects.get().status == "pending"


@pytest.mark.parametrize("body", [{"reason": 5}, {"reason": "a\u0007"}, {"why": "x"}, []])
def test_a_customers_reason_is_plain_text(body):
    ada = customer()
    order = placed(ada, ("SHIRT", 1), total="2000.00")

    assert cancel(ada, order, body).status_code == 400
    assert Order.objects.get().status == "pending"


# Placing for payment online takes a gateway; what expires is tried on the service.


EXPIRING = "shop.orders.services.cancel_order"


def expiring(minutes=-1, **changes):
    order = placed(guest(), ("SHIRT", 2), total="3500.00", **changes)
    Order.objects.filter(number=order["number"]).update(
        payment_method="online", expires_at=clock.now() + timedelta(minutes=minutes)
    )
    return order["number"]


def test_online_orders_expire_when_their_time_to_pay_is_over_and_no_others():
    overdue = expiring(-1)
    in_time = expiring(+1)
    by_transfer = placed(guest(), ("SHIRT", 2), total="3500.00")["number"]

    expired = services.expire_orders(at=clock.now())

    assert expired == 1
    states = dict(Order.objects.values_list("number", "status"))
    assert states == {overdue: "cancelled", in_time: "pending", by_transfer: "pending"}
    assert Order.objects.get(number=overdue).cancel_reason == "expired"
    assert available("SHIRT") == 6


def test_an_order_that_money_arrived_for_does_not_expire():
    number = expiring(-1)
    record_payment(
        number=number,
        amount=Decimal("1.00"),
        channel=Channel.CASH,
        reference="R-1",
        at=clock.now(),
    )

    assert services.expire_orders(at=clock.now()) == 0
    assert Order.objects.get().status == "pending"


def test_orders_that_money_arrived_for_keep_no_others_from_expiring(monkeypatch):
    monkeypatch.setattr(sys.modules[EXPIRING], "EXPIRED_AT_A_TIME", 1)
    partly_paid, overdue = expiring(-2), expiring(-1)
    record_payment(
        number=partly_paid,
        amount=Decimal("1.00"),
        channel=Channel.CASH,
        reference="R-1",
        at=clock.now(),
    )

    assert services.expire_orders(at=clock.now()) == 1
    assert Order.objects.get(number=overdue).status == "cancelled"


def shipped_already(number, monkeypatch):
    order = Order.objects.filter(number=number)
    let_pay_on_delivery(number)
    order.update(status="confirmed")
    ship(number, ("SHIRT", 1))
    order.update(status="pending")


def locked_by_somebody(number, monkeypatch):
    module = sys.modules[EXPIRING]
    release = module.release_stock

    def held_up(*, source, **kwargs):
        if source == number:
            raise OperationalError("canceling statement due to lock timeout")
        release(source=source, **kwargs)

    monkeypatch.setattr(module, "release_stock", held_up)


@pytest.mark.parametrize("hold_up", [shipped_already, locked_by_somebody])
def test_an_order_that_cannot_be_cancelled_now_does_not_keep_the_others(hold_up, monkeypatch):
    stuck, fine = expiring(-2), expiring(-1)
    hold_up(stuck, monkeypatch)

    expired = services.expire_orders(at=clock.now())

    assert expired == 1
    assert dict(Order.objects.values_list("number", "status")) == {
        stuck: "pending",
        fine: "cancelled",
    }


def test_the_job_that_runs_every_minute_expires_orders(run_jobs):
    expiring(-1)
    run_jobs()

    tasks.expire.defer()
    names = run_jobs()

    assert names == ["orders.expire", "mail.deliver"]
    assert Order.objects.get().status == "cancelled"
    entry = AuditEntry.objects.of(Order.objects.get()).first()
    assert (entry.source, entry.actor_kind, entry.command) == ("job", "system", "orders.expire")
