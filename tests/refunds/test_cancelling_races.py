"""An order that is cancelled by a plan while something else happens to it: real threads."""

from collections import Counter

import pytest

from mdv.kernel import clock
from refunds.models import Refund
from shop.orders.models import Order
from shop.payments.models import Payment
from tests.fulfilment.packing import level, pack
from tests.refunds.cancelling import cancel, look
from tests.refunds.refunding import pay_online, person, plan, request, wish
from tests.refunds.test_refund_races import assert_books_balance, at_once, codes, paid_order
from tests.refunds.test_refund_races import shop as shop  # noqa: PLC0414

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 4


def by_plan(number, by, refund):
    """Cancel by the plan as it is now, when it is called."""
    seen = look(number, refund=refund, by=by).plan_hash
    return lambda: cancel(number, refund=refund, by=by, plan_hash=seen)


def state(number):
    order = Order.objects.get(number=number)
    payments = Payment.objects.filter(order=order)
    return (
        order.status,
        sum(one.captured for one in payments),
        sum(one.refund_committed for one in payments),
    )


def code(result):
    return getattr(result, "code", "")


@pytest.mark.parametrize("refund", [True, False])
def test_of_eight_who_cancel_by_one_plan_one_does(shop, refund):
    by = person()
    number, _ = paid_order()

    results = at_once([by_plan(number, by, refund)] * 8)

    assert codes(results) == {"CancelledOrder": 1, "plan_has_changed": 7}
    assert Refund.objects.count() == (1 if refund else 0)
    assert level("COAT") == (100, 0, 100)
    assert_books_balance()


def test_of_two_who_answer_differently_one_is_done(shop):
    by = person()
    for _ in range(ROUNDS):
        number, _ = paid_order()

        yes, no = at_once([by_plan(number, by, True), by_plan(number, by, False)])

        assert (code(yes), code(no), state(number)) in {
            ("", "plan_has_changed", ("cancelled", 10000, 10000)),
            ("plan_has_changed", "", ("cancelled", 10000, 0)),
        }
    assert_books_balance()


def test_money_that_arrives_meanwhile_is_in_the_plan_or_still_here(shop):
    by = person()
    for _ in range(ROUNDS):
        number, _ = paid_order()

        cancelled, paid = at_once(
            [by_plan(number, by, True), lambda number=number: pay_online(number, "7.00")]
        )

        assert isinstance(paid, Payment)
        assert (code(cancelled), state(number)) in {
            ("", ("cancelled", 10007, 10000)),
            ("plan_has_changed", ("confirmed", 10007, 0)),
        }
    assert_books_balance()


def test_a_parcel_that_is_packed_meanwhile_is_seen_first_or_not_packed(shop):
    by = person()
    for _ in range(ROUNDS):
        number, _ = paid_order()

        cancelled, packed = at_once(
            [by_plan(number, by, True), lambda number=number: pack(number, ("COAT", 1))]
        )

        assert (code(cancelled), code(packed), state(number)[0]) in {
            ("", "not_to_be_packed", "cancelled"),
            ("plan_has_changed", "", "confirmed"),
        }
    assert_books_balance()


def test_a_refund_that_is_asked_for_meanwhile_is_one_of_the_two(shop):
    by = person()
    wanted = wish(goodwill="6000.00")
    for _ in range(ROUNDS):
        number, _ = paid_order()
        seen = plan(number, wanted, by=by).plan_hash

        cancelled, asked = at_once(
            [
                by_plan(number, by, True),
                lambda number=number, seen=seen: request(number, wanted, by=by, plan_hash=seen),
            ]
        )

        assert (code(cancelled), code(asked), state(number)) in {
            ("", "exceeds_refundable", ("cancelled", 10000, 10000)),
            ("plan_has_changed", "", ("confirmed", 10000, 6000)),
        }
    assert_books_balance()


def test_many_orders_that_are_cancelled_at_once_all_are(shop):
    by = person()
    numbers = [paid_order()[0] for _ in range(8)]

    results = at_once([by_plan(number, by, True) for number in numbers])

    assert codes(results) == {"CancelledOrder": 8}
    assert Counter(Refund.objects.values_list("state", flat=True)) == {"approved": 8}
    assert level("COAT") == (100, 0, 100)
    assert Order.objects.filter(cancelled_at__lte=clock.now()).count() == 8
    assert_books_balance()
