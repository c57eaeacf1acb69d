"""A provider that is slow, broken or gone: no clear answer, and never a wrong one."""

import json
import socket
import time

import pytest

from shop.payments.gateways import wire as wires
from shop.payments.gateways.base import GatewayRefused, GatewayUnavailable, Outcome, ReferenceTaken
from shop.payments.gateways.paystack import Paystack
from shop.payments.gateways.stripe import Stripe
from shop.payments.gateways.wire import Outage, Wire
from tests.ops.shops import free_port
from tests.ops.simulators import PAYSTACK_KEY, STRIPE_KEY
from tests.payments.gateways.answers import ANSWERS
from tests.payments.gateways.notices import PAYSTACK_CHARGE
from tests.payments.gateways.wanting import wanted


@pytest.fixture
def slow_gateway(at, simulators, request):
    name = request.node.callspec.params["at"]
    return at(f"{simulators.url}/{name}")


def is_unclear(gateway, asked=None):
    with pytest.raises(GatewayUnavailable) as problem:
        gateway.start(asked or wanted())
    assert problem.value.retry_after == 5
    for known in ("", "cs_test_1", "pi_1"):
        with pytest.raises(GatewayUnavailable):
            gateway.look_up(reference="mdv-1", provider_id=known)


@pytest.mark.parametrize(("status", "body"), ANSWERS)
def test_an_answer_that_says_nothing_is_no_answer(at, says, status, body):
    is_unclear(at(says(status, body)))


def test_a_call_with_the_same_key_still_under_way_is_unclear(says, quick):
    code = "idempotency_key_in_use"
    for kind in ("idempotency_error", "invalid_request_error"):
        body = json.dumps({"error": {"type": kind, "code": code, "message": "wait"}}).encode()
        stripe = Stripe(
            secret_key=STRIPE_KEY, webhook_secrets=[], api_url=says(409, body), wire=quick
        )
        is_unclear(stripe)


# Of what Paystack says to a refusal, either part may be missing or worded anew.
@pytest.mark.parametrize(
    "said",
    [
        {"code": "duplicate_reference", "message": "Choose another one"},
        {"message": "Duplicate Transaction Reference"},
    ],
)
def test_paystacks_code_or_its_sentence_is_enough_to_know_that_a_reference_is_taken(
    says, quick, said
):
    body = json.dumps({"status": False, **said}).encode()
    paystack = Paystack(secret_key=PAYSTACK_KEY, api_url=says(400, body), wire=quick)

    with pytest.raises(ReferenceTaken):
        paystack.start(wanted())


@pytest.mark.parametrize(
    "said",
    [
        {"code": "transaction_not_found", "message": "Nothing here"},
        {"message": "Transaction reference not found."},
    ],
)
def test_paystacks_code_or_its_sentence_is_enough_to_know_that_there_is_no_payment(
    says, quick, said
):
    body = json.dumps({"status": False, **said}).encode()
    paystack = Paystack(secret_key=PAYSTACK_KEY, api_url=says(404, body), wire=quick)

    assert paystack.look_up(reference="mdv-1", provider_id="") is None


def test_an_answer_about_another_payment_is_no_answer(says, quick):
    charge = {**PAYSTACK_CHARGE, "reference": "mdv-2"}
    body = json.dumps({"status": True, "data": charge}).encode()
    paystack = Paystack(secret_key=PAYSTACK_KEY, api_url=says(200, body), wire=quick)

    with pytest.raises(GatewayUnavailable):
        paystack.look_up(reference="mdv-1", provider_id="")
    assert paystack.look_up(reference="mdv-2", provider_id="").reference == "mdv-2"


@pytest.mark.parametrize("answer", ["500", "429", "junk", "silent"])
def test_an_outage_is_no_answer(slow_gateway, simulators, answer):
    simulators.turn(slow_gateway.provider, answer=answer)

    is_unclear(slow_gateway)


def test_nobody_listens_there(at):
    is_unclear(at(f"http://127.0.0.1:{free_port()}"))


def test_a_server_that_takes_the_call_and_never_speaks_is_left_after_the_timeout(at):
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        began = time.monotonic()
        is_unclear(at(f"http://127.0.0.1:{mute.getsockname()[1]}"))

    assert time.monotonic() - began < 2


def test_a_server_that_drips_is_left_too(at, says):
    began = time.monotonic()
    is_unclear(at(says(200, b"{" + b" " * 100, byte_every_s=0.1)))

    assert time.monotonic() - began < 4


def test_the_timeouts_are_three_and_eight_seconds():
    assert (wires.CONNECT_TIMEOUT_S, wires.READ_TIMEOUT_S) == (3.0, 8.0)


def test_a_payment_whose_start_was_never_answered_is_found_or_begun_again(slow_gateway, simulators):
    asked = wanted()
    simulators.turn(slow_gateway.provider, answer="lost", times=1)

    with pytest.raises(GatewayUnavailable):
        slow_gateway.start(asked)

    found = slow_gateway.look_up(reference=asked.reference, provider_id="")
    assert found.outcome in {Outcome.PENDING, Outcome.ABANDONED}
    if slow_gateway.provider == "paystack":
        with pytest.raises(ReferenceTaken):
            slow_gateway.start(asked)
    else:
        assert simulators.client.get(slow_gateway.start(asked).redirect_url).status_code == 200


def test_a_wrong_key_is_a_refusal_to_start_and_no_word_on_a_payment(at, simulators, request, quick):
    name = request.node.callspec.params["at"]
    url = f"{simulators.url}/{name}"
    wrong = "sk_test_wrong"
    gateway = (
        Paystack(secret_key=wrong, api_url=url, wire=quick)
        if name == "paystack"
        else Stripe(secret_key=wrong, webhook_secrets=["whsec_1"], api_url=url, wire=quick)
    )

    with pytest.raises(GatewayRefused, match="refused") as refusal:
        gateway.start(wanted())
    with pytest.raises(GatewayUnavailable):
        gateway.look_up(reference="mdv-1", provider_id="")

    assert wrong not in refusal.value.reason


def test_the_wire_follows_no_redirect(says, quick):
    with pytest.raises(Outage, match="302"):
        quick.ask("GET", says(302, b"{}"), headers={})


def test_the_wire_uses_no_proxy_of_the_environment(says, monkeypatch):
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    wire = Wire("test")

    assert wire.ask("GET", says(200, b"{}"), headers={}).body == b"{}"
    wire.close()
