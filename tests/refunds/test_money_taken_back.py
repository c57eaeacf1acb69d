"""Money that has gone another way is not given back once more."""

import pytest

from mdv.accounts.roles import Role
from mdv.kernel import clock
from refunds import services
from refunds.services import leave_refund_event
from shop.payments.models import GatewayEvent
from shop.payments.states import EventOutcome, Provider, Subject
from tests.orders.ordering import guest, placed
from tests.refunds.refunding import (
    FAILED,
    SUCCEEDED,
    apply,
    everything,
    money,
    now,
    outside,
    pay_online,
    person,
    request,
    wish,
)

ALL = wish(goodwill="8000.00", by_hand=True)


def charge_back(payment, amount):
    """Have the bank take money back, and what is not booked of it wait among the exceptions."""
    told = apply(outside(payment, amount, is_chargeback=True), payment)
    return write_event(payment, outcome=told.outcome)


def write_event(payment, **changes):
    facts = {
        "provider": Provider.PAYSTACK,
        "fact": "dispute-1:succeeded",
        "kind": "charge.dispute.resolve",
        "subject": Subject.CHARGEBACK,
        "result": SUCCEEDED,
        "payment": payment,
        "outcome": EventOutcome.EXCESS,
        "received_at": clock.now(),
        "processed_at": clock.now(),
    }
    return GatewayEvent.objects.create(**{**facts, **changes})


def test_not_by_giving_up_a_promise_and_asking_anew(order, payment, admin):
    (promised,) = request(order, ALL, by=admin)
    open_exception = charge_back(payment, "8000.00")
    assert open_exception.outcome == EventOutcome.EXCESS
    services.cancel_refund(number=promised.number, user_id=admin, at=clock.now())
    before = everything()

    with pytest.raises(services.MoneyTakenBack):
        request(order, ALL, by=admin)

    assert everything() == before
    leave_refund_event(event_id=open_exception.pk, note="won", user_id=admin, at=clock.now())
    assert request(order, ALL, by=admin)


def test_not_by_agreeing_to_what_was_asked_for_before(order, payment, admin):
    supervisor = person(Role.SUPERVISOR)
    services.change_policy(
        role=Role.SUPERVISOR,
        limits=services.Limits(max_per_refund=1, max_per_day=1, may_goodwill=True),
    )
    (asked,) = request(order, ALL, by=supervisor)
    charge_back(payment, "8000.00")

    with pytest.raises(services.MoneyTakenBack):
        services.approve_refund(
            number=asked.number, version=asked.version, user_id=admin, at=clock.now()
        )

    assert (now(asked).state, money(payment)) == ("requested", (8000, 8000, 0))


def test_what_the_books_could_take_stops_nothing(order, payment, admin):
    assert charge_back(payment, "1000.00").outcome == EventOutcome.APPLIED

    assert request(order, wish(goodwill="7000.00"), by=admin)


@pytest.mark.parametrize(
    "changes",
    [{"result": FAILED}, {"subject": Subject.CHARGE}],
    ids=["no money went", "money came"],
)
def test_nor_does_an_exception_of_other_news(order, payment, admin, changes):
    assert write_event(payment, **changes).is_open_exception

    assert request(order, wish(goodwill="7000.00"), by=admin)


def test_nor_does_money_of_another_payment(order, payment, admin):
    other = placed(guest(), ("SHIRT", 1), total="2000.00")["number"]
    write_event(pay_online(other, "2000.00"))

    assert request(order, wish(goodwill="7000.00"), by=admin)
