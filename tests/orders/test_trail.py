"""What is written down about an order: each row once, with who, from where and which request."""

from collections import Counter

import pytest

from audit.models import AuditEntry
from mdv.accounts.roles import Role
from shop.orders.models import Order
from tests.orders.ordering import (
    act,
    customer,
    deliver_everywhere,
    fill_cart,
    guest,
    make_coupon,
    order_of,
    order_of_cart,
    place,
    placed,
    sell,
    staff,
)

pytestmark = pytest.mark.django_db

REQUEST = "request-of-this-test"


@pytest.fixture(autouse=True)
def _shop(db):
    deliver_everywhere("500.00")
    sell("SHIRT", "1500.00")
    sell("CAP", "100.00")


def entries():
    return AuditEntry.objects.filter(cid=REQUEST).select_related("content_type").order_by("id")


def what(entry):
    return f"{entry.content_type.name} {entry.event}"


def test_an_order_is_in_the_trail_once_per_row_with_actor_request_and_address():
    make_coupon("TEN")
    ada = customer()
    token = fill_cart(ada, ("SHIRT", 1), ("CAP", 2))
    ada.send("PUT", f"/carts/{token}/coupon", {"code": "TEN"})

    answer = place(ada, order_of_cart(token, total="2030.00"), **{"X-Request-ID": REQUEST})

    written = list(entries())
    order = Order.objects.get(number=answer.json()["number"])
    assert Counter(map(what, written)) == {
        "order created": 1,
        "order line created": 2,
        "coupon changed": 1,
    }
    assert {entry.actor_id for entry in written} == {ada.user.pk}
    assert {entry.actor_email for entry in written} == {"ada@example.com"}
    assert {entry.actor_role for entry in written} == {"customer"}
    assert {entry.source for entry in written} == {"api"}
    assert {entry.remote_addr for entry in written} == {"127.0.0.1"}
    about_the_order = [entry for entry in written if entry.content_type.app_label == "orders"]
    assert {entry.order_id for entry in about_the_order} == {order.pk}
    assert len({entry.transaction_id for entry in written}) == 1


def test_a_guests_order_says_that_it_was_a_guest():
    place(guest(), order_of(("SHIRT", 1), total="2000.00"), **{"X-Request-ID": REQUEST})

    assert {(entry.actor_kind, entry.actor_id) for entry in entries()} == {("guest", None)}
    assert entries().count() == 2


def test_the_orders_secret_is_nowhere_in_the_trail():
    placed(guest(), ("SHIRT", 1), total="2000.00")
    salt = Order.objects.get().access_salt

    created = AuditEntry.objects.of(Order.objects.get()).get()

    assert created.changes["access_salt"] == [None, "***"]
    assert salt not in str(created.changes)


def test_a_refused_order_leaves_no_trail():
    answer = place(
        guest(), order_of(("SHIRT", 100), total="150500.00"), **{"X-Request-ID": REQUEST}
    )

    assert answer.json()["code"] == "out_of_stock"
    assert not entries().exists()


def test_a_replayed_request_writes_nothing_more():
    key = "one-key-for-two-requests"
    body = order_of(("SHIRT", 1), total="2000.00")
    place(guest(), body, key=key)
    before = AuditEntry.objects.count()

    again = place(guest(), body, key=key)

    assert again["Idempotent-Replayed"] == "true"
    assert AuditEntry.objects.count() == before


def test_staff_actions_carry_the_role_that_was_held():
    clerk = staff(Role.OPERATIONS)
    order = placed(guest(), ("SHIRT", 1), total="2000.00", payment_method="cash_on_delivery")

    act(clerk, f"/staff/orders/{order['number']}/confirm", **{"X-Request-ID": REQUEST})

    entry, invoice = entries()
    assert (what(entry), what(invoice)) == ("order changed", "invoice created")
    assert invoice.actor_role == "operations"
    assert entry.changes["status"] == ["pending", "confirmed"]
    assert (entry.actor_role, entry.actor_email) == ("operations", "operations@example.com")


def test_looking_at_a_customers_order_is_recorded_too():
    clerk = staff(Role.SUPPORT)
    order = placed(guest(), ("SHIRT", 1), total="2000.00")

    clerk.get(f"/staff/orders/{order['number']}", **{"X-Request-ID": REQUEST})

    (entry,) = entries()
    assert (what(entry), entry.object_repr) == ("order viewed", order["number"])
    assert entry.actor_email == "support@example.com"
