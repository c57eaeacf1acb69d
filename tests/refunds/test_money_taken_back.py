"""Money that has gone another way is not given back once more."""

from functools import partial

import pytest

from mdv.accounts.roles import Role
from mdv.kernel import clock
from refunds import services
from refunds.models import Refund
from refunds.services import leave_refund_event
from refunds.services.look_times import LOST_AFTER
from refunds.states import RefundWorklist
from shop.payments.models import GatewayEvent
from shop.payments.states import EventOutcome, Provider, Subject
from tests.orders.ordering import guest, placed
from tests.refunds.refunding import (
    FAILED,
    SUCCEEDED,
    apply,
    everything,
    execute,
    later,
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


class TestWhatWasAgreedToBefore:
    """The bank takes the money back while the refund still waits for its provider."""

    @pytest.fixture
    def agreed(self, order, admin):
        (refund,) = request(order, wish(goodwill="8000.00"), by=admin)
        return refund

    def test_its_provider_is_not_asked_before_the_exception_is_settled(
        self, payment, admin, agreed, gateway
    ):
        exception = charge_back(payment, "8000.00")

        assert execute(agreed).state == "approved"
        assert services.execute_waiting_refunds(at=later()) == 0

        assert (gateway.asked, now(agreed).state) == ([], "approved")
        leave_refund_event(event_id=exception.pk, note="won", user_id=admin, at=clock.now())
        assert (execute(agreed).state, len(gateway.asked)) == ("succeeded", 1)

    def test_nor_asked_again_for_what_never_got_there(self, payment, admin, agreed, gateway):
        gateway.answers = ["unreachable"]
        execute(agreed)
        exception = charge_back(payment, "8000.00")

        services.look_up_refund(number=agreed.number, at=clock.now() + LOST_AFTER)

        assert (len(gateway.asked), now(agreed).state) == (1, "unknown")
        leave_refund_event(event_id=exception.pk, note="won", user_id=admin, at=clock.now())
        services.look_up_refund(number=agreed.number, at=clock.now() + 2 * LOST_AFTER)
        assert (len(gateway.asked), now(agreed).state) == (2, "succeeded")

    def test_nor_does_anybody_transfer_it_at_the_bank(self, order, payment, admin):
        (by_hand,) = request(order, ALL, by=admin)
        to_transfer = partial(Refund.objects.on_worklist, RefundWorklist.TO_TRANSFER)
        assert list(to_transfer()) == [by_hand]

        exception = charge_back(payment, "8000.00")

        assert list(to_transfer()) == []
        leave_refund_event(event_id=exception.pk, note="won", user_id=admin, at=clock.now())
        assert list(to_transfer()) == [by_hand]
