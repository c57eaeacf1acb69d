"""The answer to an order says how to pay for it, in the ways that the store offers."""

import pytest

from mdv.kernel import clock
from mdv.store.models import StoreSettings
from shop.orders.models import Order
from shop.orders.services import cancel_order
from shop.orders.states import CancelReason
from tests.orders.ordering import (
    available,
    customer,
    deliver_everywhere,
    guest,
    order_of,
    place,
    placed,
    problems,
    sell,
)

pytestmark = pytest.mark.django_db

PICKUP = {"delivery_method": "pickup", "shipping_address": None}


@pytest.fixture(autouse=True)
def _shop(db):
    deliver_everywhere("500.00")
    sell("SHIRT", "1500.00", stock=10)


def store(**changes):
    StoreSettings.objects.update(**changes)


def test_a_bank_transfer_goes_to_the_stores_account_with_the_number_as_reference():
    store(bank_details="GTBank\n0123456789\nMaison Ltd")

    order = placed(guest(), ("SHIRT", 1), total="2000.00")

    assert order["payment"] == {
        "method": "bank_transfer",
        "due": "2000.00",
        "instructions": f"Transfer NGN 2000.00 to our bank account and name {order['number']} "
        "as the reference.",
        "reference": order["number"],
        "bank_details": "GTBank\n0123456789\nMaison Ltd",
        "providers": [],
    }


def test_cash_on_delivery_is_paid_at_the_door():
    order = placed(guest(), ("SHIRT", 1), total="2000.00", payment_method="cash_on_delivery")

    assert order["payment"] == {
        "method": "cash_on_delivery",
        "due": "2000.00",
        "instructions": "Pay NGN 2000.00 in cash when the goods are delivered.",
        "reference": "",
        "bank_details": "",
        "providers": [],
    }
    assert order["status"] == "pending"


def test_what_is_collected_is_paid_at_the_counter():
    store(pickup_address="12 Allen Avenue, Ikeja")

    order = placed(guest(), ("SHIRT", 1), total="1500.00", payment_method="pay_at_pickup", **PICKUP)

    assert order["payment"]["instructions"] == (
        "Pay NGN 1500.00 when you collect the goods at 12 Allen Avenue, Ikeja."
    )


@pytest.mark.parametrize(
    ("method", "changes", "offered"),
    [
        ("online", {}, ["bank_transfer", "cash_on_delivery"]),
        ("pay_at_pickup", {}, ["bank_transfer", "cash_on_delivery"]),
        ("cash_on_delivery", PICKUP, ["bank_transfer", "pay_at_pickup"]),
        ("online", PICKUP, ["bank_transfer", "pay_at_pickup"]),
    ],
)
def test_a_method_that_does_not_fit_the_delivery_is_refused(method, changes, offered):
    answer = place(
        guest(), order_of(("SHIRT", 1), total="2000.00", payment_method=method, **changes)
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "payment_method_not_offered")
    assert answer.json()["offered"] == offered
    assert problems(answer) == [("payment_method", "payment_method_not_offered")]
    assert not Order.objects.exists()
    assert available("SHIRT") == 10


@pytest.mark.parametrize(
    ("switch", "method", "changes"),
    [
        ("allows_bank_transfer", "bank_transfer", {}),
        ("allows_cash_on_delivery", "cash_on_delivery", {}),
        ("allows_pay_at_pickup", "pay_at_pickup", PICKUP),
    ],
)
def test_a_method_that_the_store_switched_off_is_refused(switch, method, changes):
    store(**{switch: False})

    answer = place(
        guest(), order_of(("SHIRT", 1), total="2000.00", payment_method=method, **changes)
    )

    assert answer.json()["code"] == "payment_method_not_offered"
    assert method not in answer.json()["offered"]
    assert not Order.objects.exists()


def test_the_order_goes_on_telling_how_to_pay_until_nothing_is_due():
    ada = customer()
    order = placed(ada, ("SHIRT", 1), total="2000.00")
    path = f"/orders/{order['number']}"

    assert ada.get(path).json()["payment"] == order["payment"]

    cancel_order(number=order["number"], reason=CancelReason.STAFF, at=clock.now())
    payment = ada.get(path).json()["payment"]
    assert (payment["due"], payment["instructions"]) == ("0.00", "There is nothing to pay.")


def test_new_bank_details_are_not_hidden_behind_an_old_etag():
    ada = customer()
    order = placed(ada, ("SHIRT", 1), total="2000.00")
    path = f"/orders/{order['number']}"
    etag = ada.get(path)["ETag"]

    store(bank_details="Zenith 9876543210")

    answer = ada.get(path, **{"If-None-Match": etag})
    assert (answer.status_code, answer.json()["payment"]["bank_details"]) == (
        200,
        "Zenith 9876543210",
    )
