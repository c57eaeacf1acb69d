"""Who may tell us of a payment: the holder of the secret, a short while ago, and nobody else."""

from datetime import timedelta

import pytest

from shop.payments.gateways.base import BadSignature
from shop.payments.gateways.paystack import Paystack
from shop.payments.gateways.stripe import Stripe
from tests.ops.simulators import PAYSTACK_KEY, WEBHOOK_SECRET
from tests.payments.gateways.notices import (
    paystack_event,
    paystack_headers,
    signed,
    stripe_event,
    stripe_headers,
)
from tests.payments.gateways.wanting import now

EVENTS = {"paystack": paystack_event(), "stripe": stripe_event()}
HEADERS = {"paystack": "X-Paystack-Signature", "stripe": "Stripe-Signature"}
OTHER = {"paystack": "stripe", "stripe": "paystack"}
ODD = [
    "",
    "ä" * 64,
    "\udce4",
    "\x00",
    "a" * 100_000,
    "=",
    ",,,",
    "t=",
    "t=,v1=",
    "v1=ab",
    "t=٣,v1=a",
]


def refuse(gateway, body, headers, at=None):
    with pytest.raises(BadSignature):
        gateway.read_notice(body=body, headers=headers, at=at or now())


@pytest.fixture
def notice(gateway):
    return signed(gateway.provider, EVENTS[gateway.provider])


def test_what_is_signed_is_read_whatever_the_case_of_the_header(gateway, notice):
    body, headers = notice
    upper = {name.upper(): value for name, value in headers.items()}

    for given in (headers, upper):
        assert gateway.read_notice(body=body, headers=given, at=now()).charge.reference == "mdv-1"


def test_one_byte_more_or_another_one_is_refused(gateway, notice):
    body, headers = notice

    refuse(gateway, body + b" ", headers)
    refuse(gateway, body.replace(b"150000", b"150001"), headers)


def test_a_signature_that_is_right_but_for_its_last_digit_is_refused(gateway, notice):
    body, headers = notice
    ((name, signature),) = headers.items()
    other = "0" if signature[-1] != "0" else "1"

    refuse(gateway, body, {name: signature[:-1] + other})
    refuse(gateway, body, {name: signature[:-1]})


def test_no_signature_is_refused(gateway, notice):
    refuse(gateway, notice[0], {})


@pytest.mark.parametrize("odd", ODD)
def test_odd_signatures_are_refused_and_raise_nothing_else(gateway, notice, odd):
    refuse(gateway, notice[0], {HEADERS[gateway.provider]: odd})


def test_a_strangers_signature_is_refused(gateway):
    body, _ = signed(gateway.provider, EVENTS[gateway.provider])
    sign = {"paystack": paystack_headers, "stripe": stripe_headers}[gateway.provider]

    refuse(gateway, body, sign(body, secret="sk_test_of_a_stranger"))


def test_the_other_providers_notice_is_refused(gateway):
    refuse(gateway, *signed(OTHER[gateway.provider], EVENTS[OTHER[gateway.provider]]))


@pytest.mark.parametrize("secret", ["", " "])
def test_an_empty_secret_verifies_nothing(secret, wire):
    nowhere = {"api_url": "http://127.0.0.1:1", "wire": wire}
    paystack = Paystack(secret_key=secret, **nowhere)
    stripe = Stripe(secret_key="sk_test_1", webhook_secrets=[secret], **nowhere)
    body, _ = signed("paystack", EVENTS["paystack"])
    refuse(paystack, body, paystack_headers(body, secret=secret))

    body, _ = signed("stripe", EVENTS["stripe"])
    refuse(stripe, body, stripe_headers(body, secret=secret))


def test_while_a_secret_is_changed_the_old_one_verifies_too(wire):
    nowhere = {"api_url": "http://127.0.0.1:1", "wire": wire}
    paystack = Paystack(secret_key="sk_test_new", old_secret_keys=[PAYSTACK_KEY, ""], **nowhere)
    stripe = Stripe(
        secret_key="sk_test_1", webhook_secrets=["whsec_new", WEBHOOK_SECRET], **nowhere
    )

    for gateway in (paystack, stripe):
        body, headers = signed(gateway.provider, EVENTS[gateway.provider])
        assert gateway.read_notice(body=body, headers=headers, at=now()).charge


def test_a_test_key_says_nothing_of_real_money_after_the_shop_has_gone_live(wire):
    nowhere = {"api_url": "http://127.0.0.1:1", "wire": wire}
    live = Paystack(secret_key="sk_live_new", old_secret_keys=[PAYSTACK_KEY], **nowhere)
    body, _ = signed("paystack", paystack_event(domain="live"))

    refuse(live, body, paystack_headers(body, secret=PAYSTACK_KEY))
    assert live.read_notice(
        body=body, headers=paystack_headers(body, secret="sk_live_new"), at=now()
    ).charge


@pytest.mark.parametrize(
    ("age", "is_read"),
    [(0, True), (299, True), (302, False), (-299, True), (-302, False), (10**9, False)],
)
def test_stripes_signature_holds_for_300_seconds(stripe, age, is_read):
    body, _ = signed("stripe", EVENTS["stripe"])
    headers = stripe_headers(body, at=now() - timedelta(seconds=age))

    if is_read:
        assert stripe.read_notice(body=body, headers=headers, at=now()).key == "evt_1"
    else:
        refuse(stripe, body, headers)


def test_stripes_time_is_signed_too(stripe):
    body, _ = signed("stripe", EVENTS["stripe"])
    old = stripe_headers(body, at=now() - timedelta(hours=1))["Stripe-Signature"]
    moment = int(now().timestamp())

    refuse(stripe, body, {"Stripe-Signature": f"t={moment},{old.split(',')[1]}"})
    refuse(stripe, body, {"Stripe-Signature": f"t={moment},{old}"})


def test_one_right_signature_among_several_is_enough_and_v0_never_counts(stripe):
    body, headers = signed("stripe", EVENTS["stripe"])
    moment, right = headers["Stripe-Signature"].split(",")

    several = {"Stripe-Signature": f"{moment},v1={'0' * 64},{right},v0={'0' * 64}"}
    assert stripe.read_notice(body=body, headers=several, at=now()).key == "evt_1"
    refuse(stripe, body, {"Stripe-Signature": f"{moment},{right.replace('v1', 'v0')}"})
