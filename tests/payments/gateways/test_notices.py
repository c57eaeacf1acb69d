"""What signed notices say, and that nothing but what the documents describe is believed."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from shop.payments.gateways.base import Notice, Outcome, UnreadableNotice
from shop.payments.states import Channel
from tests.payments.gateways.notices import (
    PAYSTACK_CHARGE,
    SESSION,
    paystack_event,
    signed,
    stripe_event,
    without,
)
from tests.payments.gateways.wanting import now

JUNK = [
    b"",
    b"\xff\xfe",
    b"null",
    b"[]",
    b'"charge.success"',
    b"{",
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b'{"event": "charge.success", "type": "checkout.session.completed", "id": "evt_1"}',
    b'{"event": ["charge.success"], "type": {}, "id": 1, "object": "event"}',
]
# Amounts as JSON text: no whole number of the smallest unit, or none that the shop could store.
NO_AMOUNTS = [
    "NaN",
    "Infinity",
    "-1",
    "0",
    "1e5",
    "1500.5",
    '"1500"',
    "true",
    "null",
    "[]",
    "9" * 30,
]
NO_REFERENCES = ["", "x" * 101, "a\x00b", "a\nb", 7, None, ["mdv-1"], {}]


def read(gateway, event):
    body, headers = signed(gateway.provider, event)
    return gateway.read_notice(body=body, headers=headers, at=now())


def refuse(gateway, event):
    with pytest.raises(UnreadableNotice):
        read(gateway, event)


def with_amount(event, text):
    import json  # noqa: PLC0415  (beside its only use)

    return json.dumps(event).replace("150000", text).encode()


class TestBoth:
    @pytest.mark.parametrize("junk", JUNK)
    def test_junk_is_unreadable(self, gateway, junk):
        refuse(gateway, junk)

    @pytest.mark.parametrize("amount", NO_AMOUNTS)
    def test_no_amount_is_made_up(self, paystack, stripe, amount):
        refuse(paystack, with_amount(paystack_event(), amount))
        refuse(stripe, with_amount(stripe_event(), amount))

    @pytest.mark.parametrize("currency", ["", "QQQ", "naira", 566, None])
    def test_an_unknown_currency_is_unreadable(self, paystack, stripe, currency):
        refuse(paystack, paystack_event(currency=currency))
        refuse(stripe, stripe_event(currency=currency))

    @pytest.mark.parametrize("reference", NO_REFERENCES)
    def test_a_reference_is_a_line_of_text(self, paystack, stripe, reference):
        refuse(paystack, paystack_event(reference=reference))
        if reference is not None:
            refuse(stripe, stripe_event(client_reference_id=reference))

    @settings(
        max_examples=300,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(facts=some.data())
    def test_whatever_is_signed_is_read_or_unreadable_and_nothing_else(self, gateway, facts):
        fields = PAYSTACK_CHARGE if gateway.provider == "paystack" else SESSION
        event = {"paystack": paystack_event, "stripe": stripe_event}[gateway.provider]()
        inner = event["data"] if gateway.provider == "paystack" else event["data"]["object"]
        anything = some.recursive(
            some.none() | some.booleans() | some.integers() | some.floats() | some.text(),
            lambda inside: some.lists(inside) | some.dictionaries(some.text(), inside),
            max_leaves=5,
        )
        for name in facts.draw(some.sets(some.sampled_from(sorted(fields)))):
            inner[name] = facts.draw(anything)
        event |= facts.draw(some.dictionaries(some.sampled_from(sorted(event)), anything))

        try:
            notice = read(gateway, event)
        except UnreadableNotice:
            return
        assert isinstance(notice, Notice)
        assert 0 < len(notice.key) <= 200


class TestPaystack:
    def test_a_success_is_read_in_naira(self, paystack):
        notice = read(paystack, paystack_event())

        assert (notice.kind, notice.key) == ("charge.success", "charge.success:4099260516")
        assert notice.charge.provider_id == "4099260516"
        assert (notice.charge.outcome, notice.charge.amount) == (
            Outcome.SUCCEEDED,
            Decimal("1500.00"),
        )

    @pytest.mark.parametrize("name", sorted(without(PAYSTACK_CHARGE, "channel")))
    def test_every_field_that_counts_must_be_there(self, paystack, name):
        refuse(paystack, {"event": "charge.success", "data": without(PAYSTACK_CHARGE, name)})

    @pytest.mark.parametrize(("domain", "is_live"), [("test", False), ("live", True)])
    def test_the_domain_says_whether_money_moved(self, paystack, domain, is_live):
        assert read(paystack, paystack_event(domain=domain)).charge.is_live is is_live

    @pytest.mark.parametrize(
        "changes",
        [{"domain": "demo"}, {"status": "failed"}, {"status": "sucess"}, {"id": "a"}, {"id": True}],
    )
    def test_what_contradicts_the_documents_is_unreadable(self, paystack, changes):
        refuse(paystack, paystack_event(**changes))

    def test_another_kind_says_nothing_of_a_payment_and_has_a_name(self, paystack):
        paid_out = read(paystack, {"event": "transfer.success", "data": {"id": 7}})
        transfer = read(paystack, {"event": "transfer.success", "data": []})

        assert paid_out == Notice(key="transfer.success:7", kind="transfer.success", charge=None)
        assert transfer.charge is None
        assert transfer.key.startswith("transfer.success:")
        assert transfer == read(paystack, {"event": "transfer.success", "data": []})
        assert transfer.key != read(paystack, {"event": "transfer.success", "data": [1]}).key

    @pytest.mark.parametrize(
        ("channel", "told"), [("bank_transfer", "bank_transfer"), ("qr", None)]
    )
    def test_the_channel_is_told_in_the_shops_words_or_not_at_all(self, paystack, channel, told):
        assert read(paystack, paystack_event(channel=channel)).charge.channel == told

    def test_francs_are_counted_in_hundredths(self, paystack):
        charge = read(paystack, paystack_event(currency="XOF")).charge

        assert (charge.amount, charge.currency) == (Decimal("1500.00"), "XOF")


class TestStripe:
    def test_a_success_is_read_in_naira(self, stripe):
        notice = read(stripe, stripe_event())

        assert (notice.kind, notice.key) == ("checkout.session.completed", "evt_1")
        assert notice.charge.provider_id == "pi_1"
        assert (notice.charge.outcome, notice.charge.amount) == (
            Outcome.SUCCEEDED,
            Decimal("1500.00"),
        )
        assert (notice.charge.currency, notice.charge.channel) == ("NGN", Channel.CARD)

    @pytest.mark.parametrize(
        "name", sorted(without(without(SESSION, "object"), "payment_method_types"))
    )
    def test_every_field_that_counts_must_be_there(self, stripe, name):
        event = stripe_event(payment_intent=None) if name == "id" else stripe_event()
        event["data"]["object"] = without(event["data"]["object"], name)
        if name == "payment_intent":
            assert read(stripe, event).charge.provider_id == "cs_test_1"
        else:
            refuse(stripe, event)

    @pytest.mark.parametrize("name", ["id", "object", "type", "livemode", "data"])
    def test_every_field_of_the_envelope_must_be_there(self, stripe, name):
        refuse(stripe, without(stripe_event(), name))

    @pytest.mark.parametrize(
        ("kind", "payment", "status", "outcome"),
        [
            ("completed", "paid", "complete", Outcome.SUCCEEDED),
            ("completed", "unpaid", "complete", Outcome.PENDING),
            ("async_payment_succeeded", "paid", "complete", Outcome.SUCCEEDED),
            ("async_payment_failed", "unpaid", "complete", Outcome.FAILED),
            ("expired", "unpaid", "expired", Outcome.ABANDONED),
        ],
    )
    def test_each_kind_of_event_means_one_outcome(self, stripe, kind, payment, status, outcome):
        event = stripe_event(f"checkout.session.{kind}", payment_status=payment, status=status)

        assert read(stripe, event).charge.outcome == outcome

    @pytest.mark.parametrize(
        ("kind", "changes"),
        [
            ("async_payment_succeeded", {"payment_status": "unpaid"}),
            ("expired", {}),
            ("async_payment_failed", {}),
            ("completed", {"payment_status": "no_payment_required"}),
            ("completed", {"payment_status": "unpaid", "status": "odd"}),
            ("completed", {"payment_status": "unpaid", "status": "expired"}),
            ("expired", {"payment_status": "unpaid", "status": "expired", "currency": "naira"}),
        ],
    )
    def test_what_contradicts_itself_is_unreadable(self, stripe, kind, changes):
        refuse(stripe, stripe_event(f"checkout.session.{kind}", **changes))

    def test_livemode_says_whether_money_moved_and_must_not_contradict_itself(self, stripe):
        assert read(stripe, stripe_event(livemode=True)).charge.is_live is True
        assert read(stripe, stripe_event(livemode=False)).charge.is_live is False
        refuse(stripe, stripe_event(livemode=True, event={"livemode": False}))
        refuse(stripe, stripe_event(livemode="true", event={"livemode": True}))

    def test_another_account_is_named_and_our_own_is_not(self, stripe):
        assert read(stripe, stripe_event()).charge.merchant == stripe.merchant == ""
        assert read(stripe, stripe_event(event={"account": "acct_9"})).charge.merchant == "acct_9"

    def test_a_payment_links_session_is_none_of_the_shops(self, stripe):
        assert read(stripe, stripe_event(client_reference_id=None)).charge is None

    def test_another_kind_says_nothing_of_a_payment(self, stripe):
        notice = read(stripe, stripe_event("charge.dispute.created"))

        assert notice == Notice(
            key="evt_1",
            kind="charge.dispute.created",
            charge=None,
            concern="The customer's bank asks for the money back.",
        )

    def test_of_several_allowed_channels_none_is_told(self, stripe):
        event = stripe_event(payment_method_types=["card", "link"])

        assert read(stripe, event).charge.channel is None
