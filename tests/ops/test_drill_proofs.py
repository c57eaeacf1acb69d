"""The proofs of a drill: all hold where ledger and shop agree, and each one can fail."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import pytest

from mdv.ops.drill.found import Found, FoundOrder, FoundPayment, FoundRefund
from mdv.ops.drill.ledger import Charge, Ledger, Order, Refund
from mdv.ops.drill.proofs import prove
from mdv.ops.drill.providers import ProviderBooks

STOCK = {"HOT-1": 5, "COLD-1": 100}
HUNDRED, TEN = Decimal("100.00"), Decimal("10.00")


def healthy():
    """Six hot units were asked for and five sold; of seven cold ones three were given back."""
    ledger = Ledger(
        asked=Counter({"HOT-1": 6, "COLD-1": 7}),
        answers=Counter({"201": 9, "503 busy": 2}),
        orders={
            "M-1": Order(lines={"HOT-1": 5}, total=HUNDRED),
            "M-2": Order(lines={"COLD-1": 4}, total=HUNDRED),
            "M-3": Order(lines={"COLD-1": 2, "HOT-1": 0}, total=TEN),
            "M-4": Order(lines={"COLD-1": 1}, total=TEN),
        },
        cancelled={"M-3"},
        charges={
            "P-1": Charge(order="M-1", amount=HUNDRED),
            "P-2": Charge(order="M-2", amount=HUNDRED),
        },
        refunds={"RF-1": Refund(order="M-2", payment="P-2", amount=TEN, units={"COLD-1": 1})},
        replays=3,
        too_high_asked=2,
        too_high_refused=2,
        races=1,
        won_once=1,
    )
    found = Found(
        sold={"HOT-1": 5, "COLD-1": 4},
        orders={
            number: FoundOrder(
                lines=order.lines,
                total=order.total,
                captured=HUNDRED if number in {"M-1", "M-2"} else Decimal(0),
                refunded=TEN if number == "M-2" else Decimal(0),
            )
            for number, order in ledger.orders.items()
        },
        payments=[
            FoundPayment(reference="P-1", order="M-1", captured=HUNDRED, refunded=Decimal(0)),
            FoundPayment(reference="P-2", order="M-2", captured=HUNDRED, refunded=TEN),
        ],
        refunds=[FoundRefund(number="RF-1", payment="P-2", amount=TEN, key="rf-1-1", is_done=True)],
        credit_notes=1,
        providers=ProviderBooks(
            charges={"c1": ("P-1", HUNDRED), "c2": ("P-2", HUNDRED)},
            refunds={"r1": ("rf-1-1", TEN)},
        ),
        under_way={},
        events={"order.placed": 4, "payment.captured": 2, "refund.succeeded": 1},
        last_place=7,
        doubled_events=[],
        doubled_mails=[],
        touched_entries=[],
        invariants=13,
        broken=[],
    )
    return SimpleNamespace(ledger=ledger, found=found)


def failing(drill):
    proofs = prove(drill.ledger, drill.found, stock=STOCK)
    return {proof.name for proof in proofs if not proof.holds}


def test_where_ledger_and_shop_agree_every_proof_holds():
    proofs = prove(healthy().ledger, healthy().found, stock=STOCK)

    assert [proof.name for proof in proofs if not proof.holds] == []
    assert len(proofs) == len({proof.name for proof in proofs}) == 33


def test_what_was_asked_for_and_given_back_decides_what_has_to_be_sold():
    units = [
        (proof.name, proof.expected, proof.found)
        for proof in prove(healthy().ledger, healthy().found, stock=STOCK)
        if " sold = " in proof.name
    ]

    assert units == [
        ("HOT-1 (hot) sold = min(asked 6, stock 5)", "5", "5"),
        ("COLD-1 (cold) sold = min(asked 4, stock 100)", "4", "4"),
    ]


def found(**changes):
    """Doctor what was found; a change is a function of what is there."""

    def doctor(drill):
        changed = {name: change(getattr(drill.found, name)) for name, change in changes.items()}
        drill.found = replace(drill.found, **changed)

    return doctor


def told(**changes):
    """Doctor the ledger."""

    def doctor(drill):
        for name, change in changes.items():
            setattr(drill.ledger, name, change(getattr(drill.ledger, name)))

    return doctor


def at_providers(**changes):
    return found(providers=lambda books: replace(books, **changes))


def first(changes):
    """Change the first of several."""
    return lambda several: [replace(several[0], **changes), *several[1:]]


ACKNOWLEDGED_UNITS = "units of acknowledged orders, less given back"
ORDERS = "acknowledged orders are there as acknowledged"
PAYMENTS = "payments made are captured in their amount"
CAPTURED = "captured = charged at the providers"
ON_ORDERS = "captured on orders = captured on payments"
REFUNDS = "acknowledged refunds are done as acknowledged"
UNDER_KEY = "refunds are at the providers under their key"
GIVEN_BACK = "refunded = given back by the providers"
NOTES = "credit notes, one for each refund"
ABOVE = "payments and orders refunded above what was captured"
PLACES = "events have places without a gap"
HOT = "HOT-1 (hot) sold = min(asked 6, stock 5)"

GHOST = FoundOrder(lines={}, total=TEN, captured=Decimal(0), refunded=Decimal(0))
NOT_ASKED = FoundRefund(number="RF-9", payment="P-1", amount=TEN, key="rf-9-1", is_done=True)
STOLEN = FoundPayment(reference="P-9", order="M-1", captured=TEN, refunded=Decimal(0))

DOCTORED = {
    "a unit too many was sold": (
        found(sold=lambda sold: sold | {"HOT-1": 6}),
        {HOT, ACKNOWLEDGED_UNITS},
    ),
    "a unit was left although somebody wanted it": (
        found(sold=lambda sold: sold | {"HOT-1": 4}),
        {HOT, ACKNOWLEDGED_UNITS},
    ),
    "what a cancellation gave back is not to be had": (
        found(sold=lambda sold: sold | {"COLD-1": 6}),
        {"COLD-1 (cold) sold = min(asked 4, stock 100)", ACKNOWLEDGED_UNITS},
    ),
    "an acknowledged order is gone": (
        found(orders=lambda all_: {n: o for n, o in all_.items() if n != "M-4"}),
        {ORDERS},
    ),
    "an order has another total": (
        found(orders=lambda all_: all_ | {"M-4": replace(all_["M-4"], total=HUNDRED)}),
        {ORDERS},
    ),
    "an order has other lines": (
        found(orders=lambda all_: all_ | {"M-4": replace(all_["M-4"], lines={"COLD-1": 2})}),
        {ORDERS},
    ),
    "an order nobody asked for": (
        found(orders=lambda all_: all_ | {"M-9": GHOST}),
        {"orders nobody was told of"},
    ),
    "one order for two customers": (
        told(said_twice=lambda _: ["M-1"]),
        {"orders or refunds told to two"},
    ),
    "a payment was lost": (
        found(payments=lambda all_: all_[1:]),
        {PAYMENTS, CAPTURED, ON_ORDERS},
    ),
    "a payment was booked on another order": (
        found(payments=first({"order": "M-4"})),
        {PAYMENTS},
    ),
    "a payment counted twice": (
        found(payments=first({"captured": 2 * HUNDRED})),
        {PAYMENTS, CAPTURED, ON_ORDERS},
    ),
    "money that nobody paid": (
        found(payments=lambda all_: [*all_, STOLEN]),
        {"captured payments nobody made", CAPTURED, ON_ORDERS},
    ),
    "a payer was charged twice": (
        at_providers(charges=dict.fromkeys("abc", ("P-1", HUNDRED))),
        {"payments charged twice at a provider", CAPTURED},
    ),
    "an order shows other money than its payments": (
        found(orders=lambda all_: all_ | {"M-1": replace(all_["M-1"], captured=TEN)}),
        {ON_ORDERS},
    ),
    "a refund was lost": (
        found(refunds=lambda _: []),
        {REFUNDS, NOTES},
    ),
    "a refund was promised and not done": (
        found(refunds=first({"is_done": False})),
        {REFUNDS},
    ),
    "a refund of another amount": (
        found(refunds=first({"amount": HUNDRED})),
        {REFUNDS, UNDER_KEY},
    ),
    "a refund nobody asked for": (
        found(refunds=lambda all_: [*all_, NOT_ASKED]),
        {"refunds nobody was told of", UNDER_KEY, NOTES},
    ),
    "a refund the provider never heard of": (
        at_providers(refunds={}),
        {UNDER_KEY, GIVEN_BACK},
    ),
    "a refund given twice": (
        at_providers(refunds={"r1": ("rf-1-1", TEN), "r2": ("rf-1-1", TEN)}),
        {"refunds given twice by a provider", GIVEN_BACK},
    ),
    "a refund without its credit note": (found(credit_notes=lambda _: 0), {NOTES}),
    "a payment refunded above what came": (
        found(payments=lambda all_: [all_[0], replace(all_[1], refunded=2 * HUNDRED)]),
        {ABOVE, GIVEN_BACK},
    ),
    "an order refunded above what came": (
        found(orders=lambda all_: all_ | {"M-4": replace(all_["M-4"], refunded=TEN)}),
        {ABOVE},
    ),
    "a refund that was too high was done": (
        told(too_high_refused=lambda _: 1),
        {"refunds that were too high, refused"},
    ),
    "two refunds both won": (told(won_once=lambda _: 0), {"races of two refunds, won by one"}),
    "a replay was answered otherwise": (
        told(altered_replays=lambda _: ["POST /orders"]),
        {"replays answered with the same bytes"},
    ),
    "something broke": (
        told(answers=lambda all_: all_ + Counter({"500 internal_error": 1})),
        {"answers 500, 502 or 504"},
    ),
    "an answer out of place": (
        told(unexplained=lambda _: ["POST /orders: 404"]),
        {"answers that a healthy shop does not give"},
    ),
    "a request without an answer": (
        told(unanswered=lambda _: ["POST /orders"]),
        {"requests without an answer in the end"},
    ),
    "something never ended": (
        found(under_way=lambda _: {"refunds": 1}),
        {"still under way in the end"},
    ),
    "an event is missing": (
        found(events=lambda all_: all_ | {"order.placed": 3}, last_place=lambda _: 6),
        {"events order.placed"},
    ),
    "an event of a payment twice": (
        found(events=lambda all_: all_ | {"payment.captured": 3}, last_place=lambda _: 8),
        {"events payment.captured"},
    ),
    "an event of a refund is missing": (
        found(events=lambda all_: all_ | {"refund.succeeded": 0}, last_place=lambda _: 6),
        {"events refund.succeeded"},
    ),
    "a gap in the places": (found(last_place=lambda _: 8), {PLACES}),
    "an event doubled": (found(doubled_events=lambda _: ["order.placed M-1"]), {"events doubled"}),
    "a mail doubled": (found(doubled_mails=lambda _: ["order_placed 1"]), {"mails doubled"}),
    "an entry changed": (
        found(touched_entries=lambda _: ["entry 5: changed since it was sealed as 3"]),
        {"entries of the trail that are not as they were sealed"},
    ),
    "an invariant broken": (
        found(broken=lambda _: ["Stock equals its ledger."]),
        {"invariants of reconcile hold"},
    ),
}


@pytest.mark.parametrize(("doctor", "noticed_by"), DOCTORED.values(), ids=DOCTORED)
def test_what_is_doctored_is_noticed(doctor, noticed_by):
    drill = healthy()

    doctor(drill)

    assert failing(drill) == noticed_by


def test_every_proof_can_fail():
    names = {proof.name for proof in prove(healthy().ledger, healthy().found, stock=STOCK)}

    assert set.union(*(noticed_by for _, noticed_by in DOCTORED.values())) == names
