"""More went back than a payment has: what has room is booked, and the rest is written off."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from audit.models import AuditEntry
from mdv.accounts.roles import Role
from mdv.kernel import clock
from mdv.kernel.errors import Forbidden, Invalid, NotFound
from refunds import services
from refunds.models import Refund, WriteOff
from shop.payments.models import GatewayEvent
from shop.payments.services import (
    AlreadySettled,
    NotForThisException,
    apply_waiting_events,
    keep_for_refund,
    leave_as_it_is,
)
from tests.fulfilment.test_books import refused
from tests.orders.ordering import guest, placed
from tests.payments.notices import SECRET
from tests.refunds.refunding import (
    FAILED,
    PENDING,
    apply,
    everything,
    execute,
    money,
    outside,
    pay_online,
    person,
    request,
    told_of,
    wish,
)

# What tells of money that went back, by what becomes of it.
MONEY_BACK = {
    "excess": {},
    "mismatch": {"currency": "USD"},
    "orphan": {"reference": "P-UNKNOWN"},
}


@pytest.fixture
def promised(order, admin, settings):
    """A refund of 7,500 of the payment's 8,000 that is to go by hand."""
    settings.PAYSTACK_SECRET_KEY = SECRET
    (refund,) = request(order, wish(goodwill="7500.00", by_hand=True), by=admin)
    return refund


@pytest.fixture
def excess(payment, promised):
    """A chargeback of 1,000: 500 of it has room."""
    return charged_back(payment, "1000.00")


def charged_back(payment, amount, number="dp_1", **changes):
    facts = {
        "provider": "paystack",
        "fact": f"{number}:succeeded",
        "kind": "charge.dispute.resolve",
        "source": "webhook",
        "subject": "chargeback",
        "reference": payment.reference,
        "refund_number": number,
        "result": "succeeded",
        "amount": Decimal(amount),
        "currency": "NGN",
        "is_live": False,
        "received_at": clock.now(),
    }
    told = GatewayEvent.objects.create(**{**facts, **changes})
    apply_waiting_events(at=clock.now())
    return GatewayEvent.objects.get(pk=told.pk)


def give_up(refund, by):
    services.cancel_refund(number=refund.number, user_id=by, at=clock.now())


def book_rest(event, by):
    return services.book_rest_of_excess(event_id=event.pk, user_id=by, at=clock.now())


def write_off(event, by, reason="The bank keeps it."):
    return services.write_off_excess(event_id=event.pk, reason=reason, user_id=by, at=clock.now())


def leave(event, by):
    return services.leave_refund_event(event_id=event.pk, note="won", user_id=by, at=clock.now())


def again(event):
    return GatewayEvent.objects.get(pk=event.pk)


class TestBookingTheRest:
    def test_what_has_room_by_now_is_booked_and_settles_it(self, payment, promised, excess, admin):
        assert (excess.outcome, money(payment)) == ("excess", (8000, 8000, 500))
        give_up(promised, admin)

        refund = book_rest(excess, admin)

        assert (refund.amount, refund.source, refund.provider_id) == (500, "chargeback", "dp_1/2")
        assert money(payment) == (8000, 1000, 1000)
        assert again(excess).resolution == f"Booked: {refund.number}."
        assert again(excess).resolved_by_id == admin

    def test_without_room_nothing_happens(self, excess, admin):
        before = everything()

        with pytest.raises(services.NoRoom):
            book_rest(excess, admin)

        assert everything() == before
        assert again(excess).is_open_exception

    def test_of_what_is_left_the_rest_may_be_written_off(self, payment, promised, admin):
        excess = charged_back(payment, "9000.00")
        give_up(promised, admin)
        assert book_rest(excess, admin).amount == 7500
        assert again(excess).is_open_exception

        assert write_off(excess, admin).amount == 1000

        assert again(excess).resolution == "NGN 1000.00 written off: The bank keeps it."

    def test_it_may_take_several_parts_each_under_its_own_number(
        self, order, payment, admin, settings
    ):
        settings.PAYSTACK_SECRET_KEY = SECRET
        first, second = (
            request(order, wish(goodwill="4000.00", by_hand=True), by=admin)[0] for _ in range(2)
        )
        excess = charged_back(payment, "8000.00")
        parts = []
        for promised in (first, second):
            give_up(promised, admin)
            parts.append(book_rest(excess, admin))

        assert [part.provider_id for part in parts] == ["dp_1/2", "dp_1/3"]
        assert (money(payment), again(excess).is_open_exception) == ((8000, 8000, 8000), False)

    def test_parts_are_counted_payment_by_payment(self, order, payment, promised, excess, admin):
        give_up(promised, admin)
        other = pay_online(order, "1000.00")
        apply(outside(other, "100.00", provider_id="dp_1"), other)
        apply(outside(other, "100.00", provider_id="dp_1/2"), other)

        refund = book_rest(excess, admin)

        assert (refund.provider_id, refund.amount) == ("dp_1/2", 500)

    def test_what_was_given_back_at_the_provider_is_no_chargeback(self, payment, promised, admin):
        excess = charged_back(payment, "1000.00", "re_1", subject="refund")
        give_up(promised, admin)

        assert book_rest(excess, admin).source == "external"

    def test_only_what_has_gone_is_booked_of_it(self, order, payment, admin, gateway, settings):
        """Ours under the same number had failed, and its money was promised otherwise."""
        settings.PAYSTACK_SECRET_KEY = SECRET
        gateway.answers = [PENDING]
        ours = execute(request(order, wish(goodwill="1000.00"), by=admin)[0])
        services.settle_refund(number=ours.number, fact=told_of(ours, FAILED), at=clock.now())
        request(order, wish(goodwill="8000.00", by_hand=True), by=admin)
        excess = charged_back(payment, "1000.00", ours.provider_id, subject="refund")
        assert (excess.outcome, money(payment)) == ("excess", (8000, 8000, 0))

        assert write_off(excess, admin).amount == 1000

    @pytest.mark.parametrize(
        "other",
        [{"subject": "charge", "refund_number": ""}, {"outcome": "mismatch"}],
        ids=["charge", "mismatch"],
    )
    def test_nothing_else_is_booked_so(self, order, payment, admin, other):
        facts = {"subject": "refund", "outcome": "excess", "refund_number": "re_1", **other}
        event = GatewayEvent.objects.create(
            provider="paystack",
            fact="other",
            payment=payment,
            result="succeeded",
            amount=Decimal(100),
            currency="NGN",
            received_at=clock.now(),
            processed_at=clock.now(),
            **facts,
        )
        before = everything()

        with pytest.raises(NotForThisException):
            book_rest(event, admin)
        with pytest.raises(NotForThisException):
            write_off(event, admin)

        assert everything() == before

    def test_what_is_settled_is_not_booked(self, promised, excess, admin):
        leave(excess, admin)
        give_up(promised, admin)

        with pytest.raises(AlreadySettled):
            book_rest(excess, admin)


class TestWritingOff:
    def test_what_is_missing_is_given_up_and_settles_it(self, order, payment, excess, admin):
        written = write_off(excess, admin)

        assert (written.amount, written.currency, written.payment) == (500, "NGN", payment)
        assert (written.order.number, written.written_by_id) == (order, admin)
        assert money(payment) == (8000, 8000, 500)
        assert not again(excess).is_open_exception
        entry = AuditEntry.objects.get(content_type__model="writeoff")
        assert entry.order_id == written.order_id

    def test_what_is_settled_is_not_written_off(self, excess, admin):
        leave(excess, admin)

        with pytest.raises(AlreadySettled):
            write_off(excess, admin)
        assert not WriteOff.objects.exists()

    def test_nor_is_what_the_books_could_take(self, order, payment, admin, settings):
        settings.PAYSTACK_SECRET_KEY = SECRET
        applied = charged_back(payment, "8000.00")
        late = GatewayEvent.objects.create(
            provider="paystack",
            fact="late",
            outcome="excess",
            payment=payment,
            received_at=clock.now(),
            processed_at=clock.now(),
        )

        with pytest.raises(NotFound):
            write_off(applied, admin)
        with pytest.raises(NotForThisException):
            write_off(late, admin)

    def test_it_needs_a_reason(self, excess, admin):
        with pytest.raises(Invalid):
            write_off(excess, admin, reason=" ")
        assert again(excess).is_open_exception


class TestRights:
    @pytest.mark.parametrize("step", [write_off, leave])
    def test_who_settles_exceptions_gives_no_money_up(self, excess, step):
        before = everything()

        with pytest.raises(Forbidden):
            step(excess, person(Role.OPERATIONS))

        assert everything() == before
        assert again(excess).is_open_exception
        assert not WriteOff.objects.exists()

    @pytest.mark.parametrize("step", [write_off, leave])
    def test_a_supervisor_may(self, excess, step):
        step(excess, person(Role.SUPERVISOR))

        assert not again(excess).is_open_exception

    @pytest.mark.parametrize("role", [Role.OPERATIONS, Role.ADMIN])
    @pytest.mark.parametrize("step", [leave_as_it_is, keep_for_refund])
    @pytest.mark.parametrize("what", MONEY_BACK)
    def test_no_other_way_of_settling_leads_around_it(self, payment, promised, what, step, role):
        event = charged_back(payment, "1000.00", **MONEY_BACK[what])
        assert event.outcome == what

        with pytest.raises(NotForThisException):
            step(event_id=event.pk, note="nothing", user_id=person(role), at=clock.now())

        assert again(event).is_open_exception

    @pytest.mark.parametrize("what", MONEY_BACK)
    def test_money_that_went_back_is_left_by_who_may_write_it_off(self, payment, promised, what):
        event = charged_back(payment, "1000.00", **MONEY_BACK[what])

        with pytest.raises(Forbidden):
            leave(event, person(Role.OPERATIONS))
        assert again(event).is_open_exception

        leave(event, person(Role.SUPERVISOR))
        assert again(event).resolution == "Left as it is: won"

    def test_other_money_is_left_by_who_settles_exceptions(self, order, payment, admin):
        came = charged_back(
            payment, "1000.00", subject="charge", refund_number="", reference="P-UNKNOWN"
        )

        with pytest.raises(NotForThisException):
            leave(came, admin)

        clerk = person(Role.OPERATIONS)
        leave_as_it_is(event_id=came.pk, note="a test", user_id=clerk, at=clock.now())
        assert not again(came).is_open_exception


class TestBooks:
    def write(self, excess, admin, **changes):
        fields = {
            "order_id": excess.payment.order_id,
            "payment_id": excess.payment_id,
            "event": excess,
            "amount": Decimal(500),
            "currency": "NGN",
            "reason": "R1",
            "written_by_id": admin,
            "written_at": clock.now(),
        }
        return WriteOff.objects.create(**{**fields, **changes})

    @pytest.mark.parametrize("changes", [{"amount": Decimal("500.01")}, {"currency": "USD"}])
    def test_no_more_is_written_off_than_is_missing(self, excess, admin, changes):
        with refused("write_off_is_of_what_is_missing"):
            self.write(excess, admin, **changes)

    def test_of_what_was_booked_since_nothing_is(self, promised, excess, admin):
        give_up(promised, admin)
        book_rest(excess, admin)

        with refused("write_off_is_of_what_is_missing"):
            self.write(excess, admin, amount=Decimal(1))

    def test_it_is_of_the_events_own_payment_and_order(self, order, excess, admin):
        other = placed(guest(), ("SHIRT", 1), total="2000.00")["number"]
        theirs = pay_online(other, "2000.00")
        for changes in ({"order_id": theirs.order_id}, {"payment_id": theirs.pk}):
            with refused("write_off_is_of_what_is_missing"):
                self.write(excess, admin, **changes)

    def test_it_is_of_an_exception_that_is_open(self, excess, admin):
        leave(excess, admin)

        with refused("write_off_is_of_what_is_missing"):
            self.write(excess, admin)

    @pytest.mark.parametrize(
        ("changes", "name"),
        [
            ({"amount": Decimal(0)}, "write_off_is_positive"),
            ({"amount": Decimal(-1)}, "write_off_is_positive"),
            ({"reason": ""}, "write_off_has_a_reason"),
        ],
    )
    def test_it_is_of_money_and_says_why(self, excess, admin, changes, name):
        with refused(name):
            self.write(excess, admin, **changes)

    def test_an_exception_has_one(self, excess, admin):
        self.write(excess, admin, amount=Decimal(300))

        with refused("refunds_writeoff_event_id_key"):
            self.write(excess, admin, amount=Decimal(200))

    def test_it_is_a_fact(self, excess, admin):
        written = write_off(excess, admin)

        with pytest.raises(DatabaseError, match="are facts"), transaction.atomic():
            WriteOff.objects.update(reason="other")
        with pytest.raises(DatabaseError, match="are facts"), transaction.atomic():
            written.delete()


def test_refunds_may_be_agreed_to_again_once_it_is_settled(order, promised, excess, admin):
    give_up(promised, admin)
    with pytest.raises(services.MoneyTakenBack):
        request(order, wish(goodwill="1.00"), by=admin)
    book_rest(excess, admin)

    assert request(order, wish(goodwill="1.00"), by=admin)
    assert Refund.objects.count() == 4
