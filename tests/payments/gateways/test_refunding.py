"""A refund from its request to what became of it, at each provider: notice and look-up agree."""

from dataclasses import replace
from decimal import Decimal

import pytest

from shop.payments.gateways import paystack as paystack_adapter
from shop.payments.gateways import stripe as stripe_adapter
from shop.payments.gateways.base import GatewayRefused, GatewayUnavailable, RefundOutcome
from tests.ops.shops import wait_until
from tests.payments.gateways.refunding import paid, refund_of, refunds_at
from tests.payments.gateways.wanting import now

HEARING_S = 20
FAILED = {"paystack": "The customer's bank declined it", "stripe": "expired_or_canceled_card"}


def notices(gateway, ear, kind, count=1):
    """The first so many notices of a kind, read."""

    def heard():
        return [
            (body, headers) for _, body, headers in list(ear.heard) if f'"{kind}"'.encode() in body
        ]

    wait_until(lambda: len(heard()) >= count, HEARING_S)
    return [
        gateway.read_notice(body=body, headers=headers, at=now())
        for body, headers in heard()[:count]
    ]


def only_refund(gateway, charge):
    (found,) = gateway.refunds_of(
        reference=charge.reference, payment_provider_id=charge.provider_id
    )
    return found


class TestBoth:
    def test_what_is_wanted_goes_back_once_and_is_told_alike(self, gateway, simulators):
        charge = paid(gateway, simulators)
        asked = refund_of(charge)

        made = gateway.refund(asked)
        found = gateway.look_up_refund(asked, provider_id=made.provider_id)

        assert (made.key, made.amount, made.currency) == (asked.key, asked.amount, "NGN")
        assert (made.payment_provider_id, made.reference) == (charge.provider_id, charge.reference)
        assert (found.outcome, found.is_chargeback) == (RefundOutcome.SUCCEEDED, False)
        assert found == gateway.look_up_refund(asked, provider_id="")
        assert found == only_refund(gateway, charge)
        assert replace(made, outcome=found.outcome) == found

    def test_asked_again_with_the_same_key_it_is_done_once(self, gateway, simulators):
        charge = paid(gateway, simulators)
        asked = refund_of(charge)

        numbers = {gateway.refund(asked).provider_id for _ in range(3)}

        assert len(numbers) == 1
        assert refunds_at(gateway, charge) == [asked.amount]

    def test_each_key_is_a_refund_of_its_own(self, gateway, simulators):
        charge = paid(gateway, simulators)

        first, second = refund_of(charge), refund_of(charge)
        numbers = {gateway.refund(asked).provider_id for asked in (first, second)}

        assert len(numbers) == 2
        assert gateway.look_up_refund(first, provider_id="").key == first.key
        assert refunds_at(gateway, charge) == [Decimal("5000.00")] * 2

    def test_more_than_is_left_is_refused_with_the_providers_sentence(self, gateway, simulators):
        charge = paid(gateway, simulators)

        with pytest.raises(GatewayRefused) as refusal:
            gateway.refund(refund_of(charge, amount=Decimal("15000.01")))

        assert "amount" in refusal.value.reason.lower()
        assert refunds_at(gateway, charge) == []

    def test_an_amount_that_the_provider_cannot_count_is_refused_unasked(self, gateway, simulators):
        charge = paid(gateway, simulators)
        before = len(simulators.calls(gateway.provider))

        with pytest.raises(GatewayRefused, match="refused"):
            gateway.refund(refund_of(charge, amount=Decimal("1.005")))

        assert len(simulators.calls(gateway.provider)) == before

    def test_a_refund_that_nobody_knows_is_none(self, gateway, simulators):
        charge = paid(gateway, simulators)
        gateway.refund(refund_of(charge))

        unknown = refund_of(charge)

        assert gateway.look_up_refund(unknown, provider_id="") is None
        assert gateway.look_up_refund(unknown, provider_id="1") is None

    def test_one_that_waits_is_pending_until_it_moves(self, gateway, simulators):
        charge = paid(gateway, simulators)
        simulators.turn(gateway.provider, refunds="wait")
        asked = refund_of(charge)

        made = gateway.refund(asked)
        waits = gateway.look_up_refund(asked, provider_id=made.provider_id)
        done = {"paystack": "processed", "stripe": "succeeded"}[gateway.provider]
        simulators.control(provider=gateway.provider, move_refund=made.provider_id, status=done)
        moved = gateway.look_up_refund(asked, provider_id=made.provider_id)

        assert [one.outcome for one in (made, waits, moved)] == ["pending", "pending", "succeeded"]
        assert waits.name == made.name != moved.name

    def test_one_that_failed_says_why_and_leaves_the_money_to_be_refunded(
        self, gateway, simulators
    ):
        charge = paid(gateway, simulators)
        simulators.turn(gateway.provider, refunds="fail")
        asked = refund_of(charge, amount=Decimal("15000.00"))

        made = gateway.refund(asked)
        failed = gateway.look_up_refund(asked, provider_id=made.provider_id)
        simulators.turn(gateway.provider, refunds="done")
        again = gateway.refund(refund_of(charge, amount=Decimal("15000.00")))

        assert made.outcome == RefundOutcome.PENDING
        assert (failed.outcome, failed.failure) == ("failed", FAILED[gateway.provider])
        assert again.provider_id != made.provider_id

    def test_one_made_at_the_provider_has_no_key_of_ours(self, gateway, simulators):
        charge = paid(gateway, simulators)

        number = simulators.control(
            provider=gateway.provider, refund=charge.reference, amount=70_000
        )["id"]
        found = only_refund(gateway, charge)

        assert (found.key, found.provider_id) == ("", number)
        assert (found.amount, found.outcome) == (Decimal("700.00"), RefundOutcome.SUCCEEDED)

    def test_all_of_many_are_told(self, gateway, simulators, monkeypatch):
        monkeypatch.setattr(paystack_adapter, "REFUNDS_ON_A_PAGE", 2)
        monkeypatch.setattr(stripe_adapter, "REFUNDS_ON_A_PAGE", 2)
        charge = paid(gateway, simulators)
        asked = [refund_of(charge, amount=Decimal(number)) for number in range(1, 6)]
        for one in asked:
            gateway.refund(one)

        assert refunds_at(gateway, charge) == [Decimal(number) for number in (5, 4, 3, 2, 1)]
        assert gateway.look_up_refund(asked[0], provider_id="").amount == 1

    def test_more_than_anybody_would_read_is_no_answer(self, gateway, simulators, monkeypatch):
        monkeypatch.setattr(paystack_adapter, "REFUNDS_ON_A_PAGE", 1)
        monkeypatch.setattr(stripe_adapter, "REFUNDS_ON_A_PAGE", 1)
        monkeypatch.setattr(paystack_adapter, "MAX_PAGES", 1)
        monkeypatch.setattr(stripe_adapter, "MAX_PAGES", 1)
        charge = paid(gateway, simulators)
        for _ in range(2):
            simulators.control(provider=gateway.provider, refund=charge.reference, amount=100)

        with pytest.raises(GatewayUnavailable):
            refunds_at(gateway, charge)


@pytest.mark.parametrize(
    ("name", "money"), [("paystack", "GHS 0.10"), ("stripe", "JPY 1500.00"), ("stripe", "KWD 5.12")]
)
def test_every_currency_goes_back_to_the_last_unit(request, simulators, name, money):
    gateway = request.getfixturevalue(name)
    currency, amount = money.split()
    charge = paid(gateway, simulators, currency=currency, amount=Decimal(amount))

    made = gateway.refund(refund_of(charge, amount=Decimal(amount)))

    assert (made.amount, made.currency) == (Decimal(amount), currency)


class TestPaystack:
    def test_its_notice_says_that_there_is_news_and_not_of_which_refund(
        self, paystack, simulators, ear
    ):
        charge = paid(paystack, simulators)
        paystack.refund(refund_of(charge))

        (pending,) = notices(paystack, ear, "refund.pending")
        (processed,) = notices(paystack, ear, "refund.processed")

        told = processed.refund
        assert (told.provider_id, told.key, told.reference) == ("", "", charge.reference)
        assert (told.outcome, told.amount) == (RefundOutcome.SUCCEEDED, Decimal("5000.00"))
        assert pending.refund.outcome == RefundOutcome.PENDING
        assert pending.key != processed.key
        assert (processed.charge, processed.concern) == (None, "")

    def test_one_that_needs_attention_is_pending_and_says_so(self, paystack, simulators):
        charge = paid(paystack, simulators)
        simulators.turn("paystack", refunds="wait")
        asked = refund_of(charge)
        made = paystack.refund(asked)

        simulators.control(
            provider="paystack", move_refund=made.provider_id, status="needs-attention"
        )
        found = paystack.look_up_refund(asked, provider_id=made.provider_id)

        assert (found.outcome, found.failure) == (RefundOutcome.PENDING, "needs-attention")
        assert found.name != made.name

    def test_a_lost_dispute_is_one_chargeback_however_it_is_told(self, paystack, simulators, ear):
        charge = paid(paystack, simulators)

        dispute = simulators.control(
            provider="paystack", charge_back=charge.reference, amount=500_000
        )["id"]
        (opened,) = notices(paystack, ear, "charge.dispute.create")
        (lost,) = notices(paystack, ear, "charge.dispute.resolve")
        found = only_refund(paystack, charge)

        assert (opened.refund, opened.concern) == (
            None,
            "The customer's bank asks for the money back.",
        )
        assert lost.refund.is_chargeback
        assert lost.refund.provider_id == f"dispute-{dispute}"
        assert (lost.refund.amount, lost.refund.outcome) == (Decimal("5000.00"), "succeeded")
        assert lost.concern == ""
        assert found == lost.refund
        assert found.name == lost.key

    def test_our_key_is_found_among_what_else_the_note_says(self, paystack, simulators):
        charge = paid(paystack, simulators)
        asked = refund_of(charge)
        paystack.refund(asked)

        noted = next(
            c for c in simulators.calls("paystack") if c["path"] == "/refund" and c["body"]
        )

        assert f'"merchant_note":"key={asked.key}"' in noted["body"]

    def test_it_is_looked_up_before_it_is_asked_for(self, paystack, simulators):
        charge = paid(paystack, simulators)
        before = len(simulators.calls("paystack"))
        paystack.refund(refund_of(charge))

        calls = simulators.calls("paystack")[before:]

        assert [(call["method"], call["path"]) for call in calls] == [
            ("GET", "/refund"),
            ("POST", "/refund"),
        ]


class TestStripe:
    def test_notice_and_look_up_are_one_fact(self, stripe, simulators, ear):
        charge = paid(stripe, simulators)
        asked = refund_of(charge)
        made = stripe.refund(asked)

        (created,) = notices(stripe, ear, "refund.created")

        assert created.refund == replace(made, reference="")
        assert created.key == made.name

    def test_pending_and_succeeded_are_two_facts_and_their_repeats_none(
        self, stripe, simulators, ear
    ):
        charge = paid(stripe, simulators)
        simulators.turn("stripe", refunds="wait", copies=2)
        made = stripe.refund(refund_of(charge))
        simulators.control(provider="stripe", move_refund=made.provider_id, status="succeeded")

        created = notices(stripe, ear, "refund.created", 2)
        updated = notices(stripe, ear, "refund.updated", 2)

        assert len({notice.key for notice in created}) == 1
        assert len({notice.key for notice in created + updated}) == 2
        assert updated[0].refund.outcome == RefundOutcome.SUCCEEDED

    def test_one_that_came_back_from_the_bank_has_failed(self, stripe, simulators, ear):
        charge = paid(stripe, simulators)
        made = stripe.refund(refund_of(charge))
        simulators.control(provider="stripe", move_refund=made.provider_id, status="failed")

        (failed,) = notices(stripe, ear, "refund.failed")

        assert failed.refund.outcome == RefundOutcome.FAILED
        assert failed.refund.failure == "expired_or_canceled_card"

    def test_what_says_it_a_second_time_in_other_words_is_ignored_without_concern(
        self, stripe, simulators, ear
    ):
        stripe.refund(refund_of(paid(stripe, simulators)))

        (said_again,) = notices(stripe, ear, "charge.refunded")

        assert (said_again.refund, said_again.charge, said_again.concern) == (None, None, "")

    def test_a_dispute_takes_money_when_it_is_withdrawn(self, stripe, simulators, ear):
        charge = paid(stripe, simulators)

        number = simulators.control(
            provider="stripe", charge_back=charge.reference, amount=1_500_000
        )["id"]
        (opened,) = notices(stripe, ear, "charge.dispute.created")
        (taken,) = notices(stripe, ear, "charge.dispute.funds_withdrawn")

        assert (opened.refund, opened.concern) == (
            None,
            "The customer's bank asks for the money back.",
        )
        assert taken.refund.is_chargeback
        assert (taken.refund.provider_id, taken.refund.key) == (number, "")
        assert taken.refund.payment_provider_id == charge.provider_id
        assert (taken.refund.amount, taken.refund.outcome) == (charge.amount, "succeeded")

    def test_our_key_goes_with_the_request_and_with_the_refund(self, stripe, simulators):
        asked = refund_of(paid(stripe, simulators))
        stripe.refund(asked)

        call = next(c for c in simulators.calls("stripe") if c["path"] == "/v1/refunds")

        assert call["key"] == asked.key
        assert f"metadata[key]={asked.key}" in call["body"]

    def test_a_key_that_was_used_for_something_else_is_unclear(self, stripe, simulators):
        charge = paid(stripe, simulators)
        asked = refund_of(charge)
        stripe.refund(asked)

        with pytest.raises(GatewayUnavailable):
            stripe.refund(replace(asked, amount=Decimal("1.00")))
        assert refunds_at(stripe, charge) == [asked.amount]
