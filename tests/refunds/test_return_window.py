"""One line that arrives in two parcels: what is in time is sent back once, and all of it may be."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from mdv.store.models import StoreSettings
from mdv.store.services import store_settings
from refunds import services
from refunds.states import ReturnSource
from shop.fulfilment.services import deliver_shipment
from tests.fulfilment.packing import paid, ship
from tests.refunds.returning import AS_NEW, approve, ask, everything, receive

FIRST_DAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
CUSTOMER, STAFF = ReturnSource.CUSTOMER, ReturnSource.STAFF


@pytest.fixture
def number(shirts):
    """An order of four shirts, of which nothing has been packed."""
    return paid(("SHIRT", 4), total="6500.00")


def day(days):
    return FIRST_DAY + timedelta(days=days)


def bring_two(number, at):
    deliver_shipment(number=ship(number, ("SHIRT", 2)), at=at)


def refused(number, units, *, at):
    """How many may be returned where so many are too much."""
    before = everything()
    with pytest.raises(services.ReturnWindowIsOver) as refusal:
        ask(number, ("SHIRT", units), source=CUSTOMER, at=at)
    assert everything() == before
    (line,) = refusal.value.members["lines"]
    return line["returnable"]


@pytest.fixture
def window():
    assert store_settings().return_window_days == 14


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("window")]


def test_what_came_too_long_ago_is_not_sent_back_as_what_came_lately(number):
    bring_two(number, at=day(0))
    bring_two(number, at=day(20))
    customer_asks = partial(ask, number, source=CUSTOMER)

    customer_asks(("SHIRT", 1), at=day(21))
    assert refused(number, 2, at=day(21)) == 1
    customer_asks(("SHIRT", 1), at=day(21))

    assert refused(number, 1, at=day(21)) == 0


def test_who_sent_the_first_parcel_back_in_time_may_send_back_the_second(number):
    bring_two(number, at=day(0))
    ask(number, ("SHIRT", 2), source=CUSTOMER, at=day(5))
    bring_two(number, at=day(20))

    ask(number, ("SHIRT", 2), source=CUSTOMER, at=day(34))


def test_a_return_while_both_are_in_time_is_of_the_one_that_runs_out_first(number):
    bring_two(number, at=day(0))
    bring_two(number, at=day(10))
    ask(number, ("SHIRT", 2), source=CUSTOMER, at=day(12))

    ask(number, ("SHIRT", 2), source=CUSTOMER, at=day(20))


def test_what_staff_took_back_too_late_is_not_what_came_lately(number):
    bring_two(number, at=day(0))
    bring_two(number, at=day(20))
    ask(number, ("SHIRT", 2), source=STAFF, at=day(21))

    ask(number, ("SHIRT", 2), source=CUSTOMER, at=day(22))


def test_what_did_not_come_back_may_be_asked_for_again(number):
    bring_two(number, at=day(0))
    bring_two(number, at=day(20))
    returned = ask(number, ("SHIRT", 2), source=CUSTOMER, at=day(21))
    approve(returned)
    receive(returned, ("SHIRT", 1, AS_NEW, True))
    services.close_return(number=returned, at=day(22))

    assert refused(number, 2, at=day(23)) == 1
    ask(number, ("SHIRT", 1), source=CUSTOMER, at=day(23))


def test_a_shorter_window_takes_what_was_asked_for_before_from_the_oldest(number):
    bring_two(number, at=day(0))
    ask(number, ("SHIRT", 2), source=CUSTOMER, at=day(12))
    bring_two(number, at=day(20))

    StoreSettings.objects.update(return_window_days=7)

    ask(number, ("SHIRT", 2), source=CUSTOMER, at=day(27))
