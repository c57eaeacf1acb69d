"""Money that goes back over the API: one request, one key, and what the provider did with it."""

from contextlib import contextmanager
from datetime import timedelta

import pytest

from mdv.idempotency.models import IdempotencyKey
from mdv.kernel import clock
from refunds import services
from refunds.models import Refund
from shop.payments.models import Payment
from tests.orders.ordering import act, guest, new_key, placed, problems
from tests.refunds.api.calling import SHIPPING, outcome, preview, refunded, send, shirts, step
from tests.refunds.refunding import everything, later, money, pay_online
from tests.refunds.returning import AS_NEW, approved, receive


@contextmanager
def dying():
    """Processes that end once the money is promised, before a provider hears of it."""

    def die(**_):
        raise SystemExit

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(services, "execute_plan", die)
        yield


@pytest.fixture
def shirts_for_two(shirts, supervisor):
    """An order that two payments of 4,000 paid, and who may give goodwill."""
    number = placed(guest(), ("SHIRT", 5), total="8000.00")["number"]
    pay_online(number, "4000.00")
    pay_online(number, "4000.00")
    return supervisor, number


class TestGivingBack:
    def test_within_ones_limits_the_money_goes_at_once(self, order, payment, operations, gateway):
        (refund,) = refunded(operations, order, shirts(note="A stain"))

        assert (refund["state"], refund["amount"], refund["source"]) == (
            "succeeded",
            "1500.00",
            "staff",
        )
        assert refund["requested_by"] == refund["approved_by"] == operations.user.email
        assert refund["payment"] == payment.reference
        assert (refund["note"], refund["next_states"]) == ("A stain", [])
        assert refund["credit_note"].startswith("CN-")
        assert refund["lines"] == [
            {
                "sku": "SHIRT",
                "title": "Shirt",
                "restock": "cancel",
                "quantity": 1,
                "amount": "1500.00",
                "tax": "0.00",
                "withheld": "0.00",
            }
        ]
        assert gateway.asked == [f"rf-{Refund.objects.get().pk}-1"]
        assert money(payment) == (8000, 1500, 1500)
        assert operations.get(f"/staff/refunds/{refund['number']}").json() == refund

    def test_the_same_request_with_the_same_key_is_one_refund_byte_for_byte(
        self, order, operations, gateway
    ):
        plan_hash = preview(operations, order, shirts()).json()["plan_hash"]
        key = new_key()

        first, again = (
            send(operations, order, shirts(), plan_hash=plan_hash, key=key) for _ in range(2)
        )

        assert (first.status_code, first.content) == (201, again.content)
        assert again["Idempotent-Replayed"] == "true"
        assert (Refund.objects.count(), len(gateway.asked)) == (1, 1)

    def test_without_a_key_nothing_happens(self, order, operations):
        body = {**shirts(), "plan_hash": "a" * 64}

        answer = operations.send("POST", f"/staff/orders/{order}/refunds", body)

        assert outcome(answer) == "400 idempotency_key_required"
        assert not Refund.objects.exists()

    def test_without_a_plan_nothing_happens(self, order, operations):
        answer = act(operations, f"/staff/orders/{order}/refunds", shirts())

        assert problems(answer) == [("plan_hash", "required")]

    def test_when_another_refund_lands_in_between_the_fresh_plan_comes_back(
        self, order, operations, supervisor, gateway
    ):
        seen = preview(operations, order, shirts()).json()
        refunded(supervisor, order, SHIPPING)
        before = everything()

        answer = send(operations, order, shirts(), plan_hash=seen["plan_hash"])

        assert outcome(answer) == "409 plan_has_changed"
        assert everything() == before
        told = answer.json()
        assert told["plan"] == preview(operations, order, shirts()).json()
        assert told["plan_hash"] == told["plan"]["plan_hash"] != seen["plan_hash"]
        assert told["plan"]["balances"]["committed_before"] == "100.00"
        assert send(operations, order, shirts(), plan_hash=told["plan_hash"]).status_code == 201

    def test_over_two_payments_one_plan_becomes_two_refunds(self, shirts_for_two, gateway):
        caller, number = shirts_for_two

        refunds = refunded(caller, number, {"goodwill": "8000.00", "reason": "goodwill"})

        assert sorted(refund["amount"] for refund in refunds) == ["4000.00", "4000.00"]
        assert {refund["state"] for refund in refunds} == {"succeeded"}
        payments = Payment.objects.order_by("id").values_list("refunded", flat=True)
        assert list(payments) == [4000, 4000]

    def test_where_one_provider_says_no_the_other_refund_stands(self, shirts_for_two, gateway):
        caller, number = shirts_for_two
        gateway.answers = ["refused"]

        refunds = refunded(caller, number, {"goodwill": "8000.00", "reason": "goodwill"})

        assert sorted(refund["state"] for refund in refunds) == ["failed", "succeeded"]
        assert [refund["failure"] for refund in refunds if refund["state"] == "failed"] == [
            "Insufficient balance"
        ]

    def test_what_came_back_is_refunded_for_its_return(self, number, operations):
        returned = approved(number, ("SHIRT", 2))
        receive(returned, ("SHIRT", 2, AS_NEW, True))
        body = shirts(2, restock="return", of_return=returned, reason="returned")

        (refund,) = refunded(operations, number, body)

        assert (refund["of_return"], refund["source"]) == (returned, "return")
        assert (refund["state"], refund["method"], refund["amount"]) == (
            "approved",
            "manual",
            "3000.00",
        )

    def test_a_provider_that_gives_no_answer_leaves_it_unknown(
        self, order, payment, operations, gateway
    ):
        gateway.answers = ["lost"]

        (refund,) = refunded(operations, order, SHIPPING)

        assert (refund["state"], refund["next_states"]) == (
            "unknown",
            ["failed", "processing", "succeeded"],
        )
        assert money(payment) == (8000, 100, 0)
        retried = step(operations, refund, "retry", {"version": refund["version"]})
        assert outcome(retried) == "409 invalid_transition"
        found = step(operations, refund, "lookup")
        assert (found.status_code, found.json()["state"]) == (200, "succeeded")
        assert money(payment) == (8000, 100, 100)
        assert len(gateway.asked) == 1

    def test_a_provider_that_is_not_there_is_said_at_a_look_up(self, order, operations, gateway):
        gateway.answers = ["lost"]
        (refund,) = refunded(operations, order, SHIPPING)
        gateway.is_down = True

        assert outcome(step(operations, refund, "lookup")) == "503 gateway_unavailable"

    def test_without_the_providers_keys_it_waits_for_them(self, order, payment, operations):
        (refund,) = refunded(operations, order, SHIPPING)

        assert (refund["state"], refund["asked_at"]) == ("approved", None)
        assert money(payment) == (8000, 100, 0)

    def test_a_request_that_died_on_the_way_is_finished_by_its_repetition(
        self, order, operations, gateway
    ):
        key = new_key()
        plan_hash = preview(operations, order, SHIPPING).json()["plan_hash"]
        with dying(), pytest.raises(SystemExit):
            send(operations, order, SHIPPING, plan_hash=plan_hash, key=key)
        assert (Refund.objects.get().state, gateway.asked) == ("approved", [])

        answer = send(operations, order, SHIPPING, plan_hash=plan_hash, key=key)

        assert [refund["state"] for refund in answer.json()["refunds"]] == ["succeeded"]
        assert (Refund.objects.count(), len(gateway.asked)) == (1, 1)

    def test_or_by_a_job_and_its_repetition_tells_what_came_of_it(self, order, operations, gateway):
        key = new_key()
        plan_hash = preview(operations, order, SHIPPING).json()["plan_hash"]
        with dying(), pytest.raises(SystemExit):
            send(operations, order, SHIPPING, plan_hash=plan_hash, key=key)

        services.execute_waiting_refunds(at=later())

        answer = send(operations, order, SHIPPING, plan_hash=plan_hash, key=key)
        assert [refund["state"] for refund in answer.json()["refunds"]] == ["succeeded"]
        assert gateway.asked == [f"rf-{Refund.objects.get().pk}-1"]

    def test_what_a_refusal_left_is_nothing_so_the_key_may_be_used_again(
        self, order, operations, gateway
    ):
        key = new_key()
        plan_hash = preview(operations, order, SHIPPING).json()["plan_hash"]
        refunded(operations, order, {**SHIPPING, "shipping": "450.00"})

        refused = send(operations, order, SHIPPING, plan_hash=plan_hash, key=key)

        assert outcome(refused) == "409 exceeds_refundable"
        assert refused.json()["shipping_left"] == "50.00"
        assert not IdempotencyKey.objects.filter(status=None).exists()


@pytest.mark.real_limits
def test_ten_refunds_a_minute_are_enough_for_one_person(order, operations, gateway):
    body = {**SHIPPING, "plan_hash": "a" * 64}
    path = f"/staff/orders/{order}/refunds"

    answers = [outcome(act(operations, path, body)) for _ in range(11)]

    assert answers == ["409 plan_has_changed"] * 10 + ["429 rate_limited"]


def test_a_twin_is_told_to_wait_while_somebody_is_at_it(order, operations, gateway):
    key = new_key()
    plan_hash = preview(operations, order, SHIPPING).json()["plan_hash"]
    with dying(), pytest.raises(SystemExit):
        send(operations, order, SHIPPING, plan_hash=plan_hash, key=key)
    IdempotencyKey.objects.update(busy_until=clock.now() + timedelta(minutes=1))

    answer = send(operations, order, SHIPPING, plan_hash=plan_hash, key=key)

    assert outcome(answer) == "409 still_running"
    assert answer["Retry-After"]
    assert gateway.asked == []
