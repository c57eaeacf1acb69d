"""What signed notices say of refunds and disputes, and nothing that the documents do not."""

from datetime import timedelta
from decimal import Decimal

import pytest

from shop.payments.gateways.base import RefundOutcome, UnreadableNotice
from tests.payments.gateways.notices import (
    PAYSTACK_DISPUTE,
    PAYSTACK_REFUND,
    STRIPE_DISPUTE,
    STRIPE_REFUND,
    signed,
    stripe_event_about,
    without,
)
from tests.payments.gateways.wanting import now

NO_AMOUNTS = [None, "", "0", 0, "-1", -1, "15.5", 15.5, True, "1e3", "٣", [], "9" * 30]


def read(gateway, event, at=None):
    body, headers = signed(gateway.provider, event)
    return gateway.read_notice(body=body, headers=headers, at=at or now())


def refuse(gateway, event):
    with pytest.raises(UnreadableNotice):
        read(gateway, event)


def refund_at_paystack(kind="refund.processed", **changes):
    return {"event": kind, "data": PAYSTACK_REFUND | changes}


def dispute_at_paystack(kind="charge.dispute.resolve", **changes):
    return {"event": kind, "data": PAYSTACK_DISPUTE | changes}


def refund_at_stripe(kind="refund.updated", **changes):
    return stripe_event_about(STRIPE_REFUND | changes, kind)


def dispute_at_stripe(kind="charge.dispute.funds_withdrawn", **changes):
    return stripe_event_about(STRIPE_DISPUTE | changes, kind)


class TestReasons:
    """What cannot be printed is not stored, and not shown: NUL, or what turns the writing round."""

    ODD = " Account\x00closed\n by \u202ebank"

    def test_at_paystack(self, paystack):
        event = refund_at_paystack("refund.failed", status="failed", reason=self.ODD)

        assert read(paystack, event).refund.failure == "Account closed by bank"

    def test_at_stripe(self, stripe):
        event = refund_at_stripe("refund.failed", status="failed", failure_reason=self.ODD)

        assert read(stripe, event).refund.failure == "Account closed by bank"


class TestPaystack:
    @pytest.mark.parametrize(
        ("status", "outcome"),
        [
            ("pending", RefundOutcome.PENDING),
            ("processing", RefundOutcome.PENDING),
            ("needs-attention", RefundOutcome.PENDING),
            ("failed", RefundOutcome.FAILED),
            ("processed", RefundOutcome.SUCCEEDED),
        ],
    )
    def test_each_status_means_one_outcome(self, paystack, status, outcome):
        told = read(paystack, refund_at_paystack(f"refund.{status}", status=status)).refund

        assert (told.outcome, told.amount, told.currency) == (outcome, Decimal("1500.00"), "NGN")
        assert told.is_live is False

    @pytest.mark.parametrize("name", sorted(without(PAYSTACK_REFUND, "refund_reference")))
    def test_every_field_that_counts_must_be_there(self, paystack, name):
        refuse(paystack, {"event": "refund.processed", "data": without(PAYSTACK_REFUND, name)})

    @pytest.mark.parametrize(
        "changes", [{"status": "pending"}, {"status": "gone"}, {"domain": "demo"}]
    )
    def test_what_contradicts_the_documents_is_unreadable(self, paystack, changes):
        refuse(paystack, refund_at_paystack(**changes))

    @pytest.mark.parametrize("amount", NO_AMOUNTS)
    def test_no_amount_is_made_up(self, paystack, amount):
        refuse(paystack, refund_at_paystack(amount=amount))
        refuse(paystack, dispute_at_paystack(refund_amount=amount))

    def test_an_amount_may_be_written_or_counted(self, paystack):
        assert read(paystack, refund_at_paystack(amount=5)).refund.amount == Decimal("0.05")
        assert read(paystack, refund_at_paystack(amount="5")).refund.amount == Decimal("0.05")

    def test_the_same_bytes_are_one_fact_within_a_minute_and_another_after(self, paystack):
        minute = now().replace(second=0, microsecond=0)

        at = [minute, minute + timedelta(seconds=59), minute + timedelta(seconds=60)]
        first, same, other = [read(paystack, refund_at_paystack(), moment).key for moment in at]

        assert first == same != other

    @pytest.mark.parametrize("resolution", ["merchant-accepted", "auto-accepted"])
    def test_a_dispute_that_was_lost_took_the_money(self, paystack, resolution):
        notice = read(paystack, dispute_at_paystack(resolution=resolution))

        lost = notice.refund
        assert (lost.provider_id, lost.key, lost.is_chargeback) == ("dispute-9", "", True)
        assert (lost.reference, lost.payment_provider_id) == ("mdv-1", "4099260516")
        assert (lost.outcome, lost.amount) == (RefundOutcome.SUCCEEDED, Decimal("1500.00"))
        assert (notice.key, notice.concern) == ("refund:dispute-9:succeeded", "")

    @pytest.mark.parametrize("resolution", ["declined", None, "odd", []])
    def test_a_dispute_that_ended_otherwise_is_for_staff(self, paystack, resolution):
        notice = read(paystack, dispute_at_paystack(resolution=resolution))

        assert (notice.refund, notice.key) == (None, "charge.dispute.resolve:9")
        assert notice.concern == "The dispute with the customer's bank has ended."

    @pytest.mark.parametrize(
        "name", sorted(without(without(PAYSTACK_DISPUTE, "status"), "resolution"))
    )
    def test_every_field_of_a_lost_dispute_must_be_there(self, paystack, name):
        event = {"event": "charge.dispute.resolve", "data": without(PAYSTACK_DISPUTE, name)}
        refuse(paystack, event)


class TestStripe:
    @pytest.mark.parametrize("kind", ["refund.created", "refund.updated", "refund.failed"])
    @pytest.mark.parametrize(
        ("status", "outcome"),
        [
            ("pending", RefundOutcome.PENDING),
            ("requires_action", RefundOutcome.PENDING),
            ("succeeded", RefundOutcome.SUCCEEDED),
            ("failed", RefundOutcome.FAILED),
            ("canceled", RefundOutcome.FAILED),
        ],
    )
    def test_the_status_counts_whatever_the_kind(self, stripe, kind, status, outcome):
        told = read(stripe, refund_at_stripe(kind, status=status)).refund

        assert (told.outcome, told.amount, told.currency) == (outcome, Decimal("1500.00"), "NGN")
        assert (told.key, told.provider_id, told.payment_provider_id) == ("rf-1-1", "re_1", "pi_1")

    def test_a_fact_is_the_refund_and_its_outcome(self, stripe):
        assert read(stripe, refund_at_stripe()).key == "refund:re_1:succeeded"
        assert read(stripe, refund_at_stripe(status="pending")).key == "refund:re_1:pending"
        waits = read(stripe, refund_at_stripe(status="requires_action"))
        assert waits.key == "refund:re_1:pending:requires_action"

    @pytest.mark.parametrize("name", sorted(without(STRIPE_REFUND, "metadata")))
    def test_every_field_that_counts_must_be_there(self, stripe, name):
        refuse(stripe, stripe_event_about(without(STRIPE_REFUND, name), "refund.updated"))

    @pytest.mark.parametrize("metadata", [{}, None, [], {"key": ""}, {"order": "1"}])
    def test_without_our_key_it_was_made_elsewhere(self, stripe, metadata):
        assert read(stripe, refund_at_stripe(metadata=metadata)).refund.key == ""

    @pytest.mark.parametrize(
        "changes",
        [{"status": "odd"}, {"object": "charge"}, {"metadata": {"key": 7}}, {"amount": "150000"}],
    )
    def test_what_contradicts_the_documents_is_unreadable(self, stripe, changes):
        refuse(stripe, refund_at_stripe(**changes))

    @pytest.mark.parametrize("amount", NO_AMOUNTS)
    def test_no_amount_is_made_up(self, stripe, amount):
        refuse(stripe, refund_at_stripe(amount=amount))
        refuse(stripe, dispute_at_stripe(amount=amount))

    def test_one_without_a_payment_intent_is_of_no_payment_of_ours(self, stripe):
        assert read(stripe, refund_at_stripe(payment_intent=None)).refund.payment_provider_id == ""

    def test_another_account_and_real_money_are_named(self, stripe):
        event = stripe_event_about(STRIPE_REFUND, "refund.created", livemode=True, account="acct_9")

        told = read(stripe, event).refund

        assert (told.is_live, told.merchant) == (True, "acct_9")

    def test_a_withdrawal_is_a_chargeback(self, stripe):
        notice = read(stripe, dispute_at_stripe())

        assert notice.key == "refund:dp_1:succeeded"
        assert (notice.refund.is_chargeback, notice.refund.provider_id) == (True, "dp_1")
        assert (notice.refund.amount, notice.concern) == (Decimal("1500.00"), "")

    @pytest.mark.parametrize("changes", [{"livemode": True}, {"object": "charge"}, {"id": None}])
    def test_a_withdrawal_that_contradicts_itself_is_unreadable(self, stripe, changes):
        refuse(stripe, dispute_at_stripe(**changes))

    @pytest.mark.parametrize(
        ("kind", "concern"),
        [
            ("charge.dispute.created", "The customer's bank asks for the money back."),
            ("charge.dispute.closed", "The dispute with the customer's bank has ended."),
            (
                "charge.dispute.funds_reinstated",
                "Money that a dispute had taken came back.",
            ),
            ("charge.dispute.updated", ""),
            ("charge.refunded", ""),
            ("charge.refund.updated", ""),
        ],
    )
    def test_what_moves_no_money_is_for_staff_or_for_nobody(self, stripe, kind, concern):
        notice = read(stripe, dispute_at_stripe(kind))

        assert (notice.refund, notice.charge, notice.concern) == (None, None, concern)
