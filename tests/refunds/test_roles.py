"""Every staff route of returns, for every role, customers and strangers."""

import pytest

from mdv.accounts import roles
from mdv.accounts.roles import Role
from refunds.models import Return
from tests.orders.ordering import act, customer, guest, staff
from tests.refunds.returning import approved, ask, everything, last_entry

ALL = frozenset(Role)
SELLERS = frozenset({Role.ADMIN, Role.SUPERVISOR, Role.OPERATIONS})
STOREKEEPERS = SELLERS | {Role.LOGISTICS}
CLERKS = SELLERS | {Role.SUPPORT}
VIEW, ADD, DECIDE, RECEIVE = (
    "refunds.view_return",
    "refunds.add_return",
    "refunds.decide_return",
    "refunds.receive_return",
)
ONE = {"lines": [{"sku": "SHIRT", "quantity": 1}], "reason": "other"}
CAME = {
    "version": 2,
    "lines": [{"sku": "SHIRT", "quantity": 1, "condition": "used", "restock": False}],
}
ROUTES = [
    ("GET", "/staff/returns", None, VIEW, ALL),
    ("GET", "/staff/returns/{asked}", None, VIEW, ALL),
    ("GET", "/staff/orders/{number}/returns", None, VIEW, ALL),
    ("POST", "/staff/orders/{number}/returns", ONE, ADD, CLERKS),
    ("POST", "/staff/returns/{asked}/approve", {}, DECIDE, CLERKS),
    ("POST", "/staff/returns/{asked}/reject", {"answer": "Worn"}, DECIDE, CLERKS),
    ("POST", "/staff/returns/{asked}/cancel", None, DECIDE, CLERKS),
    ("POST", "/staff/returns/{agreed}/receive", CAME, RECEIVE, STOREKEEPERS),
    ("POST", "/staff/returns/{came}/close", None, RECEIVE, STOREKEEPERS),
]
by_route = pytest.mark.parametrize("route", ROUTES, ids=[f"{r[0]} {r[1]}" for r in ROUTES])


@pytest.fixture
def places(number):
    """What the paths name."""
    came = approved(number, ("SHIRT", 1))
    Return.objects.filter(number=came).update(state="receiving")
    return {
        "number": number,
        "asked": ask(number, ("SHIRT", 1)),
        "agreed": approved(number, ("SHIRT", 1)),
        "came": came,
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
        entry = last_entry()
        assert (entry.event, entry.outcome, entry.actor_role) == ("denied", "denied", role)


@by_route
def test_customers_are_refused_and_strangers_asked_to_log_in(route, places):
    by_customer = call(customer(), route, places)
    by_guest = call(guest(), route, places)

    assert (by_customer.status_code, by_customer.json()["code"]) == (403, "forbidden")
    assert (by_guest.status_code, by_guest.json()["code"]) == (401, "not_authenticated")
