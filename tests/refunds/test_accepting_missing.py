"""A lead lets goods leave though money is missing: so much of it, for a reason, and no more."""

from decimal import Decimal

import pytest

from audit.models import AuditEntry
from mdv.accounts.roles import Role
from mdv.kernel import clock
from mdv.kernel.errors import Forbidden, Invalid
from shop.orders.models import MissingAcceptance, Order
from shop.orders.services import (
    MissingHasChanged,
    MoneyIsMissing,
    NothingIsMissing,
    accept_missing,
    held_orders,
    missing_of,
)
from tests.fulfilment.packing import cash_order, ready
from tests.fulfilment.test_books import refused
from tests.orders.ordering import act, guest, new_key, placed, staff
from tests.refunds.refunding import CANCEL, execute, pay_online, person, request, wish
from tests.refunds.test_due_again import take_back, wrong
from tests.refunds.test_missing_money import held, send, status_of

RULE = "acceptance_is_of_what_is_missing"


@pytest.fixture
def parcel(order):
    return ready(order)


@pytest.fixture
def gone(parcel, payment):
    """The order's parcel waits for its carrier, and 3,000 of its money was taken back."""
    take_back(payment, "3000.00")
    return parcel


def accept(number, amount="3000.00", reason="Pays on Monday.", role=Role.SUPERVISOR):
    return accept_missing(
        number=number,
        amount=Decimal(amount),
        reason=reason,
        user_id=person(role),
        at=clock.now(),
    )


def insert(number, amount="3000.00", **changes):
    """An acceptance that is written past every service."""
    facts = {
        "order": Order.objects.get(number=number),
        "amount": Decimal(amount),
        "reason": "x",
        "accepted_by_id": person(Role.SUPERVISOR),
        "accepted_at": clock.now(),
    }
    return MissingAcceptance.objects.create(**{**facts, **changes})


def accepted():
    return list(MissingAcceptance.objects.order_by("id").values_list("amount", flat=True))


class TestAccepting:
    @pytest.mark.parametrize("role", [Role.OPERATIONS, Role.SUPPORT, Role.LOGISTICS, Role.AUDITOR])
    def test_is_for_leads_whichever_door_they_come_through(self, order, gone, role):
        with pytest.raises(Forbidden):
            accept(order, role=role)

        assert accepted() == []

    def test_lets_the_parcel_leave_and_the_money_stays_due(self, order, gone):
        found = accept(order, reason="  Pays on Monday. ")

        assert held() == []
        assert send(gone).state == "dispatched"
        assert found.reason == "Pays on Monday."
        assert found.accepted_by_id == person(Role.SUPERVISOR)
        assert Order.objects.get(number=order).due == 3000
        assert wrong(order) == []

    def test_is_written_to_the_trail_of_the_order(self, order, gone):
        accept(order)

        entry = AuditEntry.objects.get(content_type__model="missingacceptance")
        assert entry.order_id == Order.objects.get(number=order).pk
        assert entry.changes["amount"] == [None, "3000.00"]
        assert entry.changes["reason"] == [None, "Pays on Monday."]

    def test_does_not_cover_what_is_taken_back_later(self, order, payment, gone):
        accept(order)
        take_back(payment, "0.01", provider_id="dp_2")

        with pytest.raises(MoneyIsMissing) as refusal:
            send(gone)

        assert refusal.value.members == {
            "missing": "3000.01",
            "accepted": "3000.00",
            "due": "3000.01",
        }
        assert held() == [order]
        accept(order, "3000.01")
        assert accepted() == [3000, Decimal("3000.01")]
        assert send(gone).state == "dispatched"

    def test_covers_less_when_something_was_paid(self, order, payment, gone):
        accept(order)
        pay_online(order, "1000.00")

        found = missing_of(Order.objects.get(number=order))

        assert (found.missing, found.accepted, found.is_held) == (2000, 3000, False)
        assert send(gone).state == "dispatched"

    def test_of_another_amount_than_was_seen_is_refused(self, order, payment, gone):
        take_back(payment, "500.00", provider_id="dp_2")

        with pytest.raises(MissingHasChanged) as refusal:
            accept(order)

        assert refusal.value.members == {"missing": "3500.00"}
        assert accepted() == []
        assert held() == [order]

    def test_twice_is_refused(self, order, gone):
        accept(order)

        with pytest.raises(NothingIsMissing):
            accept(order)

        assert accepted() == [3000]

    def test_of_what_was_paid_again_is_refused(self, order, gone):
        pay_online(order, "3000.00")

        with pytest.raises(NothingIsMissing):
            accept(order)

        assert accepted() == []

    def test_where_the_money_comes_with_the_goods_is_refused(self, shirts):
        number = cash_order(("SHIRT", 5), total="8000.00")
        take_back(pay_online(number, "3000.00"), "3000.00")

        with pytest.raises(NothingIsMissing):
            accept(number, "8000.00")

    @pytest.mark.parametrize("reason", ["", "  ", "x" * 251])
    def test_says_why(self, order, gone, reason):
        with pytest.raises(Invalid):
            accept(order, reason=reason)

        assert accepted() == []

    def test_does_not_complete_the_order(self, order, payment, admin, gateway, gone):
        accept(order)
        send(gone)
        act(staff(Role.LOGISTICS), f"/staff/shipments/{gone}/deliver", {})

        assert status_of(order) == "confirmed"  # it waits for its money
        pay_online(order, "3000.00")
        assert status_of(order) == "completed"


class TestTheDatabaseItself:
    @pytest.mark.parametrize("amount", ["2999.99", "3000.01", "8000.00"])
    def test_takes_no_other_amount_than_is_missing(self, order, gone, amount):
        with refused(RULE):
            insert(order, amount)

    def test_takes_none_that_is_accepted_already(self, order, gone):
        insert(order)

        with refused(RULE):
            insert(order)

    def test_takes_none_of_an_order_of_which_nothing_is_missing(self, order):
        with refused(RULE):
            insert(order)

    def test_takes_none_without_an_amount_or_a_reason(self, order, gone):
        with refused("acceptance_has_a_reason"):
            insert(order, reason="")
        pay_online(order, "3000.00")
        with refused("accepted_amount_is_positive"):
            insert(order, "0.00")

    def test_never_lets_it_be_changed_or_taken_back(self, order, gone):
        accept(order)

        with refused("orders_missingacceptance_is_append_only"):
            MissingAcceptance.objects.update(amount=1)
        with refused("orders_missingacceptance_is_append_only"):
            MissingAcceptance.objects.all().delete()


class TestOverTheApi:
    def path(self, number):
        return f"/staff/orders/{number}/missing-money"

    def test_a_parcel_is_refused_in_words_with_what_is_missing(self, order, gone):
        answer = act(staff(Role.LOGISTICS), f"/staff/shipments/{gone}/dispatch", {"carrier": "GIG"})

        assert answer.status_code == 409
        problem = answer.json()
        assert (problem["code"], problem["missing"], problem["accepted"], problem["due"]) == (
            "money_is_missing",
            "3000.00",
            "0.00",
            "3000.00",
        )
        assert "₦3,000.00" in problem["detail"]

    def test_so_is_closing_one(self, order, payment):
        take_back(payment, "3000.00")
        person = staff(Role.LOGISTICS)
        made = act(person, f"/staff/orders/{order}/shipments", {})

        answer = act(person, f"/staff/shipments/{made.json()['number']}/ready")

        assert (made.status_code, answer.json()["code"]) == (201, "money_is_missing")

    def test_a_lead_sees_what_is_missing_and_accepts_it(self, order, gone):
        lead = staff(Role.SUPERVISOR)
        before = lead.send("GET", self.path(order)).json()
        assert before == {
            "currency": "NGN",
            "due": "3000.00",
            "missing": "3000.00",
            "accepted": "0.00",
            "is_held": True,
            "acceptances": [],
        }

        body = {"amount": before["missing"], "reason": "Pays on Monday."}
        answer = act(lead, self.path(order), body)

        assert answer.status_code == 201
        found = answer.json()
        assert (found["missing"], found["accepted"], found["is_held"]) == (
            "3000.00",
            "3000.00",
            False,
        )
        (one,) = found["acceptances"]
        assert (one["amount"], one["reason"], one["accepted_by"]) == (
            "3000.00",
            "Pays on Monday.",
            lead.user.email,
        )
        dispatched = act(lead, f"/staff/shipments/{gone}/dispatch", {"carrier": "GIG"})
        assert dispatched.status_code == 200

    def test_another_amount_is_refused_with_what_is_missing_now(self, order, gone):
        body = {"amount": "2000.00", "reason": "Pays on Monday."}

        answer = act(staff(Role.ADMIN), self.path(order), body)

        assert (answer.status_code, answer.json()["code"]) == (409, "missing_has_changed")
        assert answer.json()["missing"] == "3000.00"

    def test_what_is_accepted_is_not_accepted_twice(self, order, gone):
        accept(order)
        body = {"amount": "3000.00", "reason": "Pays on Monday."}

        answer = act(staff(Role.ADMIN), self.path(order), body)

        assert (answer.status_code, answer.json()["code"]) == (409, "nothing_is_missing")

    def test_the_same_request_sent_again_accepts_once(self, order, gone):
        lead = staff(Role.ADMIN)
        body = {"amount": "3000.00", "reason": "Pays on Monday."}

        key = new_key()
        first, again = (act(lead, self.path(order), body, key=key) for _ in range(2))

        assert (first.status_code, again.status_code) == (201, 201)
        assert accepted() == [3000]

    @pytest.mark.parametrize("role", Role)
    def test_only_leads_may(self, order, gone, role):
        body = {"amount": "3000.00", "reason": "Pays on Monday."}

        caller = staff(role)

        answer = act(caller, self.path(order), body)

        may = role in {Role.ADMIN, Role.SUPERVISOR}
        assert answer.status_code == (201 if may else 403)
        assert accepted() == ([3000] if may else [])
        assert caller.send("GET", self.path(order)).status_code == 200

    def test_customers_and_strangers_see_nothing_of_it(self, order, gone):
        assert guest().send("GET", self.path(order)).status_code == 401

    def test_lists_find_what_is_held(self, order, gone, shirts):
        other = placed(guest(), ("SHIRT", 1), total="2000.00")["number"]
        clerk = staff(Role.LOGISTICS)

        def found(what, held):
            rows = clerk.send("GET", f"/staff/{what}?held={held}").json()["results"]
            return [row["number"] for row in rows]

        assert (found("orders", "true"), found("orders", "false")) == ([order], [other])
        assert (found("shipments", "true"), found("shipments", "false")) == ([gone], [])
        accept(order)
        assert (found("orders", "true"), found("shipments", "true")) == ([], [])
        assert list(held_orders()) == []


def test_what_the_shop_then_gives_back_for_the_rest_is_not_missing(order, payment, admin, gateway):
    parcel = ready(order, ("SHIRT", 3))
    take_back(payment, "3000.00")
    accept(order)
    (refund,) = request(order, wish(("SHIRT", 2, CANCEL)), by=admin)
    execute(refund)

    assert missing_of(Order.objects.get(number=order)).missing == 3000
    assert send(parcel).state == "dispatched"
