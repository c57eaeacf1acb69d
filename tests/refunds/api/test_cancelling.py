"""Cancelling an order over the API: the preview, the answer about its money, one key, the crash."""

import pytest

from mdv.accounts.roles import RIGHTS, Role
from mdv.idempotency.models import IdempotencyKey
from mdv.kernel import clock
from refunds import services
from refunds.models import Refund
from shop.orders.models import Order
from tests.fulfilment.packing import level, pack, status_of
from tests.orders.ordering import act, customer, guest, new_key, placed, problems, staff
from tests.refunds.api.calling import outcome
from tests.refunds.api.test_giving_back import dying
from tests.refunds.cancelling import partly_paid
from tests.refunds.refunding import everything, later, money, pay_online, person, request, wish

BODY = {"reason": "out_of_stock"}


def preview(caller, number, **changes):
    return caller.send("POST", f"/staff/orders/{number}/cancel/preview", {**BODY, **changes})


def cancel(caller, number, *, key=None, **changes):
    return act(caller, f"/staff/orders/{number}/cancel", {**BODY, **changes}, key=key)


def by_plan(caller, number, refund, *, key=None):
    """Cancel as somebody who has just seen the plan of that answer."""
    seen = preview(caller, number, refund=refund).json()["plan_hash"]
    return cancel(caller, number, refund=refund, plan_hash=seen, key=key)


class TestThePreview:
    def test_it_says_what_would_come_of_it_and_writes_nothing(self, order, payment, operations):
        parcel = pack(order, ("SHIRT", 2))
        before = everything()

        answer = preview(operations, order, refund=True)

        told = answer.json()
        assert answer.status_code == 200
        assert (told["order"], told["status"], told["reason"]) == (
            order,
            "confirmed",
            "out_of_stock",
        )
        assert told["units"] == [{"sku": "SHIRT", "title": "Shirt", "quantity": 5}]
        assert told["parcels"] == [{"number": parcel, "state": "packing"}]
        assert told["money"] == {
            "captured": "8000.00",
            "refunded": "0.00",
            "promised": "0.00",
            "left": "8000.00",
            "stays": "0.00",
        }
        assert told["refund_plan"]["parts"][0]["payment"] == payment.reference
        assert told["refund_plan"]["amount"] == "8000.00"
        assert (told["asks_for_refund"], told["refund"], told["coupon"]) == (True, True, "")
        assert told["mails"] == ["order_cancelled", "refund_succeeded"]
        assert everything() == before

    def test_without_an_answer_it_says_that_one_is_needed(self, order, operations):
        told = [preview(operations, order, **answer).json() for answer in ({}, {"refund": None})]

        assert told[0] == told[1]
        assert (told[0]["asks_for_refund"], told[0]["refund"]) == (True, None)
        assert (told[0]["refund_plan"], told[0]["money"]["stays"]) == (None, "8000.00")

    def test_of_an_unpaid_order_there_is_nothing_to_ask(self, shirts, operations):
        number = placed(guest(), ("SHIRT", 5), total="8000.00")["number"]

        told = preview(operations, number, refund=True).json()

        assert (told["asks_for_refund"], told["refund"], told["refund_plan"]) == (False, None, None)

    @pytest.mark.parametrize(
        ("body", "problem"),
        [
            ({"reason": "expired"}, ("reason", "invalid_choice")),
            ({"refund": "yes"}, ("refund", "invalid")),
            ({"refund": 1}, ("refund", "invalid")),
            ({"why": "x"}, ("why", "unknown_field")),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, order, operations, body, problem):
        answer = preview(operations, order, **body)

        assert (answer.status_code, problems(answer)) == (400, [problem])

    def test_a_plan_is_known_by_its_hash_alone(self, order, operations):
        answer = cancel(operations, order, refund=True, plan_hash=5)

        assert (answer.status_code, problems(answer)) == (400, [("plan_hash", "invalid")])


class TestCancelling:
    def test_without_an_answer_both_plans_are_told(self, order, operations):
        answer = cancel(operations, order)

        told = answer.json()
        assert outcome(answer) == "409 order_has_payments"
        assert told["with_refund"] == preview(operations, order, refund=True).json()
        assert told["without_refund"] == preview(operations, order, refund=False).json()
        assert status_of(order) == "confirmed"

    @pytest.mark.parametrize("refund", [True, False])
    def test_an_answer_alone_is_not_enough(self, order, operations, refund):
        assert outcome(cancel(operations, order, refund=refund)) == "409 order_has_payments"

    def test_with_a_refund_the_money_goes_at_once(self, order, payment, operations, gateway):
        answer = by_plan(operations, order, True)

        told = answer.json()
        (refund,) = told["refunds"]
        assert answer.status_code == 200
        assert (told["status"], told["cancel_reason"]) == ("cancelled", "out_of_stock")
        assert told["payment_status"] == "refunded"
        assert (refund["state"], refund["source"], refund["reason"]) == (
            "succeeded",
            "cancel",
            "cancelled",
        )
        assert refund["requested_by"] == refund["approved_by"] == operations.user.email
        assert (money(payment), level()) == ((8000, 8000, 8000), (10, 0, 10))

    def test_without_one_nothing_goes(self, order, payment, operations, gateway):
        answer = by_plan(operations, order, False)

        assert (answer.status_code, answer.json()["refunds"]) == (200, [])
        assert (status_of(order), money(payment), gateway.asked) == (
            "cancelled",
            (8000, 0, 0),
            [],
        )

    def test_over_two_payments_one_provider_that_refuses_keeps_not_the_other(
        self, shirts, operations, gateway
    ):
        number = placed(guest(), ("SHIRT", 5), total="8000.00")["number"]
        first, second = pay_online(number, "3000.00"), pay_online(number, "5000.00")
        gateway.answers = ["refused"]

        told = by_plan(operations, number, True).json()

        assert [one["state"] for one in told["refunds"]] == ["failed", "succeeded"]
        assert told["status"] == "cancelled"
        assert (money(second), money(first)) == ((5000, 0, 0), (3000, 3000, 3000))
        (owed,) = operations.get("/staff/refunds/owed").json()["results"]
        assert (owed["number"], owed["owed"]) == (number, "5000.00")

    def test_what_moved_is_told_with_the_present_plan(self, order, operations, gateway):
        seen = preview(operations, order, refund=True).json()["plan_hash"]
        request(order, wish(shipping="1.00"), by=operations.user.pk)
        before = everything()

        answer = cancel(operations, order, refund=True, plan_hash=seen)

        told = answer.json()
        assert outcome(answer) == "409 plan_has_changed"
        assert told["plan"] == preview(operations, order, refund=True).json()
        assert told["plan_hash"] == told["plan"]["plan_hash"] != seen
        assert (everything(), gateway.asked) == (before, [])

    def test_who_may_not_refund_gets_the_plan_without(self, order, operations, monkeypatch):
        monkeypatch.setitem(RIGHTS, "refunds.request_refund", frozenset({Role.ADMIN}))

        asked = cancel(operations, order).json()

        assert outcome(preview(operations, order, refund=True)) == "403 refunding_not_allowed"
        assert asked["with_refund"] is None
        assert by_plan(operations, order, False).status_code == 200

    def test_support_cancels_no_confirmed_order(self, order, shirts):
        support = staff(Role.SUPPORT)

        assert outcome(preview(support, order, refund=True)) == "409 already_confirmed"
        assert outcome(cancel(support, order)) == "409 already_confirmed"

    def test_a_customer_whose_part_has_come_is_told_whom_to_ask(self, shirts):
        ada = customer()
        number = placed(ada, ("SHIRT", 5), total="8000.00")["number"]
        pay_online(number, "100.00")

        answer = act(ada, f"/orders/{number}/cancel")

        assert outcome(answer) == "409 order_has_payments"
        assert "Ask the shop" in answer.json()["detail"]
        assert "with_refund" not in answer.json()
        assert status_of(number) == "pending"


class TestOneKey:
    def test_only_what_gives_money_back_counts_as_a_refund(
        self, order, operations, gateway, settings
    ):
        settings.RATE_LIMITS = {**settings.RATE_LIMITS, "refund": "1/d"}
        second, _ = partly_paid()

        assert by_plan(operations, order, True).status_code == 200
        unpaid = [placed(guest(), ("SHIRT", 1), total="2000.00")["number"] for _ in range(2)]
        assert [cancel(operations, number).status_code for number in unpaid] == [200, 200]
        assert by_plan(operations, second, True).status_code == 429
        assert status_of(second) == "pending"
        assert by_plan(operations, second, False).status_code == 200

    def test_sent_again_it_is_answered_alike_and_done_once(
        self, order, payment, operations, gateway
    ):
        seen = preview(operations, order, refund=True).json()["plan_hash"]
        key = new_key()

        first, again = (
            cancel(operations, order, refund=True, plan_hash=seen, key=key) for _ in range(2)
        )

        assert first.content == again.content
        assert again["Idempotent-Replayed"] == "true"
        assert (len(gateway.asked), money(payment)) == (1, (8000, 8000, 8000))

    def test_with_another_answer_it_is_refused(self, order, operations, gateway):
        key = new_key()
        by_plan(operations, order, False, key=key)

        assert outcome(by_plan(operations, order, True, key=key)) == "422 idempotency_mismatch"
        assert gateway.asked == []

    def test_a_refusal_is_not_kept(self, order, operations, gateway):
        key = new_key()
        cancel(operations, order, key=key)

        assert not IdempotencyKey.objects.filter(key=key).exists()
        assert by_plan(operations, order, True, key=key).status_code == 200

    def test_a_process_that_died_before_the_provider_was_asked_goes_on(
        self, order, payment, operations, gateway
    ):
        seen = preview(operations, order, refund=True).json()["plan_hash"]
        key = new_key()
        with dying(), pytest.raises(SystemExit):
            cancel(operations, order, refund=True, plan_hash=seen, key=key)
        before = (status_of(order), money(payment), list(gateway.asked))

        answer = cancel(operations, order, refund=True, plan_hash=seen, key=key)

        assert before == ("cancelled", (8000, 8000, 0), [])
        assert answer.json()["refunds"][0]["state"] == "succeeded"
        assert (len(gateway.asked), Refund.objects.count()) == (1, 1)

    def test_or_the_job_does_it(self, order, payment, operations, gateway):
        with dying(), pytest.raises(SystemExit):
            by_plan(operations, order, True)

        services.execute_waiting_refunds(at=later())

        assert money(payment) == (8000, 8000, 8000)


class TestOwed:
    def test_cancelled_orders_with_money_that_nobody_promised_are_listed(
        self, order, operations, gateway
    ):
        def owed():
            rows = operations.get("/staff/refunds/owed").json()["results"]
            return [row["number"] for row in rows]

        before = owed()
        by_plan(operations, order, False)
        stayed = owed()
        (asked,) = request(order, wish(goodwill="8000.00"), by=person())
        promised = owed()
        services.cancel_refund(number=asked.number, user_id=person(), at=clock.now())
        given_up = owed()
        by_plan(operations, order, True)

        assert (before, stayed, promised, given_up, owed()) == ([], [order], [], [order], [])
        assert Order.objects.get().payment_status == "refunded"

    def test_logistics_do_not_see_them(self, db):
        assert outcome(staff(Role.LOGISTICS).get("/staff/refunds/owed")) == "403 forbidden"
