"""Every staff route of orders and prices, for every role, customers and strangers."""

from decimal import Decimal

import pytest

from mdv.accounts import roles
from mdv.accounts.roles import Role
from shop.pricing import services as pricing
from tests.orders.ordering import (
    act,
    customer,
    deliver_everywhere,
    guest,
    make_coupon,
    placed,
    sell,
    staff,
)

pytestmark = pytest.mark.django_db

ALL = frozenset(Role)
LEADS = frozenset({Role.ADMIN, Role.SUPERVISOR})
SELLERS = LEADS | {Role.OPERATIONS}

# Method, path, body, the right in the table of roles, and who is meant to hold it.
ROUTES = [
    ("GET", "/staff/orders", None, "orders.view_order", ALL),
    ("GET", "/staff/orders/{number}", None, "orders.view_order", ALL),
    ("POST", "/staff/orders/{number}/confirm", None, "orders.confirm_order", SELLERS),
    (
        "POST",
        "/staff/orders/{number}/cancel",
        {"reason": "staff"},
        "orders.cancel_order",
        SELLERS | {Role.SUPPORT},
    ),
    (
        "POST",
        "/staff/orders/{number}/notes",
        {"text": "Call before noon."},
        "orders.write_note",
        ALL - {Role.AUDITOR},
    ),
    (
        "POST",
        "/staff/orders/{number}/payments",
        {"amount": "1.00", "channel": "cash", "reference": "R-1"},
        "payments.record_payment",
        SELLERS,
    ),
    ("GET", "/staff/coupons", None, "pricing.view_coupon", ALL),
    ("GET", "/staff/coupons/TEN", None, "pricing.view_coupon", ALL),
    ("POST", "/staff/coupons", {"code": "NEW", "kind": "shipping"}, "pricing.add_coupon", LEADS),
    ("PATCH", "/staff/coupons/TEN", {"is_active": False}, "pricing.change_coupon", LEADS),
    ("DELETE", "/staff/coupons/TEN", None, "pricing.delete_coupon", LEADS),
    ("GET", "/staff/zones", None, "pricing.view_shippingzone", ALL),
    ("GET", "/staff/zones/{zone}", None, "pricing.view_shippingzone", ALL),
    ("POST", "/staff/zones", {"name": "N", "fee": "1.00"}, "pricing.add_shippingzone", LEADS),
    ("PATCH", "/staff/zones/{zone}", {"fee": "2.00"}, "pricing.change_shippingzone", LEADS),
    ("DELETE", "/staff/zones/{zone}", None, "pricing.delete_shippingzone", LEADS),
    ("GET", "/staff/tax-rates", None, "pricing.view_taxrate", ALL),
    ("GET", "/staff/tax-rates/{rate}", None, "pricing.view_taxrate", ALL),
    (
        "POST",
        "/staff/tax-rates",
        {"country": "GH", "percent": "1.00"},
        "pricing.add_taxrate",
        LEADS,
    ),
    ("PATCH", "/staff/tax-rates/{rate}", {"percent": "2.00"}, "pricing.change_taxrate", LEADS),
    ("DELETE", "/staff/tax-rates/{rate}", None, "pricing.delete_taxrate", LEADS),
]
by_route = pytest.mark.parametrize("route", ROUTES, ids=[f"{r[0]} {r[1]}" for r in ROUTES])


@pytest.fixture
def places(db):
    """What the paths name."""
    deliver_everywhere("500.00")
    sell("SHIRT", "1500.00")
    make_coupon("TEN")
    order = placed(guest(), ("SHIRT", 1), total="2000.00", payment_method="cash_on_delivery")
    return {
        "number": order["number"],
        "zone": pricing.create_zone(name="Unused", fee=Decimal(1)).pk,
        "rate": pricing.create_tax_rate(country="NG", percent=Decimal(5)).pk,
    }


def call(caller, route, places):
    method, path, body, *_ = route
    path = path.format(**places)
    if method == "POST":
        return act(caller, path, body)
    return caller.send(method, path, body, **{"If-Match": '"1"'})


@by_route
@pytest.mark.parametrize("role", Role)
def test_a_role_may_do_what_the_table_of_roles_says(route, role, places):
    *_, right, holders = route

    answer = call(staff(role), route, places)

    assert roles.RIGHTS[right] == holders
    if role in holders:
        assert answer.status_code in {200, 201, 204}, answer.content
    else:
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


@by_route
def test_customers_are_refused_and_strangers_asked_to_log_in(route, places):
    by_customer = call(customer(), route, places)
    by_guest = call(guest(), route, places)

    assert (by_customer.status_code, by_customer.json()["code"]) == (403, "forbidden")
    assert (by_guest.status_code, by_guest.json()["code"]) == (401, "not_authenticated")
