"""A refund of one article for two reasons, that failed: all of it fits again, or none."""

import pytest
from django.db import connection

from mdv.kernel import clock
from refunds import services
from tests.fulfilment.packing import deliver
from tests.refunds.refunding import (
    NONE,
    RETURN,
    apply,
    everything,
    execute,
    money,
    now,
    refunded_lines,
    request,
    told_of,
    wish,
)
from tests.refunds.returning import AS_NEW, approved, receive


def at_commit():
    """Have the database look at everything as it does at COMMIT."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@pytest.fixture
def failed(order, admin, gateway):
    """One shirt that came back and one that was kept, of which the provider refused the money."""
    deliver(order, ("SHIRT", 2))
    receive(approved(order, ("SHIRT", 1)), ("SHIRT", 1, AS_NEW, True))
    gateway.answers = ["refused"]
    (refund,) = request(order, wish(("SHIRT", 1, RETURN), ("SHIRT", 1, NONE)), by=admin)
    return execute(refund)


@pytest.fixture
def instead(order, admin, failed):
    """The one that was kept was refunded otherwise: each reason fits alone, and not both."""
    (refund,) = request(order, wish(("SHIRT", 1, NONE)), by=admin)
    return execute(refund)


def test_it_is_not_tried_again_once_one_of_them_was_refunded_otherwise(
    order, admin, instead, failed
):
    before = everything()

    with pytest.raises(services.ExceedsRefundable):
        services.retry_refund(
            number=failed.number, version=failed.version, user_id=admin, at=clock.now()
        )

    assert everything() == before


def test_if_it_went_after_all_the_money_is_booked_as_from_outside(order, payment, instead, failed):
    told = apply(told_of(failed), payment)
    at_commit()

    assert (told.outcome, told.refund.source, told.refund.amount) == ("applied", "external", 3000)
    assert now(failed).state == "failed"
    assert (money(payment), refunded_lines(order)) == ((8000, 4500, 4500), [("SHIRT", 1500)])


def test_as_long_as_both_fit_it_is_booked_itself(order, payment, failed):
    told = apply(told_of(failed), payment)
    at_commit()

    assert (told.outcome, now(failed).state) == ("applied", "succeeded")
    assert (money(payment), refunded_lines(order)) == ((8000, 3000, 3000), [("SHIRT", 3000)])
