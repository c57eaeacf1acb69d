"""Two people at the same parcel at the same moment: real threads on real connections."""

from collections import Counter

import pytest

from mdv.accounts.roles import Role
from mdv.kernel import clock
from mdv.ops.reconcile import check_invariants
from shop.fulfilment import services
from shop.fulfilment.models import Shipment
from shop.stock.models import StockMovement
from tests.fulfilment.packing import (
    CARRIER,
    cash_order,
    counts,
    level,
    pack,
    paid,
    ready,
    ship,
    status_of,
)
from tests.orders.ordering import deliver_everywhere, sell, staff
from tests.races.crowds import Client, at_once, outcomes
from tests.threads import at_once as in_threads

pytestmark = pytest.mark.django_db(transaction=True)

BACKLOG = 128
ROUNDS = 4


@pytest.fixture
def shop(live_server):
    deliver_everywhere("500.00")
    sell("SHIRT", "1500.00", stock=50)
    live_server.thread.httpd.socket.listen(BACKLOG)
    return live_server


def assert_books_balance():
    assert [outcome for outcome in check_invariants() if not outcome.holds] == []


def codes(results):
    """How often each refusal, or a parcel, came of it."""
    return Counter(getattr(result, "code", type(result).__name__) for result in results)


def test_two_people_who_ship_the_same_order_at_once_make_one_parcel(shop):
    first, second = staff(Role.LOGISTICS), staff(Role.OPERATIONS)
    lines = {"lines": [{"sku": "SHIRT", "quantity": 2}]}

    for body in (None, {}, lines):
        number = paid(("SHIRT", 2), total="3500.00")
        answers = at_once(
            *[
                lambda person=person, number=number, body=body: Client(shop, person.token).act(
                    f"/staff/orders/{number}/shipments", body or {}
                )
                for person in (first, second)
            ]
        )

        assert outcomes(answers) == {"201": 1, "409 nothing_to_pack": 1}
        assert Shipment.objects.filter(order__number=number).count() == 1
    assert_books_balance()


def test_eight_people_who_dispatch_one_parcel_at_once_send_it_once(shop):
    person = staff(Role.LOGISTICS)
    parcel = ready(paid(("SHIRT", 2), total="3500.00"))

    answers = at_once(
        *[
            lambda: Client(shop, person.token).act(
                f"/staff/shipments/{parcel}/dispatch", {"carrier": "GIG"}
            )
            for _ in range(8)
        ]
    )

    assert outcomes(answers) == {"200": 8}
    assert StockMovement.objects.filter(kind="ship").count() == 1
    assert level() == (48, 0, 48)
    assert_books_balance()


def test_two_tracking_numbers_at_once_are_one_and_a_refusal(shop):
    parcel = ready(paid(("SHIRT", 2), total="3500.00"))

    results = in_threads(
        [
            lambda tracking=tracking: services.dispatch_shipment(
                number=parcel, carrier="GIG", tracking=tracking, at=clock.now()
            )
            for tracking in ("ONE", "TWO")
        ]
    )

    assert codes(results) == {"Shipment": 1, "already_dispatched": 1}


def test_eight_people_pack_five_units_five_times(shop):
    number = paid(("SHIRT", 5), total="8000.00")

    results = in_threads([lambda: pack(number, ("SHIRT", 1)) for _ in range(8)])

    assert codes(results) == {"str": 5, "nothing_to_pack": 3}
    assert [shipment.place for shipment in Shipment.objects.order_by("id")] == [1, 2, 3, 4, 5]
    assert_books_balance()


def test_a_parcel_that_is_delivered_and_comes_back_at_once_does_one_of_the_two(shop):
    for _ in range(ROUNDS):
        number = paid(("SHIRT", 2), total="3500.00")
        parcel = ship(number)

        results = in_threads(
            [
                lambda parcel=parcel: services.deliver_shipment(number=parcel, at=clock.now()),
                lambda parcel=parcel: services.return_to_sender(
                    number=parcel, restock=None, at=clock.now()
                ),
            ]
        )

        assert codes(results) == {"Shipment": 1, "invalid_transition": 1}
        assert counts(number) in ([(0, 2, 2, 0)], [(0, 2, 0, 2)])
        assert status_of(number) == "completed"
    assert_books_balance()


def test_an_order_that_is_shipped_and_cancelled_at_once_does_one_of_the_two(shop):
    for _ in range(ROUNDS):
        number = cash_order(("SHIRT", 1), total="2000.00")
        parcel = ready(number)

        shipped, cancelled = in_threads(
            [
                lambda parcel=parcel: services.dispatch_shipment(
                    number=parcel, **CARRIER, at=clock.now()
                ),
                lambda number=number: services.cancel_packed_order(
                    number=number, reason="staff", at=clock.now()
                ),
            ]
        )

        assert (getattr(shipped, "code", ""), getattr(cancelled, "code", "")) in {
            ("", "already_shipped"),
            ("invalid_transition", ""),
        }
    assert_books_balance()


def test_the_last_two_parcels_that_arrive_at_once_complete_their_order(shop):
    for _ in range(ROUNDS):
        number = paid(("SHIRT", 2), total="3500.00")
        parcels = [ship(number, ("SHIRT", 1)) for _ in range(2)]

        in_threads(
            [
                lambda parcel=parcel: services.deliver_shipment(number=parcel, at=clock.now())
                for parcel in parcels
            ]
        )

        assert status_of(number) == "completed"
    assert_books_balance()


def test_parcels_of_opposite_articles_never_block_each_other_for_good(shop):
    sell("MUG", "300.00", stock=50)
    parcels = [
        ready(paid(*lines, total="2300.00"))
        for lines in [[("SHIRT", 1), ("MUG", 1)], [("MUG", 1), ("SHIRT", 1)]] * 4
    ]

    results = in_threads(
        [
            lambda parcel=parcel: services.dispatch_shipment(
                number=parcel, **CARRIER, at=clock.now()
            )
            for parcel in parcels
        ]
    )

    assert codes(results) == {"Shipment": 8}
    assert_books_balance()


def test_two_people_who_send_the_same_hundred_at_once_send_each_once(shop):
    person = staff(Role.LOGISTICS)
    parcels = [ready(paid(("SHIRT", 1), total="2000.00")) for _ in range(10)]
    rows = [{"number": parcel, "carrier": "GIG"} for parcel in parcels]
    body = {"step": "dispatch", "rows": rows}

    answers = at_once(
        *[lambda: Client(shop, person.token).act("/staff/shipments/bulk", body) for _ in range(2)]
    )

    found = [answer.json() for answer in answers]
    assert sum(answer["done"] for answer in found) == 10
    assert sum(answer["refused"] for answer in found) == 0
    assert StockMovement.objects.filter(kind="ship").count() == 10
    assert_books_balance()
