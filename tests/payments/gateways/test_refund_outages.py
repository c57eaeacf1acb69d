"""A refund at a provider that is slow, broken or gone: never twice, never called done or not."""

import json

import pytest

from shop.payments.gateways.base import GatewayRefused, GatewayUnavailable, NotAsked
from shop.payments.gateways.breaker import Breaker
from shop.payments.gateways.paystack import Paystack
from shop.payments.gateways.stripe import Stripe
from shop.payments.gateways.wire import Wire
from tests.ops.shops import free_port
from tests.ops.simulators import PAYSTACK_KEY, STRIPE_KEY
from tests.payments.gateways.answers import ANSWERS
from tests.payments.gateways.refunding import paid, refund_of, refunds_at

LISTS = {
    "paystack": ("/paystack/refund", PAYSTACK_KEY),
    "stripe": ("/stripe/v1/refunds", STRIPE_KEY),
}


def one_of_them(name, url, wire):
    if name == "paystack":
        return Paystack(secret_key=PAYSTACK_KEY, api_url=url, wire=wire)
    return Stripe(secret_key=STRIPE_KEY, webhook_secrets=[], api_url=url, wire=wire)


@pytest.fixture
def asked(gateway, simulators):
    return refund_of(paid(gateway, simulators))


def is_unclear(gateway, asked):
    with pytest.raises(GatewayUnavailable):
        gateway.refund(asked)
    for number in ("", "re_1"):
        with pytest.raises(GatewayUnavailable):
            gateway.look_up_refund(asked, provider_id=number)


def was_not_asked(gateway, asked):
    with pytest.raises(NotAsked):
        gateway.refund(asked)


@pytest.mark.parametrize(("status", "body"), ANSWERS)
def test_an_answer_that_says_nothing_is_no_answer(at, says, asked, status, body):
    is_unclear(at(says(status, body)), asked)


@pytest.mark.parametrize("answer", ["500", "429", "junk"])
def test_an_outage_is_no_answer(gateway, simulators, asked, answer):
    simulators.turn(gateway.provider, answer=answer)

    is_unclear(gateway, asked)


def test_nobody_listens_there_so_nothing_was_asked(gateway, asked, quick):
    was_not_asked(one_of_them(gateway.provider, f"http://127.0.0.1:{free_port()}", quick), asked)


def test_an_open_breaker_has_asked_nothing(gateway, simulators, asked):
    wire = Wire("test", breaker=Breaker("test", outages=1, open_s=1000))
    tired = one_of_them(gateway.provider, f"{simulators.url}/{gateway.provider}", wire)
    simulators.turn(gateway.provider, answer="500", times=1)
    with pytest.raises(GatewayUnavailable):
        tired.look_up_refund(asked, provider_id="")
    before = len(simulators.calls(gateway.provider))

    was_not_asked(tired, asked)
    with pytest.raises(NotAsked):
        tired.look_up_refund(asked, provider_id="")

    assert len(simulators.calls(gateway.provider)) == before
    wire.close()


def test_a_refund_that_was_asked_for_and_not_answered_may_have_been_done(
    gateway,
    simulators,
    asked,
    quick,
):
    slow = one_of_them(gateway.provider, f"{simulators.url}/{gateway.provider}", quick)
    if gateway.provider == "paystack":
        slow.look_up_refund = lambda *_, **__: None  # so that the lost answer is the refund's
    simulators.turn(gateway.provider, answer="lost", times=1)

    with pytest.raises(GatewayUnavailable) as problem:
        slow.refund(asked)

    assert not isinstance(problem.value, NotAsked)
    assert gateway.look_up_refund(asked, provider_id="").key == asked.key
    assert gateway.refund(asked).key == asked.key
    found = gateway.refunds_of(
        reference=asked.reference, payment_provider_id=asked.payment_provider_id
    )
    assert [one.amount for one in found] == [asked.amount]


def test_paystack_is_not_asked_for_what_it_may_have_done(paystack, simulators):
    charge = paid(paystack, simulators)
    simulators.turn("paystack", answer="500", times=1)

    was_not_asked(paystack, refund_of(charge))

    assert refunds_at(paystack, charge) == []


@pytest.mark.parametrize("status", [400, 404])
def test_what_something_in_between_says_is_no_refusal(says, quick, status):
    body = json.dumps({"message": "no such route", "data": []}).encode()
    paystack = one_of_them("paystack", says(status, body), quick)
    paystack.look_up_refund = lambda *_, **__: None
    charge = type("Charge", (), {"reference": "P-1", "provider_id": "1", "currency": "NGN"})

    with pytest.raises(GatewayUnavailable):
        paystack.refund(refund_of(charge))


def test_a_wrong_key_is_no_word_on_a_refund(gateway, simulators, asked, quick):
    url = f"{simulators.url}/{gateway.provider}"
    wrong = (
        Paystack(secret_key="sk_test_wrong", api_url=url, wire=quick)
        if gateway.provider == "paystack"
        else Stripe(secret_key="sk_test_wrong", webhook_secrets=[], api_url=url, wire=quick)
    )

    with pytest.raises(GatewayUnavailable):
        wrong.look_up_refund(asked, provider_id="")
    with pytest.raises((GatewayRefused, NotAsked)):
        wrong.refund(asked)
    assert gateway.look_up_refund(asked, provider_id="") is None


def test_an_answer_about_another_payment_is_no_answer(gateway, simulators, asked, quick, says):
    other = paid(gateway, simulators)
    gateway.refund(refund_of(other))
    path, key = LISTS[gateway.provider]
    headers = {"Authorization": f"Bearer {key}", "Stripe-Version": "2026-10-28.endive"}
    told = simulators.client.get(path, headers=headers)
    confused = one_of_them(gateway.provider, says(200, told.content), quick)

    if gateway.provider == "paystack":
        assert confused.look_up_refund(asked, provider_id="") is None
    else:
        with pytest.raises(GatewayUnavailable):
            confused.look_up_refund(asked, provider_id="")
