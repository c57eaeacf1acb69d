"""What the database itself refuses of refunds, whoever writes."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import F

from mdv.kernel import clock
from refunds.models import CreditNote, Refund, RefundLine
from shop.orders.models import Order, OrderLine
from shop.payments.models import Payment
from tests.fulfilment.test_books import refused
from tests.orders.ordering import guest, placed
from tests.refunds.refunding import (
    CANCEL,
    NONE,
    RETURN,
    execute,
    pay_online,
    person,
    request,
    wish,
)
from tests.refunds.returning import AS_NEW, approved, receive


def insert(payment, amount="1500.00", **changes):
    """Write a refund past every service."""
    by = person()
    fields = {
        "number": f"RF-{Refund.objects.count()}",
        "order_id": payment.order_id,
        "payment": payment,
        "currency": payment.currency,
        "amount": Decimal(amount),
        "goodwill": Decimal(amount),
        "reason": "other",
        "state": "approved",
        "method": "gateway",
        "source": "staff",
        "requested_by_id": by,
        "requested_at": clock.now(),
        "approval_required": False,
        "approved_by_id": by,
        "approved_at": clock.now(),
    }
    return Refund.objects.create(**{**fields, **changes})


def promise(payment, amount):
    Payment.objects.filter(pk=payment.pk).update(
        refund_committed=F("refund_committed") + Decimal(amount)
    )


def add_line(refund, quantity, amount, restock=CANCEL, **changes):
    line = OrderLine.objects.filter(order_id=refund.order_id).first()
    OrderLine.objects.filter(pk=line.pk).update(refunded=F("refunded") + Decimal(amount))
    return RefundLine.objects.create(
        refund=refund,
        order_line=line,
        quantity=quantity,
        amount=Decimal(amount),
        restock=restock,
        **changes,
    )


class TestMoney:
    def test_a_payment_shows_its_refunds(self, payment):
        with refused("payment_shows_its_refunds"):
            insert(payment)
        with refused("payment_shows_its_refunds"):
            promise(payment, "1500.00")

    def test_no_payment_gives_back_more_than_came(self, payment):
        with pytest.raises(IntegrityError, match="refunds_never_exceed"), transaction.atomic():
            promise(payment, "8000.01")

    def test_money_that_went_is_shown_on_its_payment(self, order, payment, admin, gateway):
        (refund,) = request(order, wish(goodwill="100.00"), by=admin)
        execute(refund)

        with refused("payment_shows_its_refunds"):
            Payment.objects.update(refunded=0)
            Order.objects.update(refunded_total=0)

    def test_a_refund_is_the_sum_of_its_parts(self, payment):
        with refused("refund_is_the_sum_of_its_parts"):
            insert(payment, goodwill=Decimal(1499))
            promise(payment, "1500.00")
        with refused("refund_is_the_sum_of_its_parts"):
            refund = insert(payment)
            promise(payment, "1500.00")
            OrderLine.objects.update(qty_cancelled=1)
            add_line(refund, 1, "1500.00")

    def test_shipping_is_given_back_once(self, order, payment, admin):
        request(order, wish(shipping="300.00"), by=admin)

        with refused("shipping_is_given_back_once"):
            insert(payment, "300.00", goodwill=0, shipping=Decimal(300))
            promise(payment, "300.00")

    def test_a_refund_is_of_its_own_orders_payment_and_currency(self, payment):
        other = placed(guest(), ("SHIRT", 1), total="2000.00")["number"]
        theirs = pay_online(other, "2000.00")
        with pytest.raises(IntegrityError, match="own order"), transaction.atomic():
            insert(theirs, order_id=payment.order_id)
        with pytest.raises(IntegrityError, match="own order"), transaction.atomic():
            insert(payment, currency="USD")

    @pytest.mark.parametrize("amount", ["0.00", "-1.00"])
    def test_a_refund_is_of_money(self, payment, amount):
        with pytest.raises(IntegrityError), transaction.atomic():
            insert(payment, amount)


class TestLines:
    def test_an_order_line_shows_its_refunds(self, order, admin):
        request(order, wish(("SHIRT", 1, CANCEL)), by=admin)

        for wrong in ("0.00", "1499.99", "1500.01"):
            with refused("order_line_shows_its_refunds"):
                OrderLine.objects.update(refunded=Decimal(wrong))

    @pytest.mark.parametrize("restock", [CANCEL, RETURN])
    def test_units_that_were_not_given_up_are_not_refunded_as_such(self, payment, restock):
        with refused("no_more_is_refunded_than_was_paid_for"):
            refund = insert(payment, goodwill=0)
            promise(payment, "1500.00")
            add_line(refund, 1, "1500.00", restock)

    def test_what_never_left_is_not_refunded_as_kept(self, payment):
        with refused("no_more_is_refunded_than_was_paid_for"):
            refund = insert(payment, goodwill=0)
            promise(payment, "1500.00")
            add_line(refund, 1, "1500.00", NONE)

    @pytest.mark.parametrize(
        ("units", "more"),
        [(6, {}), (1, {"withheld": Decimal("6000.01")}), (1, {"tax": Decimal("0.01")})],
        ids=["units", "what is withheld", "tax"],
    )
    def test_of_what_left_no_more_is_refunded_than_was_paid(self, number, units, more):
        payment = Payment.objects.get(order__number=number)
        with refused("no_more_is_refunded_than_was_paid_for"):
            refund = insert(payment, goodwill=0, method="manual")
            promise(payment, "1500.00")
            add_line(refund, units, "1500.00", NONE, **more)

    def test_of_what_left_all_that_was_paid_may_be_refunded(self, number):
        payment = Payment.objects.get(order__number=number)
        refund = insert(payment, goodwill=0, method="manual")
        promise(payment, "1500.00")
        add_line(refund, 5, "1500.00", NONE, withheld=Decimal("6000.00"))

        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

        assert OrderLine.objects.get().refunded == Decimal("1500.00")

    def test_of_a_return_no_more_is_refunded_than_came(self, number):
        returned = approved(number, ("SHIRT", 2))
        receive(returned, ("SHIRT", 1, AS_NEW, True))
        receive(approved(number, ("SHIRT", 1)), ("SHIRT", 1, AS_NEW, True))
        payment = Payment.objects.get(order__number=number)
        with refused("no_more_is_refunded_than_came_back"):
            refund = insert(
                payment,
                "3000.00",
                goodwill=0,
                method="manual",
                of_return=payment.order.returns.get(number=returned),
            )
            promise(payment, "3000.00")
            add_line(refund, 2, "3000.00", RETURN)

    def test_a_line_joins_before_the_money_is_on_its_way(self, order, admin, gateway):
        (refund,) = request(order, wish(goodwill="100.00"), by=admin)
        execute(refund)

        with pytest.raises(IntegrityError, match="as they were asked for"), transaction.atomic():
            add_line(refund, 1, "0.00", NONE)

    def test_cancelled_units_are_not_taken_back_once_they_are_refunded(self, order, admin):
        request(order, wish(("SHIRT", 1, CANCEL)), by=admin)

        with refused("no_more_is_refunded_than_was_paid_for"):
            OrderLine.objects.update(qty_cancelled=0)


class TestFacts:
    @pytest.fixture
    def done(self, order, admin, gateway):
        (refund,) = request(order, wish(("SHIRT", 1, CANCEL)), by=admin)
        return execute(refund)

    @pytest.mark.parametrize(
        "change",
        [
            {"state": "failed", "settled_at": None},
            {"provider_id": "re_other"},
            {"amount": 1},
            {"approved_by": None},
            {"plan_hash": ""},
        ],
    )
    def test_what_succeeded_stays_as_it_is(self, done, change):
        with pytest.raises(DatabaseError), transaction.atomic():
            Refund.objects.filter(pk=done.pk).update(**change)

    def test_nothing_of_it_is_deleted(self, done, order, admin):
        (other,) = request(order, wish(goodwill="100.00"), by=admin)
        for row in (done.credit_note, done.lines.get(), other):
            with pytest.raises(DatabaseError), transaction.atomic():
                row.delete()

    def test_what_was_asked_for_is_not_changed_on_the_way(self, order, admin):
        (refund,) = request(order, wish(goodwill="100.00"), by=admin)
        for change in ({"amount": 90}, {"goodwill": 90}, {"approval_required": True}):
            with pytest.raises(IntegrityError, match="as it is for good"), transaction.atomic():
                Refund.objects.filter(pk=refund.pk).update(**change)

    def test_success_has_a_credit_note(self, payment):
        with refused("refund_that_succeeded_has_a_credit_note"):
            insert(payment, state="succeeded", provider_id="re_1", settled_at=clock.now())
            Payment.objects.update(refund_committed=1500, refunded=1500)
            Order.objects.update(refunded_total=1500)

    def test_a_credit_note_leaves_no_gap_and_is_of_money_that_went(self, done, order, admin):
        (waiting,) = request(order, wish(goodwill="100.00"), by=admin)
        year = done.credit_note.year

        def note(refund, place):
            number = f"CN-{year}-{place:06d}"
            fields = {"issued_at": clock.now(), "seller_name": "S", "buyer_email": "b@example.com"}
            CreditNote.objects.create(
                refund=refund, number=number, year=year, place=place, **fields
            )

        with pytest.raises(IntegrityError, match="does not follow"), transaction.atomic():
            note(waiting, 3)
        with pytest.raises(IntegrityError, match="did not succeed"), transaction.atomic():
            note(waiting, 2)

    @pytest.mark.parametrize(
        "change",
        [
            {"state": "lost"},
            {"state": "processing"},
            {"state": "succeeded", "settled_at": clock.now()},
            {"settled_at": clock.now()},
            {"method": "manual", "state": "unknown", "asked_at": clock.now()},
            {"method": "manual", "state": "succeeded", "settled_at": clock.now()},
        ],
    )
    def test_no_state_is_without_what_belongs_to_it(self, order, admin, change):
        request(order, wish(goodwill="100.00"), by=admin)

        with pytest.raises(IntegrityError), transaction.atomic():
            Refund.objects.update(**change)
