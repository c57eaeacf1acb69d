"""Buttons: a page that says what will happen, then one service call, once."""

from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection

from audit.models import AuditEntry
from mdv.accounts.models import User
from mdv.accounts.roles import Role
from mdv.admin.show import show_moment
from shop.catalog.models import Variant
from shop.catalog.services.pictures import render
from shop.orders.models import Order, OrderNote
from shop.payments.models import GatewayEvent
from shop.stock.models import StockItem
from tests.accounts.people import OTHER_PASSWORD, PASSWORD, make_staff
from tests.backoffice.pages import pages_of
from tests.backoffice.shop import browser_of, nonce, subjects
from tests.catalog.shelf import picture
from tests.orders.ordering import let_pay_on_delivery

PAID = {"amount": "2000.00", "channel": "bank_transfer", "reference": "TRX-1"}


def url_of(row, button):
    return f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/{button}/"


def press(browser, row, button, **typed):
    return browser.post(url_of(row, button), {"nonce": nonce(), **typed})


def form_of(browser, row, button):
    """What a button's page shows, as a browser would send it back, and where to."""
    url = url_of(row, button)
    form = browser.get(url).context["form"]
    fields = {field.html_name: field.value() for field in form if field.value() is not None}
    return SimpleNamespace(url=url, fields=fields)


def errors(answer):
    return dict(answer.context["form"].errors)


def test_booking_the_whole_sum_confirms_the_order(shop, operations):
    answer = press(operations, shop.order, "book-payment", **PAID)

    order = Order.objects.get(pk=shop.order.pk)
    assert answer.status_code == 302
    assert (order.status, order.payment_status) == ("confirmed", "paid")
    assert shop.order.payments.get().captured == Decimal("2000.00")


def test_more_than_is_due_is_booked_only_with_a_tick(shop, operations):
    much = {**PAID, "amount": "2500.00"}

    answer = press(operations, shop.order, "book-payment", **much)

    assert answer.status_code == 409
    assert errors(answer) == {
        "accept_excess": ["Only NGN 2,000.00 is due. If more arrived, say so."]
    }
    assert not shop.order.payments.exists()

    ticked = press(operations, shop.order, "book-payment", **much, accept_excess="on")

    assert ticked.status_code == 302
    page = operations.get(ticked["Location"])
    assert page.context["money"][-2:] == [("Due", "NGN 0.00"), ("Overpaid by", "NGN 500.00")]


def test_unexplained_money_is_booked_on_a_paid_order_only_when_somebody_says_so(shop, operations):
    press(operations, shop.order, "book-payment", **PAID)
    named = {"number": shop.order.number}

    refused = press(operations, shop.exception, "apply", **named)

    assert refused.status_code == 409
    assert errors(refused) == {"accept_excess": ["Only NGN 0.00 is due. If more arrived, say so."]}
    assert GatewayEvent.objects.get(pk=shop.exception.pk).is_open_exception

    ticked = press(operations, shop.exception, "apply", **named, accept_excess="on")
    assert ticked.status_code == 302
    assert Order.objects.get(pk=shop.order.pk).payment_status == "overpaid"


def test_looking_at_a_button_does_nothing(shop, admin):
    before = AuditEntry.objects.count()

    for page in pages_of(subjects(shop)):
        if page.action and page.method == "GET":
            assert admin.get(page.url).status_code == 200

    assert AuditEntry.objects.count() == before


def test_a_form_sent_twice_books_once(shop, operations):
    form = {"nonce": nonce(), "text": "Rings twice."}
    url = url_of(shop.order, "note")

    answers = [operations.post(url, form) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert OrderNote.objects.count() == 1
    page = operations.get(answers[1]["Location"]).content.decode()
    assert "This was done already." in page


def test_a_form_without_its_nonce_is_refused(shop, operations):
    answer = operations.post(url_of(shop.order, "note"), {"text": "Hi"})

    assert answer.status_code == 400
    assert not OrderNote.objects.exists()


def test_a_refusal_is_told_on_the_form_with_what_was_typed(shop, operations):
    press(operations, shop.order, "book-payment", **{**PAID, "amount": "500.00"})

    answer = press(operations, shop.order, "book-payment", **PAID)

    assert answer.status_code == 409
    assert errors(answer) == {"__all__": ["A payment with this reference is booked already."]}
    assert 'value="TRX-1"' in answer.content.decode()
    assert shop.order.payments.count() == 1


def test_what_the_database_refuses_is_told_and_nothing_stays(shop, operations, monkeypatch):
    def refuse(**given):
        OrderNote.objects.create(order=shop.order, text="x", author=operations.user)
        raise IntegrityError

    monkeypatch.setattr("shop.orders.services.write_note", refuse)

    answer = press(operations, shop.order, "note", text="Hi")

    assert answer.status_code == 409
    assert not OrderNote.objects.exists()


def test_a_form_without_its_csrf_token_is_refused(shop):
    browser = browser_of(role=Role.OPERATIONS, enforce_csrf_checks=True)

    answer = browser.post(
        url_of(shop.order, "note"),
        {"nonce": nonce(), "text": "Hi"},
        headers={"Accept": "text/html"},
    )

    assert answer.status_code == 403
    assert "The form has expired." in answer.content.decode()
    assert not OrderNote.objects.exists()


@pytest.mark.parametrize(
    ("role", "offered"),
    [
        (Role.OPERATIONS, ["Book payment", "Add note", "Cancel order"]),
        (Role.SUPPORT, ["Add note", "Cancel order"]),
        (Role.LOGISTICS, ["Add note"]),
        (Role.AUDITOR, []),
    ],
)
def test_an_order_offers_only_what_its_state_and_ones_role_allow(shop, role, offered):
    browser = browser_of(role=role)

    page = browser.get(url_of(shop.order, "change"))

    assert [button["label"] for button in page.context["object_actions"]] == offered


def test_support_cannot_cancel_what_is_confirmed(shop, operations):
    let_pay_on_delivery(shop.order.number)
    press(operations, shop.order, "confirm")
    support = browser_of(role=Role.SUPPORT)

    answer = press(support, shop.order, "cancel", reason="staff")

    assert answer.status_code == 409
    assert Order.objects.get(pk=shop.order.pk).status == "confirmed"


@pytest.mark.parametrize("button", ["cancel", "cancel-confirmed"])
def test_what_is_paid_is_not_cancelled_before_somebody_says_what_becomes_of_the_money(
    shop, operations, button
):
    press(operations, shop.order, "book-payment", **PAID)

    answer = press(operations, shop.order, button, reason="staff")

    assert answer.status_code == 400
    assert errors(answer) == {"refund": ["Say whether the money goes back."]}
    assert Order.objects.get(pk=shop.order.pk).status == "confirmed"


def test_a_product_without_variants_is_not_published(shop, operations):
    answer = press(operations, shop.spare_product, "make-active")

    assert answer.status_code == 409
    assert errors(answer)["__all__"][0].startswith("There is no variant to sell")


def test_cancelling_gives_the_stock_back(shop, operations):
    press(operations, shop.order, "cancel", reason="out_of_stock")

    order = Order.objects.get(pk=shop.order.pk)
    assert (order.status, order.cancel_reason) == ("cancelled", "out_of_stock")
    assert StockItem.objects.get(pk=shop.stock.pk).reserved == 0


def test_archiving_what_is_archived_leaves_it_archived(shop, operations):
    for _ in range(2):
        press(operations, shop.variant, "archive")

    assert Variant.objects.get(pk=shop.variant.pk).is_archived


def test_stock_is_not_adjusted_below_what_orders_hold(shop, operations):
    answer = press(operations, shop.stock, "adjust", delta="-10", reason="Counted")

    assert answer.status_code == 409
    assert errors(answer) == {"__all__": ["Orders hold more of this than would be left."]}
    assert StockItem.objects.get(pk=shop.stock.pk).on_hand == 10


def test_a_file_that_is_no_picture_is_refused(shop, operations, tmp_path):
    file = tmp_path / "script.png"
    file.write_text("<svg onload='x()'/>")

    with file.open("rb") as content:
        answer = press(operations, shop.product, "add-picture", picture=content)

    assert answer.status_code == 400
    assert shop.product.images.count() == 2


def test_a_picture_is_added(shop, operations, tmp_path):
    file = tmp_path / "side.png"
    file.write_bytes(picture())

    with file.open("rb") as content:
        answer = press(operations, shop.product, "add-picture", picture=content, alt="Its side")

    assert answer.status_code == 302
    assert shop.product.images.filter(alt="Its side").count() == 1


def test_roles_are_changed_with_ones_own_password_only(shop, admin):
    url = url_of(shop.customer, "roles")

    refused = press(admin, shop.customer, "roles", roles=["support"], password=OTHER_PASSWORD)

    assert refused.status_code == 400
    assert errors(refused) == {"password": ["This is not your password."]}
    assert AuditEntry.objects.filter(event="login_failed").count() == 1
    assert User.objects.get(pk=shop.customer.pk).roles == frozenset()
    assert (
        admin.post(url, {"nonce": nonce(), "roles": ["support"], "password": PASSWORD}).status_code
        == 302
    )
    assert User.objects.get(pk=shop.customer.pk).roles == {Role.SUPPORT}


def test_of_two_tabs_that_change_roles_the_second_is_refused_and_says_who_was_first(shop, admin):
    first, second = (form_of(admin, shop.customer, "roles") for _ in range(2))
    ruth = browser_of(make_staff(Role.ADMIN, email="ruth@example.com"))
    own = {"nonce": nonce(), "password": PASSWORD}

    saved = ruth.post(first.url, {**first.fields, **own, "roles": ["support"]})
    answer = admin.post(second.url, {**second.fields, **own, "roles": ["logistics"]})

    assert (saved.status_code, answer.status_code) == (302, 412)
    changed = AuditEntry.objects.get(event="roles_changed")
    (told,) = errors(answer)["__all__"]
    assert told == (
        "Someone else changed this since you read it. Nothing was saved. "
        f"{show_moment(changed.timestamp)} ruth@example.com changed roles."
    )
    assert User.objects.get(pk=shop.customer.pk).roles == {Role.SUPPORT}

    third = form_of(admin, shop.customer, "roles")
    assert third.fields["shown"] == ["support"]
    again = admin.post(third.url, {**third.fields, **own, "nonce": nonce(), "roles": ["logistics"]})

    assert again.status_code == 302
    assert User.objects.get(pk=shop.customer.pk).roles == {Role.LOGISTICS}


def test_of_two_tabs_that_set_a_warning_level_the_second_is_refused_and_says_who_was_first(
    shop, operations, admin
):
    first, second = (form_of(operations, shop.stock, "warn-at") for _ in range(2))
    moved = press(admin, shop.stock, "adjust", delta="1", reason="Counted")

    saved = admin.post(first.url, {**first.fields, "nonce": nonce(), "low_at": "4"})
    answer = operations.post(second.url, {**second.fields, "nonce": nonce(), "low_at": "9"})

    assert (moved.status_code, saved.status_code, answer.status_code) == (302, 302, 412)
    (told,) = errors(answer)["__all__"]
    assert told.endswith(" admin@example.com changed warning level.")
    assert StockItem.objects.get(pk=shop.stock.pk).low_at == 4


def test_a_warning_level_is_not_set_by_a_form_that_does_not_say_what_it_showed(shop, operations):
    answer = press(operations, shop.stock, "warn-at", low_at="9")

    assert answer.status_code == 400
    assert StockItem.objects.get(pk=shop.stock.pk).low_at == 0


def test_the_timeline_tells_what_happened_in_plain_words(shop, operations):
    press(operations, shop.order, "book-payment", **PAID)
    press(operations, shop.order, "note", text="Rings twice.")

    steps = operations.get(url_of(shop.order, "change")).context["timeline"].steps

    told = [(step.who, step.what) for step in steps]
    assert told[0] == ("operations@example.com", ["Note: Rings twice."])
    assert told[1][0] == "operations@example.com"
    assert "Payment of NGN 2,000.00 booked (bank transfer, TRX-1)" in told[1][1]
    assert "Status: pending → confirmed" in told[1][1]
    assert told[-1] == ("guest", ["Order placed"])
    assert not any("version" in text for _, texts in told for text in texts)


def test_a_nonce_that_comes_with_other_values_is_told_and_does_nothing(shop, operations):
    form = {"nonce": nonce(), "text": "Rings twice."}
    url = url_of(shop.order, "note")
    operations.post(url, form)

    answer = operations.post(url, form | {"text": "Rings once."})

    assert answer.status_code == 422
    assert "sent before with other values" in answer.content.decode()
    assert [note.text for note in OrderNote.objects.all()] == ["Rings twice."]


def test_a_picture_is_decoded_before_the_transaction_and_sent_twice_is_added_once(
    shop, operations, monkeypatch
):
    form = {"nonce": nonce(), "alt": "A hat"}
    url = url_of(shop.product, "add-picture")
    opened = []
    monkeypatch.setattr(
        "shop.catalog.admin.products.render",
        lambda content: opened.append(len(connection.savepoint_ids)) or render(content),
    )
    depth = len(connection.savepoint_ids)
    count = shop.product.images.count()

    for _ in range(2):
        file = SimpleUploadedFile("a.png", picture())
        assert operations.post(url, {**form, "picture": file}).status_code == 302
    other = SimpleUploadedFile("a.png", picture(colour="red"))

    assert operations.post(url, {**form, "picture": other}).status_code == 422
    assert shop.product.images.count() == count + 1
    assert set(opened) == {depth}
