"""A guest's cart goes along when its owner logs in; one that nobody comes back for goes away."""

import sys
from datetime import timedelta

import pytest

from mdv.kernel import clock
from shop.carts import services, tasks
from shop.carts.models import Cart, CartLine
from tests.orders.ordering import customer, fill_cart, guest, sell

pytestmark = pytest.mark.django_db


def lines(cart):
    return [(line["sku"], line["quantity"]) for line in cart["lines"]]


def test_a_claimed_cart_is_its_owners_alone():
    sell()
    visitor, ada = guest(), customer()
    token = fill_cart(visitor, ("SHIRT", 2))

    answer = ada.send("POST", f"/carts/{token}/claim")

    assert answer.status_code == 200
    assert lines(answer.json()) == [("SHIRT", 2)]
    assert visitor.get(f"/carts/{token}").status_code == 404
    assert ada.get(f"/carts/{token}").status_code == 200


def test_ones_other_carts_are_poured_into_the_claimed_one():
    for sku in ("SHIRT", "CAP", "SOCKS"):
        sell(sku)
    visitor, ada = guest(), customer()
    older = fill_cart(ada, ("SHIRT", 1), ("CAP", 2))
    token = fill_cart(visitor, ("SHIRT", 2), ("SOCKS", 1))

    answer = ada.send("POST", f"/carts/{token}/claim")

    assert lines(answer.json()) == [("SHIRT", 3), ("SOCKS", 1), ("CAP", 2)]
    assert ada.get(f"/carts/{older}").status_code == 404
    assert Cart.objects.count() == 1


def test_claiming_twice_changes_nothing_more():
    sell()
    visitor, ada = guest(), customer()
    token = fill_cart(visitor, ("SHIRT", 2))

    first = ada.send("POST", f"/carts/{token}/claim").json()
    second = ada.send("POST", f"/carts/{token}/claim").json()

    assert lines(first) == lines(second) == [("SHIRT", 2)]


def test_quantities_add_up_to_at_most_999():
    sell()
    visitor, ada = guest(), customer()
    fill_cart(ada, ("SHIRT", 600))
    token = fill_cart(visitor, ("SHIRT", 600))

    answer = ada.send("POST", f"/carts/{token}/claim")

    assert lines(answer.json()) == [("SHIRT", 999)]


def test_claiming_needs_a_log_in():
    sell()
    token = fill_cart(guest(), ("SHIRT", 1))

    answer = guest().send("POST", f"/carts/{token}/claim")

    assert answer.status_code == 401
    assert Cart.objects.get().user is None


def touched(token, days_ago):
    Cart.objects.filter(token=token).update(updated_at=clock.now() - timedelta(days=days_ago))


def test_carts_that_nobody_touched_for_thirty_days_are_deleted():
    sell()
    visitor = guest()
    old, young = fill_cart(visitor, ("SHIRT", 1)), fill_cart(visitor, ("SHIRT", 1))
    touched(old, 31)
    touched(young, 29)

    deleted = services.delete_idle_carts(at=clock.now())

    assert deleted == 1
    assert [cart.token for cart in Cart.objects.all()] == [young]
    assert CartLine.objects.count() == 1


def test_the_nightly_job_deletes_them_all(run_jobs, monkeypatch):
    service = sys.modules["shop.carts.services.delete_idle_carts"]
    monkeypatch.setattr(service, "DELETED_AT_ONCE", 2)
    for _ in range(5):
        touched(fill_cart(guest()), 31)

    tasks.delete_idle.defer()
    names = run_jobs()

    assert names == ["carts.delete_idle"]
    assert not Cart.objects.exists()
