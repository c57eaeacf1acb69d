"""Invoices: one per firm order, numbered without gaps within the year, never changed."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
import time_machine
from django.db import IntegrityError, transaction

from audit.models import AuditEntry
from mdv.accounts.roles import Role
from mdv.kernel import clock
from mdv.ops.reconcile import check_invariants
from mdv.store.services import update_store_settings
from shop.orders.models import Invoice, Order
from shop.orders.services import cancel_order
from shop.orders.states import CancelReason
from shop.payments.services import record_payment
from shop.payments.states import Channel
from tests.orders.ordering import (
    LAGOS,
    act,
    deliver_everywhere,
    guest,
    make_coupon,
    placed,
    sell,
    staff,
)
from tests.threads import at_once

ORDER_TOTAL = "2000.00"
THIS_YEAR = datetime(2026, 11, 21, tzinfo=UTC)


def open_shop(stock=50):
    deliver_everywhere("500.00")
    sell("SHIRT", "1500.00", stock=stock)


def order(**changes):
    return placed(guest(), ("SHIRT", 1), total=ORDER_TOTAL, **changes)["number"]


def pay(number, amount=ORDER_TOTAL, *, at=THIS_YEAR):
    return record_payment(
        number=number,
        accept_excess=True,
        amount=Decimal(amount),
        channel=Channel.BANK_TRANSFER,
        reference=f"TRF {number} {amount}",
        at=at,
    )


def numbers():
    return list(Invoice.objects.order_by("id").values_list("number", flat=True))


@pytest.mark.django_db
class TestIssuing:
    @pytest.fixture(autouse=True)
    def _shop(self, db):
        open_shop()

    def test_an_order_gets_its_invoice_when_it_is_paid_and_not_before(self):
        number = order()
        pay(number, "1999.99")
        assert numbers() == []

        pay(number, "0.01")

        invoice = Invoice.objects.get()
        assert (invoice.order.number, invoice.number) == (number, "INV-2026-000001")
        assert invoice.issued_at == THIS_YEAR

    def test_money_that_comes_later_makes_no_second_invoice(self):
        number = order()
        pay(number)
        pay(number, "1.00")

        assert numbers() == ["INV-2026-000001"]

    def test_an_order_paid_on_delivery_gets_it_when_staff_agree(self):
        number = order(payment_method="cash_on_delivery")
        clerk = staff(Role.OPERATIONS)

        with time_machine.travel(THIS_YEAR, tick=False):
            for _ in range(2):
                assert act(clerk, f"/staff/orders/{number}/confirm").status_code == 200

        assert numbers() == ["INV-2026-000001"]

    def test_an_order_worth_nothing_gets_it_when_it_is_placed(self):
        make_coupon("ALL", "100.00")
        with time_machine.travel(THIS_YEAR, tick=False):
            placed(
                guest(),
                ("SHIRT", 1),
                total="0.00",
                coupon="ALL",
                delivery_method="pickup",
                shipping_address=None,
            )

        assert numbers() == ["INV-2026-000001"]

    def test_an_order_cancelled_unpaid_has_none(self):
        cancel_order(number=order(), reason=CancelReason.STAFF, at=clock.now())

        assert numbers() == []

    def test_each_year_starts_anew(self):
        pay(order(), at=datetime(2026, 12, 31, 23, 59, tzinfo=UTC))
        pay(order(), at=datetime(2026, 12, 31, 23, 59, tzinfo=UTC))
        pay(order(), at=datetime(2027, 1, 1, 0, 0, tzinfo=UTC))

        assert numbers() == ["INV-2026-000001", "INV-2026-000002", "INV-2027-000001"]

    def test_the_year_is_that_of_the_stores_own_clock(self, settings):
        settings.TIME_ZONE = "Africa/Lagos"  # an hour before UTC

        pay(order(), at=datetime(2026, 12, 31, 23, 30, tzinfo=UTC))

        assert numbers() == ["INV-2027-000001"]

    def test_a_payment_that_is_undone_gives_the_number_back(self):
        first, second = order(), order()
        with transaction.atomic():
            pay(first)
            transaction.set_rollback(True)

        pay(second)

        assert [(i.order.number, i.number) for i in Invoice.objects.all()] == [
            (second, "INV-2026-000001")
        ]


@pytest.mark.django_db
class TestFacts:
    @pytest.fixture(autouse=True)
    def _shop(self, db):
        open_shop()

    def test_who_sold_and_who_bought_stays_as_it_was(self):
        update_store_settings(
            legal_name="Maison Ltd", tax_id="TIN 1", address="1 Marina", invoice_footer="Thanks."
        )
        number = order()
        pay(number)

        update_store_settings(legal_name="Other Ltd", tax_id="", address="", invoice_footer="")
        Order.objects.filter(number=number).update(name="Somebody else")

        invoice = Invoice.objects.get()
        assert (invoice.seller_name, invoice.seller_tax_id) == ("Maison Ltd", "TIN 1")
        assert (invoice.seller_address, invoice.footer) == ("1 Marina", "Thanks.")
        assert (invoice.buyer_name, invoice.buyer_email) == ("Ada Obi", "guest@example.com")
        assert invoice.buyer_address == LAGOS

    def test_a_shop_without_a_legal_name_sells_under_its_own(self, settings):
        settings.STORE_NAME = "Maison"
        pay(order())

        assert Invoice.objects.get().seller_name == "Maison"

    def test_the_trail_says_that_it_was_issued_and_keeps_no_address_twice(self):
        pay(order())

        entry = AuditEntry.objects.get(content_type__model="invoice")
        assert (entry.event, entry.object_repr) == ("created", "INV-2026-000001")
        assert entry.order_id == Invoice.objects.get().order_id
        assert not [name for name in entry.changes if name.startswith("buyer")]


@pytest.mark.django_db
class TestTheDatabaseRefuses:
    @pytest.fixture(autouse=True)
    def _shop(self, db):
        open_shop()
        pay(order())
        self.other = Order.objects.get(number=order())

    def forge(self, **changes):
        wanted = {"number": "INV-2026-000002", "year": 2026, "place": 2, **changes}
        Invoice.objects.create(
            order=self.other,
            issued_at=THIS_YEAR,
            seller_name="Eve",
            buyer_email="eve@example.com",
            **wanted,
        )

    @pytest.mark.parametrize(
        "changes",
        [
            {"place": 3, "number": "INV-2026-000003"},
            {"place": 1, "number": "INV-2026-000001"},
            {"year": 2025},
            {"number": "INV-2026-000007"},
            {"number": "INV-2026-2"},
        ],
        ids=["gap", "double", "other year", "other number", "short"],
    )
    def test_a_number_that_does_not_follow(self, changes):
        with pytest.raises(IntegrityError, match="does not follow"), transaction.atomic():
            self.forge(**changes)

        assert numbers() == ["INV-2026-000001"]

    def test_a_number_that_follows_is_taken(self):
        self.forge()

        assert numbers() == ["INV-2026-000001", "INV-2026-000002"]

    def test_to_change_or_delete_what_was_issued(self):
        with pytest.raises(IntegrityError, match="are facts"), transaction.atomic():
            Invoice.objects.update(seller_name="Eve")
        with pytest.raises(IntegrityError, match="are facts"), transaction.atomic():
            Invoice.objects.all().delete()

        assert Invoice.objects.get().seller_name == "Maison"


@pytest.mark.django_db(transaction=True)
def test_forty_payments_at_once_of_which_some_are_undone_leave_no_gap():
    open_shop()
    waiting = [order() for _ in range(40)]

    def pay_some(part):
        for place, number in enumerate(part):
            with transaction.atomic():
                pay(number)
                if place % 5 < 2:  # 40 %
                    transaction.set_rollback(True)

    results = at_once([lambda start=start: pay_some(waiting[start::4]) for start in range(4)])

    assert results == [None] * 4
    assert numbers() == [f"INV-2026-{place:06d}" for place in range(1, 25)]
    assert [one for one in check_invariants() if not one.holds] == []
