"""Every staff route of parcels, for every role, customers and strangers."""

import pytest

from audit.models import AuditEntry
from mdv.accounts import roles
from mdv.accounts.roles import Role
from tests.fulfilment.packing import everything, pack, paid, ready, ship
from tests.orders.ordering import act, customer, guest, staff

ALL = frozenset(Role)
STOREKEEPERS = frozenset({Role.ADMIN, Role.SUPERVISOR, Role.OPERATIONS, Role.LOGISTICS})
VIEW, PACK, SHIP = (
    "fulfilment.view_shipment",
    "fulfilment.add_shipment",
    "fulfilment.ship_shipment",
)
ONE = {"lines": [{"sku": "SHIRT", "quantity": 1}]}
ROUTES = [
    ("GET", "/staff/shipments", None, VIEW, ALL),
    ("GET", "/staff/shipments/waiting", None, VIEW, ALL),
    ("GET", "/staff/shipments/pick-list.pdf", None, VIEW, ALL),
    ("GET", "/staff/shipments/{packing}", None, VIEW, ALL),
    ("GET", "/staff/shipments/{packing}/packing-slip.pdf", None, VIEW, ALL),
    ("GET", "/staff/orders/{number}/shipments", None, VIEW, ALL),
    ("POST", "/staff/orders/{number}/shipments", ONE, PACK, STOREKEEPERS),
    ("PUT", "/staff/shipments/{packing}/lines", ONE, PACK, STOREKEEPERS),
    ("POST", "/staff/shipments/{packing}/ready", None, SHIP, STOREKEEPERS),
    ("POST", "/staff/shipments/{packing}/cancel", {}, SHIP, STOREKEEPERS),
    ("POST", "/staff/shipments/{ready}/dispatch", {"carrier": "GIG"}, SHIP, STOREKEEPERS),
    (
        "POST",
        "/staff/shipments/{shipped}/tracking",
        {"carrier": "DHL", "tracking": "2"},
        SHIP,
        STOREKEEPERS,
    ),
    ("POST", "/staff/shipments/{shipped}/in-transit", {}, SHIP, STOREKEEPERS),
    ("POST", "/staff/shipments/{shipped}/deliver", {}, SHIP, STOREKEEPERS),
    ("POST", "/staff/shipments/{shipped}/returned", {"restock": []}, SHIP, STOREKEEPERS),
    (
        "POST",
        "/staff/shipments/bulk",
        {"step": "ready", "rows": [{"number": "M-1"}]},
        SHIP,
        STOREKEEPERS,
    ),
]
by_route = pytest.mark.parametrize("route", ROUTES, ids=[f"{r[0]} {r[1]}" for r in ROUTES])


@pytest.fixture
def places(shirts):
    """What the paths name."""
    number = paid(("SHIRT", 9), total="14000.00")
    return {
        "number": number,
        "packing": pack(number, ("SHIRT", 2)),
        "ready": ready(number, ("SHIRT", 2)),
        "shipped": ship(number, ("SHIRT", 2)),
    }


def call(caller, route, places):
    method, path, body, *_ = route
    path = path.format(**places)
    return act(caller, path, body) if method == "POST" else caller.send(method, path, body)


@by_route
@pytest.mark.parametrize("role", Role)
def test_a_role_may_do_what_the_table_of_roles_says(route, role, places):
    *_, right, holders = route
    before = everything()

    answer = call(staff(role), route, places)

    assert roles.RIGHTS[right] == holders
    if role in holders:
        assert answer.status_code in {200, 201}, answer.content
    else:
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
        assert everything() == before
        entry = AuditEntry.objects.latest()
        assert (entry.event, entry.outcome, entry.actor_role) == ("denied", "denied", role)


@by_route
def test_customers_are_refused_and_strangers_asked_to_log_in(route, places):
    by_customer = call(customer(), route, places)
    by_guest = call(guest(), route, places)

    assert (by_customer.status_code, by_customer.json()["code"]) == (403, "forbidden")
    assert (by_guest.status_code, by_guest.json()["code"]) == (401, "not_authenticated")
