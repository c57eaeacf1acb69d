"""The doors to returns: what customers and staff send and get."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mdv.accounts.roles import Role
from refunds.models import Return
from shop.orders.models import Order
from shop.orders.services import access_token
from tests.fulfilment.packing import counts, level
from tests.orders.ordering import act, customer, guest, new_key, problems, staff
from tests.refunds.returning import (
    approved,
    ask,
    bring,
    delivered,
    everything,
    last_entry,
    state_of,
)

ONE = {"lines": [{"sku": "SHIRT", "quantity": 1}], "reason": "damaged", "note": "A hole"}


@pytest.fixture
def clerk(db):
    return staff(Role.SUPPORT)


@pytest.fixture
def storekeeper(db):
    return staff(Role.LOGISTICS)


def outcome(answer):
    return answer.json()["code"] if answer.status_code >= 400 else answer.status_code


def came(version, *lines):
    names = ("quantity", "condition", "restock")
    return {
        "version": version,
        "lines": [{"sku": "SHIRT", **dict(zip(names, line, strict=True))} for line in lines],
    }


def token_of(number):
    """The access token that the guest got with the order."""
    return access_token(Order.objects.get(number=number))


class TestCustomers:
    def test_who_bought_it_asks_and_follows(self, shirts):
        caller = customer()
        number = delivered(("SHIRT", 2), total="3500.00", caller=caller)

        asked = act(caller, f"/orders/{number}/returns", ONE)

        assert asked.status_code == 201
        told = asked.json()
        assert (told["order"], told["state"], told["reason"]) == (number, "requested", "damaged")
        assert (told["note"], told["answer"], told["decided_at"]) == ("A hole", "", None)
        assert told["lines"] == [
            {
                "sku": "SHIRT",
                "title": "Shirt",
                "options": [],
                "requested": 1,
                "approved": 0,
                "received": 0,
            }
        ]
        assert caller.get(f"/orders/{number}/returns").json() == [told]
        returned = Return.objects.get()
        assert (returned.source, returned.requested_by_id) == ("customer", caller.user.pk)

    def test_a_guest_needs_the_orders_token(self, number, shirts):
        path = f"/orders/{number}/returns"
        token = token_of(number)

        assert outcome(guest().get(path)) == "not_found"
        assert outcome(act(guest(), path, ONE)) == "not_found"
        assert outcome(act(customer(), path, ONE)) == "not_found"
        assert not Return.objects.exists()

        assert act(guest(), path, ONE, **{"X-Order-Token": token}).status_code == 201
        assert len(guest().get(path, **{"X-Order-Token": token}).json()) == 1

    def test_the_same_request_with_the_same_key_is_one(self, number):
        key, headers = new_key(), {"X-Order-Token": token_of(number)}
        path = f"/orders/{number}/returns"

        first, again = (act(guest(), path, ONE, key=key, **headers) for _ in range(2))

        assert first.json() == again.json()
        assert Return.objects.count() == 1

    def test_too_much_says_what_may_come_back(self, number):
        body = {**ONE, "lines": [{"sku": "SHIRT", "quantity": 6}]}
        headers = {"X-Order-Token": token_of(number)}

        answer = act(guest(), f"/orders/{number}/returns", body, **headers)

        assert (answer.status_code, outcome(answer)) == (409, "more_than_was_delivered")
        assert answer.json()["lines"] == [{"sku": "SHIRT", "requested": 6, "returnable": 5}]

    @pytest.mark.parametrize(
        ("body", "problem"),
        [
            ({**ONE, "lines": []}, ("lines", "empty")),
            ({**ONE, "reason": "bored"}, ("reason", "invalid_choice")),
            ({"lines": ONE["lines"]}, ("reason", "required")),
            ({**ONE, "refund": "now"}, ("refund", "unknown_field")),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, number, body, problem):
        headers = {"X-Order-Token": token_of(number)}

        answer = act(guest(), f"/orders/{number}/returns", body, **headers)

        assert answer.status_code == 400
        assert problems(answer) == [problem]

    def test_they_may_give_up_their_own_and_nobody_elses(self, shirts):
        caller, other = customer(), customer("eve@example.com", "Eve")
        number = delivered(("SHIRT", 2), total="3500.00", caller=caller)
        others = delivered(("SHIRT", 2), total="3500.00", caller=other)
        returned = ask(number, ("SHIRT", 1))

        through_others = f"/orders/{others}/returns/{returned}/cancel"
        assert outcome(act(other, f"/orders/{number}/returns/{returned}/cancel")) == "not_found"
        assert outcome(act(other, through_others)) == "not_found"
        assert state_of(returned) == "requested"

        answer = act(caller, f"/orders/{number}/returns/{returned}/cancel")

        assert answer.json()["state"] == "cancelled"

    def test_what_has_come_is_not_given_up(self, number):
        returned = bring(number, "receiving")
        headers = {"X-Order-Token": token_of(number)}

        answer = act(guest(), f"/orders/{number}/returns/{returned}/cancel", **headers)

        assert (answer.status_code, answer.json()["allowed"]) == (409, ["closed"])


class TestStaff:
    def test_a_return_goes_from_the_phone_to_the_shelf(self, clerk, storekeeper, number):
        made = act(
            clerk,
            f"/staff/orders/{number}/returns",
            {**ONE, "lines": [{"sku": "SHIRT", "quantity": 3}]},
        )
        assert made.status_code == 201
        returned = made.json()["number"]
        path = f"/staff/returns/{returned}"
        assert made["Location"] == f"/api/v1{path}"
        assert made.json()["next_states"] == ["approved", "cancelled", "rejected"]
        assert made.json()["asked_by"] == "staff"

        agreed = act(clerk, f"{path}/approve", {"answer": "Wrap it well."})
        assert (agreed.json()["state"], agreed.json()["version"]) == ("approved", 2)
        received = act(
            storekeeper,
            f"{path}/receive",
            came(2, (1, "as_new", True), (1, "damaged", False)),
        )
        closed = act(storekeeper, f"{path}/close")

        assert (received.status_code, closed.status_code) == (200, 200)
        seen = clerk.get(path).json()
        assert (seen["state"], seen["answer"], seen["version"]) == ("closed", "Wrap it well.", 4)
        (line,) = seen["lines"]
        assert (line["requested"], line["approved"], line["received"]) == (3, 3, 2)
        assert (line["refundable"], line["restocked"]) == (2, 1)
        assert [
            (one["quantity"], one["condition"], one["restocked"], one["by"])
            for one in line["receipts"]
        ] == [
            (1, "as_new", True, "logistics@example.com"),
            (1, "damaged", False, "logistics@example.com"),
        ]
        assert level() == (6, 0, 6)
        assert counts(number) == [(0, 5, 5, 2)]
        assert clerk.get(f"/staff/orders/{number}/returns").json() == [seen]

    def test_logistics_receive_and_do_not_decide(self, storekeeper, number):
        agreed, asked = approved(number, ("SHIRT", 1)), ask(number, ("SHIRT", 1))

        assert (
            act(storekeeper, f"/staff/returns/{agreed}/receive", came(2, (1, "used", False)))
        ).status_code == 200
        before = everything()
        for step, body in (("approve", {}), ("reject", {"answer": "Worn"})):
            answer = act(storekeeper, f"/staff/returns/{asked}/{step}", body)

            assert (answer.status_code, outcome(answer)) == (403, "forbidden")
            entry = last_entry()
            assert (entry.event, entry.actor_email) == ("denied", "logistics@example.com")
        assert everything() == before

    def test_who_counts_what_somebody_counted_is_told(self, storekeeper, number):
        path = f"/staff/returns/{approved(number, ('SHIRT', 3))}/receive"
        act(storekeeper, path, came(2, (1, "as_new", True)))

        same = act(storekeeper, path, came(2, (1, "as_new", True)))
        other = act(storekeeper, path, came(2, (2, "as_new", True)))

        assert (same.status_code, same.json()["lines"][0]["received"]) == (200, 1)
        assert (other.status_code, outcome(other)) == (409, "return_has_changed")
        assert other.json()["version"] == 3

    def test_lists_are_worklists(self, clerk, number):
        asked, agreed = ask(number, ("SHIRT", 1)), approved(number, ("SHIRT", 1))
        done = bring(number, "closed", ("SHIRT", 1))

        def listed(query=""):
            rows = clerk.get(f"/staff/returns{query}").json()["results"]
            return [row["number"] for row in rows]

        assert listed() == [asked, agreed, done]
        assert listed("?worklist=to_decide") == [asked]
        assert listed("?worklist=to_receive") == [agreed]
        assert listed("?state=closed") == [done]
        assert listed(f"?search={agreed.lower()}") == [agreed]
        assert listed(f"?search={number}") == [asked, agreed, done]
        assert listed("?reason=damaged") == []
        assert clerk.get("/staff/returns?state=lost").status_code == 400

    def test_a_list_takes_as_many_statements_for_many_as_for_one(self, clerk, number):
        ask(number, ("SHIRT", 1))
        clerk.get("/staff/returns")
        with CaptureQueriesContext(connection) as one:
            clerk.get("/staff/returns")
        for _ in range(4):
            ask(number, ("SHIRT", 1))

        with CaptureQueriesContext(connection) as many:
            assert len(clerk.get("/staff/returns").json()["results"]) == 5

        assert len(many) == len(one)
