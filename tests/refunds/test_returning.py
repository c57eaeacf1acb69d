"""From the door back to the shelf: what each step does to returns, orders and stock."""

from datetime import timedelta
from itertools import product

import pytest

from mdv.kernel import clock
from mdv.kernel.errors import Invalid, NotFound
from mdv.kernel.states import InvalidTransition
from mdv.store.services import store_settings
from refunds import services
from refunds.models import Return, ReturnLine, ReturnReceipt
from refunds.states import RETURN, ReturnSource, ReturnState
from shop.fulfilment.services import return_to_sender
from shop.stock.models import StockMovement
from tests.fulfilment.packing import cash_order, counts, deliver, level, paid, pay, ship, status_of
from tests.orders.ordering import sell
from tests.refunds.returning import (
    AS_NEW,
    DAMAGED,
    USED,
    approve,
    approved,
    ask,
    bring,
    delivered,
    everything,
    receive,
    state_of,
    units,
)

REQUESTED, APPROVED, REJECTED, RECEIVING, CLOSED, EXPIRED, CANCELLED = ReturnState
STEPS = {
    (REQUESTED, APPROVED),
    (REQUESTED, REJECTED),
    (REQUESTED, CANCELLED),
    (APPROVED, RECEIVING),
    (APPROVED, EXPIRED),
    (APPROVED, CANCELLED),
    (RECEIVING, CLOSED),
}


def take(returned, state):
    """Ask for the step that leads to a state."""
    now = clock.now()
    match state:
        case ReturnState.APPROVED:
            approve(returned)
        case ReturnState.REJECTED:
            services.reject_return(number=returned, answer="Worn", at=now)
        case ReturnState.CLOSED:
            services.close_return(number=returned, at=now)
        case ReturnState.CANCELLED:
            services.cancel_return(number=returned, at=now)


@pytest.mark.parametrize(("now", "new"), list(product(ReturnState, repeat=2)))
def test_a_return_takes_exactly_the_listed_steps_and_may_stay_where_it_is(now, new):
    assert RETURN.allows(now, new) is (now == new or (now, new) in STEPS)


@pytest.mark.parametrize(
    ("now", "new"), list(product(ReturnState, [APPROVED, REJECTED, CLOSED, CANCELLED]))
)
def test_every_step_in_every_state_is_taken_refused_or_changes_nothing(number, now, new):
    returned = bring(number, now)
    before = everything()

    if (now, new) in STEPS:
        take(returned, new)
        assert state_of(returned) == new
        return
    if now == new:
        take(returned, new)
    else:
        with pytest.raises(InvalidTransition):
            take(returned, new)
    assert everything() == before


@pytest.mark.parametrize("now", [REQUESTED, REJECTED, CLOSED, EXPIRED, CANCELLED])
def test_only_what_is_agreed_to_is_received(number, now):
    returned = bring(number, now)
    before = everything()

    with pytest.raises(InvalidTransition):
        receive(returned, ("SHIRT", 1, AS_NEW, True))

    assert everything() == before


def test_of_three_that_were_asked_for_two_come_and_one_of_them_is_damaged(number):
    returned = approved(number, ("SHIRT", 3))
    assert level() == (5, 0, 5)

    receive(returned, ("SHIRT", 1, AS_NEW, True), ("SHIRT", 1, DAMAGED, False))

    assert state_of(returned) == RECEIVING
    assert units(returned) == [(3, 3, 2, 1)]
    assert ReturnLine.objects.get().refundable_quantity == 2
    assert level() == (6, 0, 6)
    assert counts(number) == [(0, 5, 5, 2)]
    last = StockMovement.objects.order_by("seq").last()
    assert (last.kind, last.d_on_hand, last.d_reserved) == ("return", 1, 0)
    assert (last.source, last.reason) == (number, returned)
    receipts = ReturnReceipt.objects.order_by("id")
    assert [(one.quantity, one.condition, one.is_restocked) for one in receipts] == [
        (1, "as_new", True),
        (1, "damaged", False),
    ]


def test_what_is_all_damaged_moves_no_stock(number):
    returned = approved(number, ("SHIRT", 2))

    receive(returned, ("SHIRT", 2, DAMAGED, False))

    assert level() == (5, 0, 5)
    assert not StockMovement.objects.filter(kind="return").exists()
    assert counts(number) == [(0, 5, 5, 2)]


class TestAsking:
    def test_it_holds_what_was_asked_for_and_why(self, number):
        returned = Return.objects.get(number=ask(number, ("SHIRT", 2), note="Too small"))

        assert returned.number.startswith("R-")
        assert (returned.state, returned.reason, returned.note) == (
            "requested",
            "does_not_fit",
            "Too small",
        )
        assert units(returned.number) == [(2, 0, 0, 0)]
        assert counts(number) == [(0, 5, 5, 0)]

    def test_no_more_comes_back_than_was_delivered(self, number):
        before = everything()

        with pytest.raises(services.MoreThanWasDelivered) as refused:
            ask(number, ("SHIRT", 6))

        assert refused.value.members == {
            "lines": [{"sku": "SHIRT", "requested": 6, "returnable": 5}]
        }
        assert everything() == before

    @pytest.mark.parametrize(
        ("state", "left"),
        [
            (REQUESTED, 3),
            (APPROVED, 3),
            (REJECTED, 5),
            (RECEIVING, 3),
            (CLOSED, 4),  # one of two came
            (EXPIRED, 5),
            (CANCELLED, 5),
        ],
    )
    def test_other_returns_take_what_they_may_still_bring(self, number, state, left):
        bring(number, state)

        with pytest.raises(services.MoreThanWasDelivered) as refused:
            ask(number, ("SHIRT", left + 1))
        assert refused.value.members["lines"][0]["returnable"] == left

        assert state_of(ask(number, ("SHIRT", left))) == REQUESTED

    def test_what_is_on_its_way_or_came_back_by_itself_is_not_returned(self, shirts):
        number = paid(("SHIRT", 5), total="8000.00")
        deliver(number, ("SHIRT", 1))
        return_to_sender(number=ship(number, ("SHIRT", 2)), restock=None, at=clock.now())
        ship(number, ("SHIRT", 2))

        with pytest.raises(services.MoreThanWasDelivered) as refused:
            ask(number, ("SHIRT", 2))

        assert refused.value.members["lines"][0]["returnable"] == 1

    def test_customers_may_within_the_window_and_staff_any_time(self, number):
        window = timedelta(days=store_settings().return_window_days)
        late = clock.now() + window + timedelta(minutes=1)
        before = everything()

        with pytest.raises(services.ReturnWindowIsOver) as refused:
            ask(number, ("SHIRT", 1), source=ReturnSource.CUSTOMER, at=late)
        assert refused.value.members["lines"] == [{"sku": "SHIRT", "requested": 1, "returnable": 0}]
        assert everything() == before

        in_time = late - timedelta(minutes=2)
        ask(number, ("SHIRT", 1), source=ReturnSource.CUSTOMER, at=in_time)
        ask(number, ("SHIRT", 1), source=ReturnSource.STAFF, at=late)

    @pytest.mark.parametrize(
        ("lines", "problem"),
        [
            ([], ("lines", "required")),
            ([("HAT", 1)], ("lines.0.sku", "not_in_order")),
            ([("SHIRT", 1), ("SHIRT", 1)], ("lines.1.sku", "repeated")),
            ([("SHIRT", 0)], ("lines.0.quantity", "min_value")),
        ],
    )
    def test_what_makes_no_sense_is_not_asked_for(self, number, lines, problem):
        with pytest.raises(Invalid) as refused:
            ask(number, *lines)

        assert [(one.field, one.code) for one in refused.value.problems] == [problem]
        assert not Return.objects.exists()

    def test_of_an_order_that_is_not_there_nothing_is_returned(self, db):
        with pytest.raises(NotFound):
            ask("M-NOTHERE", ("SHIRT", 1))


class TestApproving:
    def test_less_than_was_asked_for_can_be_agreed_to(self, number):
        returned = ask(number, ("SHIRT", 3))

        approve(returned, ("SHIRT", 2), answer="The third is worn.")

        found = Return.objects.get(number=returned)
        assert (found.state, found.answer) == ("approved", "The third is worn.")
        assert found.expires_at == found.decided_at + services.APPROVAL_LASTS
        assert units(returned) == [(3, 2, 0, 0)]
        ask(number, ("SHIRT", 3))  # the third is free again

    @pytest.mark.parametrize(
        ("lines", "problem"),
        [
            ([("HAT", 1)], ("lines.0.sku", "not_in_return")),
            ([("SHIRT", 1), ("SHIRT", 1)], ("lines.1.sku", "repeated")),
            ([("SHIRT", 4)], ("lines.0.quantity", "max_value")),
            ([("SHIRT", 1)], ("lines", "incomplete")),
            ([("SHIRT", 0), ("MUG", 0)], ("lines", "nothing_approved")),
        ],
    )
    def test_what_makes_no_sense_is_not_agreed_to(self, shirts, lines, problem):
        sell("MUG", "300.00", stock=4)
        number = delivered(("SHIRT", 5), ("MUG", 1), total="8300.00")
        returned = ask(number, ("SHIRT", 3), ("MUG", 1))
        before = everything()

        with pytest.raises(Invalid) as refused:
            approve(returned, *lines)

        assert [(one.field, one.code) for one in refused.value.problems] == [problem]
        assert everything() == before

    def test_agreeing_again_to_something_else_is_not_swallowed(self, number):
        returned = approved(number, ("SHIRT", 3))
        before = everything()

        approve(returned, ("SHIRT", 3))
        with pytest.raises(services.AlreadyApproved):
            approve(returned, ("SHIRT", 2))

        assert everything() == before

    def test_who_rejects_says_why(self, number):
        returned = ask(number, ("SHIRT", 3))

        with pytest.raises(Invalid) as refused:
            services.reject_return(number=returned, answer=" ", at=clock.now())

        assert [(one.field, one.code) for one in refused.value.problems] == [("answer", "required")]
        assert state_of(returned) == REQUESTED


class TestReceiving:
    def test_what_comes_in_two_parcels_is_received_twice(self, number):
        returned = approved(number, ("SHIRT", 3))

        receive(returned, ("SHIRT", 1, AS_NEW, True))
        receive(returned, ("SHIRT", 1, AS_NEW, True), ("SHIRT", 1, USED, True))

        assert units(returned) == [(3, 3, 3, 3)]
        assert counts(number) == [(0, 5, 5, 3)]
        assert level() == (8, 0, 8)

    def test_the_same_count_of_the_same_version_is_one(self, number):
        returned = approved(number, ("SHIRT", 3))
        came = [("SHIRT", 1, AS_NEW, True), ("SHIRT", 1, DAMAGED, False)]
        receive(returned, *came, version=2)
        before = everything()

        again = receive(returned, *reversed(came), version=2)

        assert again.version == 3
        assert everything() == before
        services.close_return(number=returned, at=clock.now())
        assert receive(returned, *came, version=2).state == CLOSED

    def test_another_count_of_a_version_that_is_gone_is_refused(self, number):
        returned = approved(number, ("SHIRT", 3))
        receive(returned, ("SHIRT", 1, AS_NEW, True), version=2)
        before = everything()

        for version in (1, 2):
            with pytest.raises(services.ReturnHasChanged) as refused:
                receive(returned, ("SHIRT", 2, AS_NEW, True), version=version)
            assert refused.value.members == {"version": 3}

        assert everything() == before

    @pytest.mark.parametrize(
        ("came", "problem"),
        [
            ([], ("lines", "required")),
            ([("SHIRT", 0, AS_NEW, True)], ("lines.0.quantity", "min_value")),
            ([("HAT", 1, AS_NEW, True)], ("lines", "not_in_return")),
            (
                [("SHIRT", 2, AS_NEW, True), ("SHIRT", 1, USED, False)],
                ("lines", "more_than_awaited"),
            ),
        ],
    )
    def test_what_is_not_waited_for_does_not_come(self, number, came, problem):
        returned = ask(number, ("SHIRT", 3))
        approve(returned, ("SHIRT", 2))
        before = everything()

        with pytest.raises(Invalid) as refused:
            receive(returned, *came)

        assert [(one.field, one.code) for one in refused.value.problems] == [problem]
        assert everything() == before

    def test_who_sends_back_before_paying_owes_only_what_they_keep(self, shirts):
        number = cash_order(("SHIRT", 2), total="3500.00")
        deliver(number)
        pay(number, "2000.00")
        assert status_of(number) == "confirmed"

        receive(approved(number, ("SHIRT", 1)), ("SHIRT", 1, DAMAGED, False))

        assert status_of(number) == "completed"


class TestEnding:
    def test_what_did_not_come_may_be_asked_for_again(self, number):
        returned = approved(number, ("SHIRT", 5))
        receive(returned, ("SHIRT", 2, AS_NEW, True))

        services.close_return(number=returned, at=clock.now())

        assert state_of(ask(number, ("SHIRT", 3))) == REQUESTED

    def test_only_approvals_whose_time_is_over_expire(self, number):
        old, new, came = (approved(number, ("SHIRT", 1)) for _ in range(3))
        Return.objects.exclude(number=new).update(expires_at=clock.now())
        receive(came, ("SHIRT", 1, AS_NEW, True))

        assert services.expire_returns(at=clock.now()) == 1
        assert services.expire_returns(at=clock.now()) == 0

        assert [state_of(one) for one in (old, new, came)] == [EXPIRED, APPROVED, RECEIVING]

    def test_a_return_is_given_up_only_by_its_own_order(self, number):
        returned = ask(number, ("SHIRT", 1))

        with pytest.raises(NotFound):
            services.cancel_return(number=returned, order="M-OTHER", at=clock.now())

        assert state_of(returned) == REQUESTED
