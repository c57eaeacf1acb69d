"""What customers are written to about an order: once per change, after commit, with the naira."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core import mail as outgoing
from django.db import transaction
from django.test import Client

from mdv.accounts.roles import Role
from mdv.kernel import clock
from mdv.mail.models import Mail
from mdv.mail.quiet import quietly
from mdv.store.services import update_store_settings
from shop.orders.letters import write_placed
from shop.orders.models import Order
from shop.orders.services import cancel_order, confirm_pay_on_delivery, expire_orders
from shop.orders.states import CancelReason
from tests.orders.ordering import (
    act,
    deliver_everywhere,
    guest,
    make_coupon,
    order_of,
    place,
    placed,
    sell,
    staff,
)
from tests.orders.test_invoices import pay

pytestmark = pytest.mark.django_db

BANK = "Maison Ltd\nExample Bank\nAccount 0000000001"


@pytest.fixture(autouse=True)
def _shop(db):
    deliver_everywhere("500.00")
    sell("SHIRT", "1500.00", stock=50)
    update_store_settings(bank_details=BANK, pickup_address="1 Marina, Lagos")


def order(**changes):
    return placed(guest(), ("SHIRT", 1), total="2000.00", **changes)["number"]


def kinds():
    return list(Mail.objects.order_by("id").values_list("kind", flat=True))


def the_mail(kind):
    found = Mail.objects.get(kind=kind)
    assert found.to == "guest@example.com"
    assert "&#" not in found.text
    return found


def lines_of(found):
    return [line for line in found.text.splitlines() if line]


class TestPlaced:
    def test_it_says_what_was_ordered_and_how_to_pay(self, run_jobs):
        number = order()

        names = run_jobs()

        assert names == ["orders.mail_placed", "mail.deliver"]
        found = the_mail("order_placed")
        assert found.subject == f"Your order {number}"
        assert lines_of(found) == [
            f"Thank you for your order {number} at Maison.",
            "1 × Shirt: ₦1,500.00",
            "Shipping: ₦500.00",
            "Total: ₦2,000.00",
            f"Please transfer ₦2,000.00 to this account and name {number}:",
            *BANK.splitlines(),
        ]
        (message,) = outgoing.outbox
        html = message.alternatives[0].content
        for part in ["1 × Shirt", "₦1,500.00", "Example Bank<br>", number]:
            assert part in html
        assert (found.about, found.about_id) == (
            "orders.Order",
            str(Order.objects.get(number=number).pk),
        )

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            (
                {"payment_method": "cash_on_delivery"},
                "Please have ₦2,000.00 in cash ready when the goods are delivered.",
            ),
            (
                {
                    "payment_method": "pay_at_pickup",
                    "delivery_method": "pickup",
                    "shipping_address": None,
                    "total": "1500.00",
                },
                "Please pay ₦1,500.00 when you collect the goods at 1 Marina, Lagos.",
            ),
        ],
    )
    def test_each_way_of_paying_has_its_words(self, run_jobs, changes, said):
        wanted = {"total": "2000.00", **changes}
        placed(guest(), ("SHIRT", 1), **wanted)
        run_jobs()

        assert said in lines_of(the_mail("order_placed"))

    def test_one_to_be_paid_online_says_where(self, run_jobs):
        number = order()
        Order.objects.filter(number=number).update(payment_method="online")
        run_jobs()

        (said,) = [line for line in lines_of(the_mail("order_placed")) if "online" in line]
        link = said.removeprefix("Please pay ₦2,000.00 online: http://localhost:8000")
        assert f"Order {number}" in Client().get(link).content.decode()

    def test_without_bank_details_they_are_promised(self, run_jobs):
        update_store_settings(bank_details="")
        number = order()
        run_jobs()

        assert f"Please transfer ₦2,000.00 and name {number}. Our bank details follow." in lines_of(
            the_mail("order_placed")
        )

    def test_one_that_costs_nothing_comes_with_its_invoice(self, run_jobs):
        make_coupon("ALL", "100.00")
        placed(
            guest(),
            ("SHIRT", 1),
            total="0.00",
            coupon="ALL",
            delivery_method="pickup",
            shipping_address=None,
        )
        run_jobs()

        assert kinds() == ["order_placed"]
        text = the_mail("order_placed").text
        assert "There is nothing to pay." in text
        assert "Your invoice: http://localhost:8000/papers/" in text

    def test_what_somebody_typed_is_no_markup(self, run_jobs):
        update_store_settings(bank_details="<script>alert(1)</script>")
        order()
        run_jobs()

        found = the_mail("order_placed")
        assert "<script>" not in found.html
        assert "<script>alert(1)</script>" in found.text

    def test_the_job_that_runs_twice_writes_once(self, run_jobs):
        pk = Order.objects.get(number=order()).pk
        run_jobs()

        write_placed(order_id=pk)

        assert kinds() == ["order_placed"]

    def test_an_order_that_is_cancelled_before_the_job_runs_is_not_confirmed_any_more(
        self, run_jobs
    ):
        cancel_order(number=order(), reason=CancelReason.CUSTOMER, at=clock.now())
        run_jobs()

        assert kinds() == ["order_cancelled"]

    def test_an_order_sent_twice_with_its_key_is_one_mail(self, run_jobs):
        body = order_of(("SHIRT", 1), total="2000.00")
        for _ in range(2):
            assert place(guest(), body, key="the-very-same-key-sent-twice").status_code == 201
        run_jobs()

        assert kinds() == ["order_placed"]

    def test_a_refused_order_is_no_mail(self, run_jobs):
        assert place(guest(), order_of(("SHIRT", 99), total="149000.00")).status_code == 409
        run_jobs()

        assert kinds() == []


class TestPaid:
    def test_the_whole_sum_is_thanked_for_with_receipt_and_invoice(self, run_jobs):
        number = order()
        pay(number, "500.00")
        assert kinds() == []

        pay(number, "1500.00")
        run_jobs()

        found = the_mail("order_paid")
        assert found.subject == f"Your order {number} is paid"
        assert f"₦2,000.00 has arrived, and your order {number} is paid." in found.text
        links = [word for word in found.text.split() if word.startswith("http://")]
        assert len(links) == 2
        for link in links:
            answer = guest().client.get(link.removeprefix("http://localhost:8000"))
            assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
            assert link in found.html

    def test_money_above_it_is_no_second_mail(self):
        number = order()
        pay(number)
        pay(number, "1.00")

        assert kinds() == ["order_paid"]

    def test_one_paid_on_delivery_is_confirmed_first_and_paid_later(self):
        number = order(payment_method="cash_on_delivery")
        clerk = staff(Role.OPERATIONS)
        for _ in range(2):
            act(clerk, f"/staff/orders/{number}/confirm")
        pay(number)

        assert kinds() == ["order_confirmed", "order_paid"]
        text = the_mail("order_confirmed").text
        assert f"Your order {number} is confirmed." in text
        assert "Please have ₦2,000.00 in cash ready" in text
        assert "Your invoice: http://localhost:8000/papers/" in text

    def test_a_payment_that_is_undone_is_no_mail(self, run_jobs):
        number = order()
        run_jobs()
        outgoing.outbox.clear()
        with transaction.atomic():
            pay(number)
            transaction.set_rollback(True)
        run_jobs()

        assert kinds() == ["order_placed"]
        assert outgoing.outbox == []


class TestCancelled:
    @pytest.mark.parametrize(
        ("reason", "said"),
        [
            (CancelReason.CUSTOMER, "You asked for it"),
            (CancelReason.STAFF, "We had to cancel it"),
            (CancelReason.FRAUD, "We could not accept it"),
            (CancelReason.OUT_OF_STOCK, "Something in it is out of stock"),
        ],
    )
    def test_it_says_why_in_plain_words(self, reason, said):
        number = order()
        for _ in range(2):
            cancel_order(number=number, reason=reason, at=clock.now())

        found = the_mail("order_cancelled")
        assert found.subject == f"Your order {number} is cancelled"
        assert said in found.text
        assert "fraud" not in found.text + found.html
        assert "order again" not in found.text

    def test_one_that_was_not_paid_in_time_says_how_to_order_again(self):
        number = order()
        Order.objects.filter(number=number).update(expires_at=clock.now())

        assert expire_orders(at=clock.now() + timedelta(hours=1)) == 1

        found = the_mail("order_cancelled")
        assert "It was not paid in time." in found.text
        assert "order again at http://localhost:8000" in found.text
        assert "order again at" in found.html


@pytest.mark.parametrize("address", ["", "nobody", "a@example.com, b@example.com"])
def test_an_address_that_no_mail_can_go_to_stops_neither_money_nor_stock(run_jobs, address):
    paid, cancelled = order(), order()
    Order.objects.update(email=address)

    pay(paid)
    cancel_order(number=cancelled, reason=CancelReason.STAFF, at=clock.now())
    run_jobs()

    assert kinds() == []
    assert dict(Order.objects.values_list("number", "status")) == {
        paid: "confirmed",
        cancelled: "cancelled",
    }


class TestQuietly:
    def test_history_that_is_written_down_writes_to_nobody(self, run_jobs):
        first, second = order(), order(payment_method="cash_on_delivery")
        run_jobs()
        before = kinds()

        with quietly():
            pay(first)
            confirm_pay_on_delivery(number=second, at=clock.now())
            third = place(guest(), order_of(("SHIRT", 1), total="2000.00")).json()["number"]
            cancel_order(number=third, reason=CancelReason.STAFF, at=clock.now())
        run_jobs()

        assert kinds() == before
        pay(order(), str(Decimal(2000)))
        assert kinds() == [*before, "order_paid"]
