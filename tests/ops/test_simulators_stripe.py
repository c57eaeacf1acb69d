"""The simulated Stripe: as strict as https://docs.stripe.com/api."""

import hashlib
import hmac
import threading
import time

import pytest

from tests.ops.provider_calls import assert_refused
from tests.ops.simulators import WEBHOOK_SECRET

HALF_AN_HOUR_S = 30 * 60


def test_only_the_key_opens_and_a_version_is_pinned(stripe):
    assert_refused(stripe.ask("GET", "/checkout/sessions", key="sk_test_x"), 401, "Invalid API")
    bad = stripe.ask("GET", "/checkout/sessions", **{"Stripe-Version": "newest"})
    assert_refused(bad, 400, "version")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"mode": None}, "Missing required param: mode"),
        ({"success_url": None}, "Missing required param: success_url"),
        ({"success_url": "/paid"}, "Not a valid URL"),
        ({"customer_email": "nobody"}, "email"),
        ({"client_reference_id": "x" * 201}, "Too long"),
        ({"clientreference": "x"}, "unknown parameter: clientreference"),
        ({"expires_at": "5"}, "at least 30 minutes"),
        ({"line_items[0][price_data][unit_amount]": "15.5"}, "Invalid integer"),
        ({"line_items[0][price_data][unit_amount]": "0"}, "out of range"),
        ({"line_items[0][price_data][currency]": "NGN"}, "currency"),
    ],
)
def test_parameters_are_checked(stripe, changes, words):
    assert_refused(stripe.session(**changes), 400, words)


def test_a_session_lasts_half_an_hour_to_a_day(stripe):
    moment = int(time.time())
    lengths = [HALF_AN_HOUR_S - 120, HALF_AN_HOUR_S, 24 * 3600, 24 * 3600 + 120]

    answers = [stripe.session(expires_at=str(moment + length)) for length in lengths]

    assert [answer.status_code for answer in answers] == [400, 200, 200, 400]


def test_three_decimals_end_in_nought(stripe):
    price = "line_items[0][price_data]"
    for amount, status in (("5120", 200), ("5125", 400)):
        form = {f"{price}[currency]": "kwd", f"{price}[unit_amount]": amount}
        assert stripe.session(**form).status_code == status


def test_the_same_key_and_parameters_give_the_same_answer(stripe):
    first, again = stripe.session("key-1"), stripe.session("key-1")

    assert first.content == again.content
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers


def test_the_same_key_with_other_parameters_is_an_error(stripe):
    stripe.session("key-2")
    other = stripe.session("key-2", client_reference_id="other")

    assert_refused(other, 400, "same parameters")
    assert other.json()["error"]["type"] == "idempotency_error"


def test_without_a_key_each_is_new_and_a_refusal_is_not_kept(stripe):
    assert stripe.session().json()["id"] != stripe.session().json()["id"]
    assert stripe.session("key-3", mode=None).status_code == 400
    assert stripe.session("key-3").status_code == 200


def test_many_at_once_with_one_key_are_one_session(stripe):
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(stripe.session("key-4"))) for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {answer.status_code for answer in answers} <= {200, 409}
    assert len({a.json()["id"] for a in answers if a.status_code == 200}) == 1


def test_a_notice_is_signed_with_its_time(stripe, simulators, ear):
    stripe.paid(simulators)

    ((body, headers),) = ear.wait_for(1)
    parts = dict(part.split("=") for part in headers["Stripe-Signature"].split(","))
    signed = f"{parts['t']}.".encode() + body
    expected = hmac.new(WEBHOOK_SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert parts["v1"] == expected
    assert abs(int(parts["t"]) - time.time()) < 5
    assert ear.heard[0][0] == "/api/v1/webhooks/stripe"


def test_refunds_never_exceed_what_was_paid(stripe, simulators):
    intent = stripe.paid(simulators)

    assert stripe.refund(payment_intent=intent, amount="100000").status_code == 200
    too_much = stripe.refund(payment_intent=intent, amount="50001")
    assert_refused(too_much, 400, "greater than unrefunded amount")
    assert stripe.refund(payment_intent=intent).json()["amount"] == 50_000
    again = stripe.refund(payment_intent=intent)
    assert again.json()["error"]["code"] == "charge_already_refunded"


def test_a_refund_with_its_key_is_made_once(stripe, simulators):
    intent = stripe.paid(simulators)

    made = [stripe.refund("rf-1-1", payment_intent=intent, amount="9") for _ in range(3)]

    assert len({answer.json()["id"] for answer in made}) == 1
    assert stripe.refund(payment_intent=intent).json()["amount"] == 149_991
    other = stripe.refund("rf-1-1", payment_intent=intent, amount="8")
    assert other.json()["error"]["type"] == "idempotency_error"


def test_what_was_not_paid_is_not_refunded(stripe, simulators):
    opened = stripe.session().json()
    simulators.choose(opened["url"], "decline")
    found = stripe.ask("GET", f"/checkout/sessions/{opened['id']}").json()

    refused = stripe.refund(payment_intent=found["payment_intent"])
    assert_refused(refused, 400, "successful charge")
    assert_refused(stripe.refund(payment_intent="pi_0"), 404, "No such payment_intent")


def test_a_refund_can_be_looked_up(stripe, simulators):
    made = stripe.refund(payment_intent=stripe.paid(simulators)).json()

    assert stripe.ask("GET", f"/refunds/{made['id']}").json() == made
    assert stripe.ask("GET", "/refunds/re_0").status_code == 404


def test_a_page_of_refunds_is_of_one_payment_and_the_newest_come_first(stripe, simulators):
    intent, other = stripe.paid(simulators), stripe.paid(simulators)
    made = [stripe.refund(payment_intent=intent, amount=n).json()["id"] for n in "123"]
    stripe.refund(payment_intent=other, amount="4")

    first = stripe.ask("GET", f"/refunds?payment_intent={intent}&limit=2").json()
    path = f"/refunds?payment_intent={intent}&limit=2&starting_after={first['data'][-1]['id']}"
    second = stripe.ask("GET", path).json()

    assert [one["id"] for one in first["data"] + second["data"]] == made[::-1]
    assert (first["has_more"], second["has_more"]) == (True, False)
    assert_refused(stripe.ask("GET", "/refunds?limit=101"), 400, "limit")
    assert_refused(stripe.ask("GET", "/refunds?metadata[key]=1"), 400, "unknown parameter")


def test_a_refund_goes_where_stripe_lets_it(stripe, simulators, ear):
    simulators.turn("stripe", refunds="wait")
    made = stripe.refund(payment_intent=stripe.paid(simulators)).json()["id"]

    for step in ("requires_action", "succeeded", "failed"):
        simulators.control(provider="stripe", move_refund=made, status=step)
        assert stripe.ask("GET", f"/refunds/{made}").json()["status"] == step
    wanted = {"provider": "stripe", "move_refund": made, "status": "succeeded"}
    assert_refused(simulators.client.post("/_control", json=wanted), 400, "not followed by")


def test_what_failed_to_go_back_can_be_refunded_again(stripe, simulators):
    intent = stripe.paid(simulators)
    simulators.turn("stripe", refunds="fail")
    assert stripe.refund(payment_intent=intent).json()["status"] == "pending"

    assert stripe.refund(payment_intent=intent).json()["amount"] == 150_000


def test_what_a_dispute_took_cannot_be_refunded(stripe, simulators, ear):
    opened = stripe.session(client_reference_id="disputed").json()
    simulators.choose(opened["url"])
    found = stripe.ask("GET", f"/checkout/sessions/{opened['id']}").json()
    simulators.control(provider="stripe", charge_back="disputed", amount=100_000)

    refused = stripe.refund(payment_intent=found["payment_intent"], amount="50001")

    assert_refused(refused, 400, "greater than unrefunded amount")
    ear.wait_for(3)
    assert {event["type"] for event in ear.events()} == {
        "checkout.session.completed",
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
    }
