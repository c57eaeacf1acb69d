"""Two people at the same page at the same moment."""

import threading

import pytest
from django.db import connections

from mdv.accounts.roles import Role
from shop.catalog.models import Product
from tests.backoffice.shop import browser_of, nonce, open_shop

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(browsers, url, forms):
    """Send each form from its own browser at the same moment; return the statuses."""
    gate, statuses = threading.Barrier(len(browsers)), []

    def send(browser, form):
        try:
            gate.wait()
            statuses.append(browser.post(url, form).status_code)
        finally:
            connections.close_all()

    pairs = zip(browsers, forms, strict=True)
    threads = [threading.Thread(target=send, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(statuses)


def test_of_two_who_save_one_product_the_second_is_told():
    shop = open_shop()
    browsers = [browser_of(role=role) for role in (Role.ADMIN, Role.OPERATIONS)]
    forms = [
        {"title": title, "slug": "shirt", "shown": shop.product.version, "nonce": nonce()}
        for title in ("One", "Two")
    ]

    statuses = at_once(browsers, f"/admin/catalog/product/{shop.product.pk}/change/", forms)

    assert statuses == [302, 412]
    assert Product.objects.get(pk=shop.product.pk).version == shop.product.version + 1


def test_of_two_who_book_one_transfer_the_second_is_told():
    shop = open_shop()
    browsers = [browser_of(role=role) for role in (Role.ADMIN, Role.OPERATIONS)]
    paid = {"amount": "500.00", "channel": "bank_transfer", "reference": "TRX-1"}
    forms = [{**paid, "nonce": nonce()} for _ in browsers]

    statuses = at_once(browsers, f"/admin/orders/order/{shop.order.pk}/book-payment/", forms)

    assert statuses == [302, 409]
    assert shop.order.payments.count() == 1


def test_a_double_click_books_once():
    shop = open_shop()
    first = browser_of(role=Role.OPERATIONS)
    second = browser_of(first.user)
    form = {"amount": "500.00", "channel": "cash", "reference": "TRX-1", "nonce": nonce()}

    statuses = at_once(
        [first, second], f"/admin/orders/order/{shop.order.pk}/book-payment/", [form, form]
    )

    assert statuses == [302, 302]
    assert shop.order.payments.count() == 1
