"""The page that the mail about an order leads to, for who pays later or without a storefront."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from mdv.kernel import clock
from shop.orders.mail_links import LASTS, PaperKind, link_to, link_to_pay
from shop.orders.models import Order
from shop.orders.services import cancel_order
from shop.orders.states import CancelReason
from shop.payments.models import Payment
from tests.orders.ordering import deliver_everywhere, guest, placed, sell
from tests.payments.notices import now, online_order

pytestmark = pytest.mark.django_db

HOST = "http://localhost:8000"


@pytest.fixture
def order(db, providers):
    deliver_everywhere("500.00")
    sell("SHIRT", "1500.00", stock=10)
    return online_order(("SHIRT", 1), total="2000.00")


@pytest.fixture
def visitor(db):
    return Client(enforce_csrf_checks=True)


def path_of(order):
    return link_to_pay(Order.objects.get(number=order["number"])).removeprefix(HOST)


def press(visitor, path, provider):
    visitor.get(path)
    token = visitor.cookies["csrftoken"].value
    return visitor.post(path, {"provider": provider, "csrfmiddlewaretoken": token})


def test_it_says_what_is_due_and_where_it_can_be_paid(visitor, order):
    page = visitor.get(path_of(order))

    text = page.content.decode()
    assert page.status_code == 200
    assert "₦2,000.00 is to be paid." in text
    assert re.findall(r'name="provider" value="(\w+)"', text) == ["paystack", "stripe"]
    assert not Payment.objects.exists()


@pytest.mark.parametrize("provider", ["paystack", "stripe"])
def test_a_button_starts_the_payment_and_leads_on(visitor, order, provider, providers):
    page = press(visitor, path_of(order), provider)

    payment = Payment.objects.get()
    assert (payment.provider, payment.amount, payment.state) == (provider, 2000, "initiated")
    assert payment.redirect_url.startswith(providers.url)
    assert page.content.decode().count(payment.redirect_url) == 2  # the link, and by itself


def test_pressed_twice_it_is_the_same_page(visitor, order):
    first, second = (press(visitor, path_of(order), "paystack").content for _ in range(2))

    assert Payment.objects.count() == 1
    url = Payment.objects.get().redirect_url.encode()
    assert url in first
    assert url in second


def test_what_is_paid_by_other_means_is_said_and_has_no_button(visitor, order):
    transfer = placed(guest(), ("SHIRT", 1), total="2000.00")

    page = visitor.get(path_of(transfer)).content.decode()

    assert "We will send you our bank details. Transfer NGN 2000.00" in page
    assert "<button" not in page


def test_a_cancelled_order_has_nothing_to_pay(visitor, order):
    path = path_of(order)
    visitor.get(path)
    cancel_order(number=order["number"], reason=CancelReason.STAFF, at=now(order).created_at)

    page = visitor.get(path).content.decode()
    pressed = visitor.post(
        path, {"provider": "paystack", "csrfmiddlewaretoken": visitor.cookies["csrftoken"].value}
    )

    assert "There is nothing to pay." in page
    assert "<button" not in page
    assert pressed.status_code == 409
    assert not Payment.objects.exists()


def test_a_provider_that_does_not_answer_is_said_and_can_be_tried_again(visitor, order, providers):
    providers.turn("paystack", answer="500")

    refused = press(visitor, path_of(order), "paystack")
    providers.turn("paystack", answer="normal")
    done = press(visitor, path_of(order), "paystack")

    assert refused.status_code == 503
    assert done.status_code == 200
    assert Payment.objects.exclude(redirect_url="").get().redirect_url in done.content.decode()


@pytest.mark.parametrize("provider", ["", "manual", "paypal", "\x00", "paystack" * 100])
def test_another_provider_is_refused(visitor, order, provider):
    assert press(visitor, path_of(order), provider).status_code == 400
    assert not Payment.objects.exists()


def test_without_the_forms_secret_nothing_happens(visitor, order):
    assert visitor.post(path_of(order), {"provider": "paystack"}).status_code == 403
    assert not Payment.objects.exists()


def test_a_link_that_was_changed_or_is_for_something_else_leads_nowhere(visitor, order):
    path = path_of(order)
    paper = link_to(PaperKind.INVOICE, Order.objects.get()).removeprefix(HOST)
    signed = path.removeprefix("/pay/")

    for wrong in (path[:-1], path + "x", "/pay/x", paper.replace("/papers/", "/pay/")):
        assert visitor.get(wrong).status_code == 404
    assert visitor.get(f"/papers/{signed}").status_code == 404


def test_a_link_ends(visitor, order, time_machine):
    path = path_of(order)
    time_machine.move_to(clock.now() + LASTS + timedelta(seconds=1))

    assert visitor.get(path).status_code == 404


def test_nobody_keeps_the_page(visitor, order):
    page = visitor.get(path_of(order))

    assert page["Cache-Control"] == "no-store"
    assert page["Referrer-Policy"] == "same-origin"


@pytest.mark.real_limits
def test_it_is_limited(visitor, order):
    statuses = [press(visitor, path_of(order), "paypal").status_code for _ in range(31)]

    assert statuses == [400] * 30 + [429]
