"""A payment from its start to what became of it, at each provider: notice and look-up agree."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine

from shop.payments.gateways.base import GatewayRefused, Outcome, ReferenceTaken
from shop.payments.states import Channel
from tests.payments.gateways.wanting import RETURN_URL, now, wanted

CURRENCIES = [
    ("paystack", "NGN 1500.50"),
    ("paystack", "GHS 0.10"),
    ("stripe", "NGN 1500.50"),
    ("stripe", "JPY 1500.00"),
    ("stripe", "KWD 5.12"),
]
# What the payer does, and what arrives: how many times the amount, and in which currency.
CHOICES = {
    "pay": (Decimal(1), "NGN"),
    "pay_short": (Decimal("0.5"), "NGN"),
    "pay_over": (Decimal(2), "NGN"),
    "pay_other_currency": (Decimal(1), "USD"),
}


def read(gateway, heard):
    body, headers = heard
    return gateway.read_notice(body=body, headers=headers, at=now())


@pytest.mark.parametrize(("name", "amount"), CURRENCIES)
def test_what_is_wanted_arrives_to_the_last_unit(request, simulators, ear, name, amount):
    gateway = request.getfixturevalue(name)
    currency, asked_for = amount.split()
    asked = wanted(currency=currency, amount=Decimal(asked_for))

    started = gateway.start(asked)
    gone = simulators.choose(started.redirect_url)
    notice = read(gateway, ear.wait_for(1)[0])

    assert gone.status_code == 303
    assert gone.headers["Location"].startswith(RETURN_URL)
    assert notice.charge.reference == asked.reference
    assert (notice.charge.amount, notice.charge.currency) == (asked.amount, currency)
    assert notice.charge == gateway.look_up(
        reference=asked.reference, provider_id=started.provider_id
    )


@pytest.mark.parametrize(("action", "arrives"), CHOICES.items())
def test_what_arrives_is_told_as_it_is(gateway, simulators, ear, action, arrives):
    asked = wanted()
    times, currency = arrives

    started = gateway.start(asked)
    simulators.choose(started.redirect_url, action)
    charge = read(gateway, ear.wait_for(1)[0]).charge

    assert charge.outcome == Outcome.SUCCEEDED
    assert (charge.amount, charge.currency) == (asked.amount * times, currency)
    assert charge.channel == Channel.CARD
    assert (charge.is_live, charge.merchant) == (False, gateway.merchant)
    assert charge == gateway.look_up(reference=asked.reference, provider_id=started.provider_id)


def test_a_notice_and_both_look_ups_carry_one_number(gateway, simulators, ear):
    asked = wanted()
    started = gateway.start(asked)
    simulators.choose(started.redirect_url)

    told = read(gateway, ear.wait_for(1)[0]).charge.provider_id

    assert told != started.provider_id
    for known in (started.provider_id, told, ""):
        assert gateway.look_up(reference=asked.reference, provider_id=known).provider_id == told


def test_each_delivery_of_a_fact_has_the_same_key_and_another_fact_another(
    gateway, simulators, ear
):
    simulators.turn(gateway.provider, copies=3)
    for _ in range(2):
        simulators.choose(gateway.start(wanted()).redirect_url)

    keys = [read(gateway, heard).key for heard in ear.wait_for(6)]

    assert sorted(keys.count(key) for key in set(keys)) == [3, 3]


def test_before_anybody_paid_nothing_has_arrived(gateway):
    asked = wanted()
    started = gateway.start(asked)

    charge = gateway.look_up(reference=asked.reference, provider_id=started.provider_id)

    assert charge.outcome in {Outcome.PENDING, Outcome.ABANDONED}
    assert charge.amount == 0


def test_a_declined_card_pays_nothing_and_another_one_still_can(gateway, simulators):
    asked = wanted()
    started = gateway.start(asked)

    declined = simulators.choose(started.redirect_url, "decline")
    charge = gateway.look_up(reference=asked.reference, provider_id=started.provider_id)
    simulators.choose(started.redirect_url)
    late = gateway.look_up(reference=asked.reference, provider_id=started.provider_id)

    assert "declined" in declined.text
    assert (charge.outcome, charge.amount) != (Outcome.SUCCEEDED, asked.amount)
    assert charge.amount == 0
    assert (late.outcome, late.amount) == (Outcome.SUCCEEDED, asked.amount)


def test_who_leaves_comes_back_to_the_shop_and_may_return(gateway, simulators):
    started = gateway.start(wanted())

    left = simulators.choose(started.redirect_url, "leave")

    assert left.headers["Location"].startswith(RETURN_URL)
    assert simulators.client.get(started.redirect_url).status_code == 200


def test_a_payment_that_nobody_knows_is_none(gateway):
    assert gateway.look_up(reference="never-started", provider_id="") is None
    assert gateway.look_up(reference="never-started", provider_id="cs_test_unknown") is None
    assert gateway.look_up(reference="../../v1/refunds?x='", provider_id="") is None


def test_a_number_of_another_payment_does_not_lead_to_it(stripe):
    other = stripe.start(wanted())

    assert stripe.look_up(reference="mine", provider_id=other.provider_id) is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"currency": "XOF", "amount": Decimal("1.50")}, ""),
        ({"email": "nobody"}, "email"),
        ({"amount": Decimal("0.00")}, ""),
        ({"amount": Decimal("10.005")}, "decimals"),
        ({"currency": "QQQ"}, "not offered in QQQ"),
        ({"return_url": "javascript:alert(1)"}, "URL"),
    ],
)
def test_what_makes_no_sense_is_refused_for_good_with_a_reason(gateway, changes, reason):
    with pytest.raises(GatewayRefused) as refusal:
        gateway.start(wanted(**changes))

    assert reason.lower() in refusal.value.reason.lower()
    assert type(refusal.value) is GatewayRefused


def test_paystack_takes_a_reference_once(paystack):
    asked = wanted()
    paystack.start(asked)

    with pytest.raises(ReferenceTaken, match="refused") as refusal:
        paystack.start(asked)

    assert refusal.value.reason == "Duplicate Transaction Reference"


def test_stripe_tells_the_same_page_again_for_the_same_payment(stripe, simulators):
    asked = wanted(expires_at=now() + timedelta(hours=2))

    assert stripe.start(asked) == stripe.start(asked)
    assert [call["key"] for call in simulators.calls("stripe")] == [asked.reference] * 2


def test_stripe_tells_the_same_page_again_when_its_end_has_come_closer(stripe):
    begun = now()
    asked = wanted(begun_at=begun, expires_at=begun + timedelta(minutes=33))
    first = stripe.start(asked)

    with time_machine.travel(begun + timedelta(minutes=4)):
        assert stripe.start(asked) == first


def test_stripe_takes_a_reference_once_for_one_payment(stripe):
    asked = wanted()
    stripe.start(asked)

    with pytest.raises(ReferenceTaken) as refusal:
        stripe.start(replace(asked, amount=Decimal("1.00")))

    assert "same parameters" in refusal.value.reason


@pytest.mark.parametrize(
    ("away", "is_sent"),
    [
        (timedelta(minutes=29), False),
        (timedelta(minutes=31), False),
        (timedelta(minutes=33), True),
        (timedelta(hours=23), True),
        (timedelta(hours=25), False),
    ],
)
def test_stripe_is_told_when_the_page_ends_where_it_allows_that(stripe, simulators, away, is_sent):
    stripe.start(wanted(expires_at=now() + away))

    assert ("expires_at" in simulators.calls("stripe")[0]["body"]) == is_sent


def test_an_expired_session_is_abandoned(stripe, simulators, ear):
    asked = wanted()
    started = stripe.start(asked)

    simulators.control(provider="stripe", expire=asked.reference)
    charge = read(stripe, ear.wait_for(1)[0]).charge

    assert (charge.outcome, charge.amount) == (Outcome.ABANDONED, 0)
    assert charge == stripe.look_up(reference=asked.reference, provider_id=started.provider_id)


@pytest.mark.parametrize(
    ("action", "last"), [("pay_later", Outcome.SUCCEEDED), ("fail_later", Outcome.FAILED)]
)
def test_what_is_paid_later_is_pending_first(stripe, simulators, ear, action, last):
    simulators.turn("stripe", holds_notices=True)
    asked = wanted()
    started = stripe.start(asked)
    simulators.choose(started.redirect_url, action)

    simulators.turn("stripe", holds_notices=False)  # the last one comes first
    later, first = [read(stripe, heard).charge for heard in ear.wait_for(2)]

    assert (first.outcome, first.amount) == (Outcome.PENDING, 0)
    assert later.outcome == last
    found = stripe.look_up(reference=asked.reference, provider_id=started.provider_id)
    assert (found.outcome, found.amount) == (later.outcome, later.amount)
    assert found.provider_id == first.provider_id == later.provider_id


def test_a_declined_cards_own_notice_says_nothing_of_the_payment(stripe, simulators, ear):
    simulators.choose(stripe.start(wanted()).redirect_url, "decline")

    notice = read(stripe, ear.wait_for(1)[0])

    assert (notice.kind, notice.charge) == ("payment_intent.payment_failed", None)
