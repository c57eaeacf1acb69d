"""Every staff route of refunds, for every role, customers and strangers."""

import pytest

from mdv.accounts import roles
from mdv.accounts.roles import Role
from refunds import services
from tests.accounts.people import PASSWORD
from tests.orders.ordering import act, customer, guest
from tests.refunds.api.calling import SHIPPING, with_password
from tests.refunds.refunding import everything, execute, person, request, wish
from tests.refunds.returning import last_entry

READERS = frozenset(Role) - {Role.LOGISTICS}
LEADS = frozenset({Role.ADMIN, Role.SUPERVISOR})
CLERKS = LEADS | {Role.OPERATIONS, Role.SUPPORT}
VIEW, REQUEST, APPROVE = (
    "refunds.view_refund",
    "refunds.request_refund",
    "refunds.approve_refund",
)
NOTHING = services.Limits(max_per_refund=0, max_per_day=0, may_goodwill=False)
AGREED = {"version": 1, "password": PASSWORD}
ROUTES = [
    ("GET", "/staff/refunds", None, VIEW, READERS),
    ("GET", "/staff/refunds/{asked}", None, VIEW, READERS),
    ("GET", "/staff/refunds/{done}/credit-note.pdf", None, VIEW, READERS),
    ("POST", "/staff/orders/{order}/refunds/preview", SHIPPING, REQUEST, CLERKS),
    ("POST", "/staff/orders/{order}/refunds", SHIPPING, REQUEST, CLERKS),
    ("POST", "/staff/refunds/{asked}/approve", AGREED, APPROVE, LEADS),
    ("POST", "/staff/refunds/{asked}/reject", {"answer": "Worn"}, APPROVE, LEADS),
    ("POST", "/staff/refunds/{asked}/cancel", None, REQUEST, CLERKS),
    ("POST", "/staff/refunds/{failed}/retry", {"version": 3}, REQUEST, CLERKS),
    ("POST", "/staff/refunds/{unknown}/lookup", None, REQUEST, CLERKS),
    (
        "POST",
        "/staff/refunds/{by_hand}/transferred",
        {"bank_reference": "TRF-1"},
        REQUEST,
        CLERKS,
    ),
]
by_route = pytest.mark.parametrize("route", ROUTES, ids=[f"{r[0]} {r[1]}" for r in ROUTES])
# What the provider says to a refund before the call.
ANSWERS = {"done": [], "failed": ["refused"], "unknown": ["lost"]}


@pytest.fixture
def places(order, gateway):
    """What the paths name, each made when it is needed."""

    def refund(named):
        asker = person(Role.OPERATIONS, "asker@example.com")
        if named == "asked":
            services.change_policy(role=Role.OPERATIONS, limits=NOTHING)
        wanted = wish(shipping="100.00", by_hand=named == "by_hand")
        (found,) = request(order, wanted, by=asker)
        if named in ANSWERS:
            gateway.answers = list(ANSWERS[named])
            execute(found)
        return found.number

    def path_of(route):
        path = route[1]
        named = path.partition("{")[2].partition("}")[0]
        return path.format(**{named: order if named == "order" else refund(named)} if named else {})

    return path_of


def call(caller, route, path):
    method, template, body, *_ = route
    if method == "GET":
        return caller.get(path)
    if template.endswith("/preview"):
        return caller.send(method, path, body)
    if template.endswith("/refunds"):
        plan = caller.send(method, f"{path}/preview", body).json()
        body = {**body, "plan_hash": plan.get("plan_hash", "a" * 64)}
    return act(caller, path, body)


@by_route
@pytest.mark.parametrize("role", Role)
def test_a_role_may_do_what_the_table_of_roles_says(route, role, places):
    *_, right, holders = route
    path = places(route)
    caller = with_password(role)
    before = everything()

    answer = call(caller, route, path)

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
    path = places(route)

    by_customer = call(customer(), route, path)
    by_guest = call(guest(), route, path)

    assert (by_customer.status_code, by_customer.json()["code"]) == (403, "forbidden")
    assert (by_guest.status_code, by_guest.json()["code"]) == (401, "not_authenticated")
