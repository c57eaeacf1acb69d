"""What no row of refunds may be, whoever writes it: each rule is named by the refusal."""

from decimal import Decimal

import pytest
from django.db import connection

from mdv.accounts.roles import Role
from mdv.kernel import clock
from refunds.models import CreditNote, Refund, RefundAllowance, RefundLine, RefundPolicy, Return
from shop.orders.models import OrderLine
from tests.fulfilment.test_books import refused
from tests.orders.ordering import guest, placed, sell
from tests.refunds.refunding import CANCEL, RETURN, execute, request, wish
from tests.refunds.returning import approved, delivered
from tests.refunds.test_refund_books import insert


def take_away_trigger(table, name):
    """Switch a trigger off until the test is rolled back: the rule behind it stands alone."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname LIKE %s",
            [table, f"pgtrigger_{name}%"],
        )
        ((trigger,),) = cursor.fetchall()
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")


class TestRefunds:
    @pytest.mark.parametrize(
        ("changes", "name"),
        [
            ({"goodwill": Decimal(1501), "shipping": Decimal(-1)}, "refund_parts_are_not_negative"),
            ({"goodwill": Decimal(-1), "shipping": Decimal(1501)}, "refund_parts_are_not_negative"),
            ({"method": "cash"}, "refund_method_is_known"),
            ({"source": "robot"}, "refund_source_is_known"),
            ({"reason": "whim"}, "refund_reason_is_known"),
            ({"requested_by_id": None}, "refund_is_asked_for_by_somebody"),
            ({"approved_at": None}, "refund_is_paid_only_once_somebody_agreed"),
            ({"approved_by_id": None}, "refund_is_paid_only_once_somebody_agreed"),
            (
                {"approval_required": True},
                "refund_that_needs_approval_is_approved_by_somebody_else",
            ),
            ({"settled_at": clock.now()}, "refund_has_succeeded_at_a_moment"),
        ],
    )
    def test_it_is_whole(self, payment, changes, name):
        with refused(name):
            insert(payment, **changes)

    def test_nobody_agrees_to_their_own_past_the_services_either(self, order, admin):
        RefundPolicy.objects.update(max_per_refund=1)
        (asked,) = request(order, wish(goodwill="100.00"), by=admin)
        assert asked.state == "requested"

        with refused("refund_that_needs_approval_is_approved_by_somebody_else"):
            Refund.objects.filter(pk=asked.pk).update(
                state="approved", approved_by_id=admin, approved_at=clock.now()
            )

    def test_each_has_a_number_of_its_own(self, payment, order, admin):
        (first,) = request(order, wish(goodwill="100.00"), by=admin)

        with refused("refunds_refund_number_key"):
            insert(payment, number=first.number)

    def test_it_is_of_a_return_of_its_own_order(self, payment):
        other = delivered(("SHIRT", 1), total="2000.00")
        approved(other, ("SHIRT", 1))

        with refused("refund_is_of_one_order"):
            insert(payment, of_return=Return.objects.get(order__number=other))


ASKED_FOR = {
    "id": 0,
    "number": "RF-OTHER",
    "order_id": 0,
    "payment_id": 0,
    "of_return_id": 0,
    "currency": "USD",
    "amount": 90,
    "shipping": 10,
    "goodwill": 90,
    "reason": "goodwill",
    "note": "Other",
    "source": "cancel",
    "requested_by_id": 0,
    "requested_at": clock.now(),
    "approval_required": True,
    "plan_hash": "other",
}
HOW_IT_WENT = {
    "state": "failed",
    "method": "manual",
    "approved_by_id": 0,
    "approved_at": clock.now(),
    "answer": "Other",
    "attempt": 9,
    "asked_at": clock.now(),
    "provider_id": "re_other",
    "bank_reference": "TRF-9",
    "failure": "Other",
    "settled_at": clock.now(),
}


class TestWhatStays:
    @pytest.mark.parametrize("column", ASKED_FOR)
    def test_nothing_that_was_asked_for_changes(self, order, admin, column):
        (refund,) = request(order, wish(goodwill="100.00"), by=admin)

        with refused("refund_is_what_was_asked_for"):
            Refund.objects.filter(pk=refund.pk).update(**{column: ASKED_FOR[column]})

    @pytest.mark.parametrize("column", HOW_IT_WENT)
    def test_nothing_of_how_it_went_out_changes(self, order, admin, gateway, column):
        done = execute(request(order, wish(goodwill="100.00"), by=admin)[0])

        with refused("refund_that_is_settled_is_a_fact"):
            Refund.objects.filter(pk=done.pk).update(**{column: HOW_IT_WENT[column]})


class TestLines:
    @pytest.fixture
    def asked(self, order, admin):
        (refund,) = request(order, wish(("SHIRT", 1, CANCEL)), by=admin)
        return refund

    def write(self, refund, **changes):
        fields = {
            "refund": refund,
            "order_line": OrderLine.objects.get(order=refund.order_id),
            "quantity": 1,
            "amount": Decimal(100),
            "restock": RETURN,
        }
        RefundLine.objects.create(**{**fields, **changes})

    @pytest.mark.parametrize(
        ("changes", "name"),
        [
            ({"restock": CANCEL}, "one_refund_line_per_line_and_restock"),
            ({"restock": "lost"}, "refund_line_restock_is_known"),
            ({"quantity": 0, "amount": Decimal(0)}, "refund_line_is_for_something"),
            ({"amount": Decimal(-1)}, "refund_line_amounts_are_not_negative"),
            ({"tax": Decimal(-1)}, "refund_line_amounts_are_not_negative"),
            ({"withheld": Decimal(-1)}, "refund_line_amounts_are_not_negative"),
            ({"tax": Decimal("100.01")}, "refund_line_amounts_are_not_negative"),
        ],
    )
    def test_each_is_of_something_and_once(self, asked, changes, name):
        with refused(name):
            self.write(asked, **changes)

    def test_none_is_of_another_order(self, asked):
        sell("MUG", "300.00", stock=4)
        other = placed(guest(), ("MUG", 1), total="800.00")["number"]

        with refused("refund_holds_its_own_orders_lines"):
            self.write(asked, order_line=OrderLine.objects.get(order__number=other))


class TestCreditNotes:
    @pytest.fixture
    def done(self, order, admin, gateway):
        return [
            execute(request(order, wish(goodwill=amount), by=admin)[0])
            for amount in ("100.00", "200.00")
        ]

    def write(self, done, refund, place, number=""):
        year = done[0].credit_note.year
        CreditNote.objects.create(
            refund=refund,
            number=number or f"CN-{year}-{place:06d}",
            year=year,
            place=place,
            issued_at=clock.now(),
            seller_name="S",
            buyer_email="b@example.com",
        )

    def test_a_refund_has_one(self, done):
        with refused("refunds_creditnote_refund_id_key"):
            self.write(done, done[0], 3)

    @pytest.mark.parametrize("place", [2, 4])
    def test_it_is_numbered_by_its_place(self, done, place):
        with refused("credit_note_follows_the_one_before"):
            self.write(done, done[0], place)
        with refused("credit_note_follows_the_one_before"):
            self.write(done, done[0], 3, number=f"CN-{done[0].credit_note.year}-000009")

    @pytest.mark.parametrize(
        ("place", "number", "name"),
        [
            (2, "CN-OTHER", "one_credit_note_per_place_in_its_year"),
            (0, "CN-OTHER", "credit_note_places_start_at_one"),
            (3, "", "refunds_creditnote_number_key"),
        ],
    )
    def test_two_that_are_written_at_once_are_not_alike(self, payment, done, place, number, name):
        """The trigger sees only what is committed; behind it the table itself refuses."""
        (waiting,) = request(
            payment.order.number, wish(goodwill="300.00"), by=done[0].approved_by_id
        )
        take_away_trigger("refunds_creditnote", "credit_note_follows_the_one_before")

        with refused(name):
            self.write(done, waiting, place, number or done[0].credit_note.number)


class TestLimits:
    @pytest.mark.parametrize(
        ("changes", "name"),
        [
            ({"role": "pope"}, "refund_policy_is_for_a_role"),
            ({"role": Role.SUPPORT}, "refunds_refundpolicy_role_key"),
            ({"max_per_refund": 11}, "refund_policy_per_refund_is_at_most_per_day"),
            ({"max_per_refund": -1}, "refund_policy_per_refund_is_at_most_per_day"),
        ],
    )
    def test_a_role_has_limits_that_make_sense_once(self, db, changes, name):
        RefundPolicy.objects.filter(role=Role.SUPERVISOR).delete()
        fields = {"role": Role.SUPERVISOR, "max_per_refund": 10, "max_per_day": 10}

        with refused(name):
            RefundPolicy.objects.create(**{**fields, **changes})

    def test_what_somebody_gave_on_a_day_is_in_one_row_and_not_below_nothing(self, admin):
        today = {"user_id": admin, "day": clock.now().date()}
        RefundAllowance.objects.create(**today)

        with refused("one_refund_allowance_per_person_and_day"):
            RefundAllowance.objects.create(**today)
        with refused("refund_allowance_is_not_negative"):
            RefundAllowance.objects.update(used=Decimal("-0.01"))
