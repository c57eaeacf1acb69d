"""The simulated Paystack: as strict as https://paystack.com/docs/api."""

import hashlib
import hmac
import json

import pytest

from tests.ops.provider_calls import assert_refused
from tests.ops.simulators import PAYSTACK_KEY


def test_only_the_key_opens(paystack):
    answer = paystack.ask("GET", "/transaction/verify/a", key="sk_test_other")
    assert_refused(answer, 401, "Invalid key")


@pytest.mark.parametrize("amount", [None, "", "0", "-1", "15.5", 15.5, True, "1e3", "٣", []])
def test_an_amount_is_a_whole_number_of_kobo(paystack, amount):
    assert_refused(paystack.initialize(amount=amount), 400, "Invalid Amount Sent")
    assert paystack.initialize(amount=1).status_code == 200


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"email": "nobody"}, 400, "Email"),
        ({"reference": "a b"}, 400, "reference"),
        ({"reference": "a/b"}, 400, "reference"),
        ({"currency": "JPY"}, 403, "Currency not supported"),
        ({"callback_url": "javascript:1"}, 400, "callback"),
        ({"callbackurl": "https://a"}, 400, "Unknown parameter"),
    ],
)
def test_parameters_are_checked(paystack, changes, status, words):
    assert_refused(paystack.initialize(**changes), status, words)


def test_a_reference_is_used_once(paystack):
    assert paystack.initialize(reference="once-only").status_code == 200
    again = paystack.initialize(reference="once-only")
    assert_refused(again, 400, "Duplicate Transaction Reference")


def test_an_unknown_reference_is_not_found(paystack):
    answer = paystack.ask("GET", "/transaction/verify/unknown")
    assert_refused(answer, 400, "Transaction reference not found")


def test_a_notice_is_signed_over_its_bytes(paystack, simulators, ear):
    reference = paystack.paid(simulators)

    ((body, headers),) = ear.wait_for(1)
    expected = hmac.new(PAYSTACK_KEY.encode(), body, hashlib.sha512).hexdigest()
    assert headers["x-paystack-signature"] == expected
    assert json.loads(body)["data"]["reference"] == reference
    assert ear.heard[0][0] == "/api/v1/webhooks/paystack"


def test_refunds_never_exceed_what_was_paid(paystack, simulators):
    reference = paystack.paid(simulators)

    assert paystack.refund(transaction=reference, amount=100_000).status_code == 200
    too_much = paystack.refund(transaction=reference, amount=50_001)
    assert_refused(too_much, 400, "cannot be more")
    assert paystack.refund(transaction=reference).json()["data"]["amount"] == 50_000
    again = paystack.refund(transaction=reference)
    assert_refused(again, 400, "fully reversed")
    found = paystack.ask("GET", f"/transaction/verify/{reference}").json()
    assert found["data"]["status"] == "reversed"


@pytest.mark.parametrize(
    ("facts", "words"),
    [({"amount": 0}, "Amount"), ({"amount": "5"}, "Amount"), ({"currency": "USD"}, "Currency")],
)
def test_a_refund_is_checked(paystack, simulators, facts, words):
    answer = paystack.refund(transaction=paystack.paid(simulators), **facts)
    assert_refused(answer, 400, words)


def test_what_was_not_paid_is_not_refunded(paystack):
    reference = paystack.initialize().json()["data"]["reference"]
    assert_refused(paystack.refund(transaction=reference), 400, "Only successful")
    assert_refused(paystack.refund(transaction="unknown"), 404, "not found")


def test_a_refund_can_be_looked_up_and_is_told(paystack, simulators, ear):
    made = paystack.refund(transaction=paystack.paid(simulators)).json()["data"]

    found = paystack.ask("GET", f"/refund/{made['id']}").json()["data"]
    assert (made["status"], found["status"]) == ("pending", "processed")
    ear.wait_for(3)
    told = {"charge.success", "refund.pending", "refund.processed"}
    assert {event["event"] for event in ear.events()} == told


def test_a_page_of_refunds_is_of_one_transaction_and_the_newest_come_first(paystack, simulators):
    reference, other = paystack.paid(simulators), paystack.paid(simulators)
    made = [paystack.refund(transaction=reference, amount=n).json()["data"] for n in (1, 2, 3)]
    paystack.refund(transaction=other, amount=4)
    number = made[0]["transaction"]["id"]

    def page(page):
        path = f"/refund?transaction={number}&perPage=2&page={page}"
        return [one["amount"] for one in paystack.ask("GET", path).json()["data"]]

    assert [page(1), page(2), page(3)] == [[3, 2], [1], []]
    assert_refused(paystack.ask("GET", "/refund?transactions=1"), 400, "Unknown parameter")


def test_a_refund_goes_where_paystack_lets_it(paystack, simulators):
    simulators.turn("paystack", refunds="wait")
    made = paystack.refund(transaction=paystack.paid(simulators)).json()["data"]

    def status():
        return paystack.ask("GET", f"/refund/{made['id']}").json()["data"]["status"]

    for step in ("processing", "needs-attention", "processing", "processed"):
        simulators.control(provider="paystack", move_refund=str(made["id"]), status=step)
        assert status() == step
    wanted = {"provider": "paystack", "move_refund": str(made["id"]), "status": "failed"}
    assert_refused(simulators.client.post("/_control", json=wanted), 400, "not followed by")
    assert status() == "processed"


def test_what_failed_to_go_back_can_be_refunded_again(paystack, simulators):
    reference = paystack.paid(simulators)
    simulators.turn("paystack", refunds="fail")
    assert paystack.refund(transaction=reference).status_code == 200

    assert paystack.refund(transaction=reference).json()["data"]["amount"] == 150_000


def test_a_refunds_notice_does_not_say_which_it_is(paystack, simulators, ear):
    paystack.refund(transaction=paystack.paid(simulators), merchant_note="key=1")

    ear.wait_for(3)
    for event in ear.events():
        if event["event"].startswith("refund."):
            assert not {"id", "merchant_note"} & event["data"].keys()
            assert event["data"]["amount"] == "150000"


def test_a_dispute_that_is_lost_takes_the_money_once(paystack, simulators, ear):
    reference = paystack.paid(simulators)
    simulators.control(provider="paystack", charge_back=reference, amount=100_000)

    ear.wait_for(4)
    assert {event["event"] for event in ear.events()} == {
        "charge.success",
        "charge.dispute.create",
        "charge.dispute.resolve",
        "refund.processed",
    }
    assert_refused(paystack.refund(transaction=reference, amount=50_001), 400, "cannot be more")
