"""Two people at the same return at the same moment: real threads on real connections."""

from collections import Counter

import pytest

from mdv.accounts.roles import Role
from mdv.kernel import clock
from mdv.ops.reconcile import check_invariants
from refunds import services
from refunds.models import Return, ReturnReceipt
from shop.stock.models import StockMovement
from tests.fulfilment.packing import counts, level
from tests.orders.ordering import deliver_everywhere, sell, staff
from tests.races.crowds import Client, at_once, outcomes
from tests.refunds.returning import AS_NEW, DAMAGED, approved, ask, delivered, receive, units
from tests.threads import at_once as in_threads

pytestmark = pytest.mark.django_db(transaction=True)

BACKLOG = 128
ROUNDS = 3


@pytest.fixture
def shop(live_server):
    deliver_everywhere("500.00")
    sell("SHIRT", "1500.00", stock=50)
    live_server.thread.httpd.socket.listen(BACKLOG)
    return live_server


def assert_books_balance():
    assert [outcome for outcome in check_invariants() if not outcome.holds] == []


def codes(results):
    """How often each refusal, or a return, came of it."""
    return Counter(getattr(result, "code", type(result).__name__) for result in results)


def test_two_people_who_receive_the_same_goods_at_once_count_them_once(shop):
    people = [staff(Role.LOGISTICS), staff(Role.OPERATIONS)]
    number = delivered(("SHIRT", 3), total="5000.00")
    returned = approved(number, ("SHIRT", 3))
    came = {
        "version": 2,
        "lines": [
            {"sku": "SHIRT", "quantity": 1, "condition": "as_new", "restock": True},
            {"sku": "SHIRT", "quantity": 1, "condition": "damaged", "restock": False},
        ],
    }

    answers = at_once(
        *[
            lambda person=person: Client(shop, person.token).act(
                f"/staff/returns/{returned}/receive", came
            )
            for person in people * 3
        ]
    )

    assert outcomes(answers) == {"200": 6}
    assert units(returned) == [(3, 3, 2, 1)]
    assert counts(number) == [(0, 3, 3, 2)]
    assert level() == (48, 0, 48)
    assert StockMovement.objects.filter(kind="return").count() == 1
    assert_books_balance()


def test_two_who_count_differently_are_one_count_and_one_refusal(shop):
    for _ in range(ROUNDS):
        returned = approved(delivered(("SHIRT", 2), total="3500.00"), ("SHIRT", 2))

        results = in_threads(
            [
                lambda returned=returned: receive(returned, ("SHIRT", 1, AS_NEW, True), version=2),
                lambda returned=returned: receive(
                    returned, ("SHIRT", 1, DAMAGED, False), version=2
                ),
            ]
        )

        assert codes(results) == {"Return": 1, "return_has_changed": 1}
        assert ReturnReceipt.objects.filter(line__of_return__number=returned).count() == 1
    assert_books_balance()


def test_eight_who_ask_for_the_same_three_shirts_get_three(shop):
    number = delivered(("SHIRT", 3), total="5000.00")

    results = in_threads([lambda: ask(number, ("SHIRT", 1)) for _ in range(8)])

    assert codes(results) == {"str": 3, "more_than_was_delivered": 5}
    assert_books_balance()


def test_a_return_that_is_received_and_given_up_at_once_does_one_of_the_two(shop):
    for _ in range(ROUNDS):
        returned = approved(delivered(("SHIRT", 1), total="2000.00"), ("SHIRT", 1))

        came, given_up = in_threads(
            [
                lambda returned=returned: receive(returned, ("SHIRT", 1, AS_NEW, True), version=2),
                lambda returned=returned: services.cancel_return(number=returned, at=clock.now()),
            ]
        )

        assert (getattr(came, "code", ""), getattr(given_up, "code", "")) in {
            ("", "invalid_transition"),
            ("return_has_changed", ""),
        }
        assert Return.objects.get(number=returned).state in {"receiving", "cancelled"}
    assert_books_balance()


def test_a_decision_that_two_people_take_differently_at_once_is_one(shop):
    for _ in range(ROUNDS):
        returned = ask(delivered(("SHIRT", 1), total="2000.00"), ("SHIRT", 1))

        results = in_threads(
            [
                lambda returned=returned: services.approve_return(number=returned, at=clock.now()),
                lambda returned=returned: services.reject_return(
                    number=returned, answer="Worn", at=clock.now()
                ),
            ]
        )

        assert codes(results) == {"Return": 1, "invalid_transition": 1}
