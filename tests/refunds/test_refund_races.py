"""The same money, wanted by many at the same moment: real threads on real connections."""

from collections import Counter
from decimal import Decimal
from functools import partial

import pytest
from django.db import IntegrityError, connection, transaction

from mdv.accounts.roles import Role
from mdv.kernel import clock
from mdv.ops.reconcile import check_invariants
from refunds import services
from refunds.models import CreditNote, Refund
from shop.payments.models import Payment
from tests.orders.ordering import deliver_everywhere, guest, placed, sell
from tests.refunds.refunding import (
    CANCEL,
    apply,
    execute,
    later,
    money,
    now,
    pay_online,
    person,
    plan,
    request,
    told_of,
    used_today,
    wish,
)
from tests.refunds.test_refund_books import insert
from tests.threads import at_once as start_at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop(transactional_db):
    deliver_everywhere("500.00")
    sell("COAT", "1900.00", stock=100)


def paid_order():
    """The number of an order that came to 10,000, and its payment."""
    number = placed(guest(), ("COAT", 5), total="10000.00")["number"]
    return number, pay_online(number, "10000.00")


def assert_books_balance():
    assert [outcome for outcome in check_invariants() if not outcome.holds] == []


def at_once(functions):
    """Run functions at once, each waiting for the others for as long as it takes."""

    def patiently(function):
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = 0")
            cursor.execute("SET statement_timeout = 0")
        return function()

    return start_at_once([partial(patiently, function) for function in functions])


def codes(results):
    """How often each refusal, or each kind of result, came of it."""
    return Counter(getattr(result, "code", type(result).__name__) for result in results)


def test_of_twenty_who_want_6000_of_10000_one_gets_it_and_the_others_hear_what_is_left(shop):
    number, payment = paid_order()
    admin = person()
    wanted = wish(goodwill="6000.00")
    seen = plan(number, wanted, by=admin).plan_hash

    results = at_once([lambda: request(number, wanted, by=admin, plan_hash=seen)] * 20)

    assert codes(results) == {"list": 1, "exceeds_refundable": 19}
    refusals = [result for result in results if not isinstance(result, list)]
    assert {refusal.members["left"] for refusal in refusals} == {"4000.00"}
    assert money(payment) == (10000, 6000, 0)
    assert used_today(admin) == 6000
    assert_books_balance()


def test_past_every_service_the_database_lets_one_of_two_promises_through(shop):
    _, payment = paid_order()
    person()

    def promise():
        with transaction.atomic():
            insert(payment, "6000.00")
            Payment.objects.filter(pk=payment.pk).update(refund_committed=6000)

    results = at_once([promise] * 8)

    refused = [result for result in results if result is not None]
    assert len(refused) == 7
    assert all(isinstance(result, IntegrityError) for result in refused)
    assert Refund.objects.count() == 1
    assert_books_balance()


def test_a_days_limit_holds_for_refunds_of_many_orders_at_once(shop):
    limits = services.Limits(
        max_per_refund=Decimal(1900), max_per_day=Decimal(5700), may_goodwill=True
    )
    services.change_policy(role=Role.OPERATIONS, limits=limits)
    by = person(Role.OPERATIONS)
    orders = [paid_order()[0] for _ in range(8)]
    wanted = wish(("COAT", 1, CANCEL))
    seen = {number: plan(number, wanted, by=by).plan_hash for number in orders}

    results = at_once(
        [
            lambda number=number: request(number, wanted, by=by, plan_hash=seen[number])
            for number in orders
        ]
    )

    assert codes(results) == {"list": 3, "plan_has_changed": 5}
    refusals = [result for result in results if not isinstance(result, list)]
    told = [refusal.members["plan"]["approval"] for refusal in refusals]
    assert [(one["is_required"], one["exceeded"]) for one in told] == [(True, "per_day")] * 5
    assert used_today(by) == 5700
    assert_books_balance()


def test_a_refund_that_many_have_executed_is_asked_for_once(shop, gateway):
    number, payment = paid_order()
    (refund,) = request(number, wish(goodwill="6000.00"), by=person())

    results = at_once([lambda: execute(refund)] * 8)

    assert codes(results) == {"Refund": 8}
    assert gateway.asked == [refund.key]
    assert money(payment) == (10000, 6000, 6000)
    assert_books_balance()


def test_notice_look_up_and_answer_at_once_book_it_once(shop, gateway):
    number, payment = paid_order()
    gateway.answers = ["lost"]
    (refund,) = request(number, wish(goodwill="6000.00"), by=person())
    execute(refund)
    fact = told_of(now(refund))

    results = at_once(
        [
            lambda: apply(fact, payment),
            lambda: services.look_up_refund(number=refund.number, at=clock.now()),
            lambda: services.settle_refund(number=refund.number, fact=fact, at=clock.now()),
        ]
        * 3
    )

    assert codes(results) == {"AppliedFact": 3, "Refund": 6}
    assert money(payment) == (10000, 6000, 6000)
    assert CreditNote.objects.count() == 1
    assert_books_balance()


def test_what_never_got_there_is_asked_for_again_by_one(shop, gateway):
    number, _ = paid_order()
    gateway.answers = ["unreachable"]
    (refund,) = request(number, wish(goodwill="6000.00"), by=person())
    execute(refund)
    much_later = later() + services.LOST_AFTER

    at_once([lambda: services.look_up_refund(number=refund.number, at=much_later)] * 8)

    assert gateway.asked == [refund.key] * 2
    assert now(refund).state == "succeeded"


def test_a_refund_that_is_cancelled_and_executed_at_once_does_one_of_the_two(shop, gateway):
    by = person()
    for _ in range(3):
        number, payment = paid_order()
        (refund,) = request(number, wish(goodwill="6000.00"), by=by)

        given_up, executed = at_once(
            [
                lambda refund=refund: services.cancel_refund(
                    number=refund.number, user_id=by, at=clock.now()
                ),
                lambda refund=refund: execute(refund),
            ]
        )

        assert isinstance(executed, Refund)
        ended = (getattr(given_up, "code", ""), now(refund).state, money(payment)[1])
        assert ended in {("", "cancelled", 0), ("invalid_transition", "succeeded", 6000)}
    assert_books_balance()


def test_refunds_of_many_orders_that_succeed_at_once_have_credit_notes_without_a_gap(shop, gateway):
    by = person()
    refunds = [request(paid_order()[0], wish(goodwill="100.00"), by=by)[0] for _ in range(8)]

    at_once([lambda refund=refund: execute(refund) for refund in refunds])

    places = CreditNote.objects.order_by("place").values_list("place", flat=True)
    assert list(places) == list(range(1, 9))
    assert_books_balance()
