"""What has to be true after a drill: the ledger of the crowd against what was found."""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from mdv.ops.drill.found import Found
from mdv.ops.drill.ledger import Ledger
from mdv.ops.drill.plan import HOT

BROKEN_ANSWER = ("500", "502", "504")


@dataclass(frozen=True, kw_only=True)
class Proof:
    """One line of the table. ``wrong`` names what does not fit."""

    name: str
    expected: str
    found: str
    wrong: Sequence[str] = field(default=())

    @property
    def holds(self) -> bool:
        return self.expected == self.found and not self.wrong


def prove(ledger: Ledger, found: Found, *, stock: Mapping[str, int]) -> list[Proof]:
    """Return all proofs. ``stock`` is what there was in the beginning, by SKU."""
    proofs = [*_units(ledger, found, stock)]
    for part in (_orders, _payments, _refunds, _answers, _rest):
        proofs += part(ledger, found)
    return proofs


def _units(ledger: Ledger, found: Found, stock: Mapping[str, int]) -> Iterator[Proof]:
    """Sold is what was asked for and not given back, as far as there was any.

    Who is told that less is left asks for that, and nothing hot is given back: so a hot article is
    either enough for all who asked, or sold to the last unit.
    """
    back = ledger.given_back()
    for sku, units in stock.items():
        demand = ledger.asked[sku] - back[sku]
        word = "hot" if sku in HOT else "cold"
        yield _same(
            f"{sku} ({word}) sold = min(asked {demand}, stock {units})",
            min(demand, units),
            found.sold.get(sku, 0),
        )
    acknowledged = sum(sum(order.lines.values()) for order in ledger.orders.values())
    yield _same(
        "units of acknowledged orders, less given back",
        acknowledged - back.total(),
        sum(found.sold.values()),
    )


def _orders(ledger: Ledger, found: Found) -> Iterator[Proof]:
    yield _all_there(
        "acknowledged orders are there as acknowledged",
        {number: (dict(one.lines), one.total) for number, one in ledger.orders.items()},
        {number: (dict(one.lines), one.total) for number, one in found.orders.items()},
    )
    yield _none("orders nobody was told of", found.orders.keys() - ledger.orders.keys())
    yield _none("orders or refunds told to two", ledger.said_twice)


def _payments(ledger: Ledger, found: Found) -> Iterator[Proof]:
    charged = list(found.providers.charges.values())
    yield _all_there(
        "payments made are captured in their amount",
        {reference: (one.order, one.amount) for reference, one in ledger.charges.items()},
        {one.reference: (one.order, one.captured) for one in found.payments},
    )
    known = {one.reference for one in found.payments}
    yield _none("captured payments nobody made", known - ledger.charges.keys())
    yield _none("payments charged twice at a provider", _doubled(name for name, _ in charged))
    yield _same(
        "captured = charged at the providers",
        _sum(amount for _, amount in charged),
        _sum(one.captured for one in found.payments),
    )
    yield _same(
        "captured on orders = captured on payments",
        _sum(one.captured for one in found.payments),
        _sum(one.captured for one in found.orders.values()),
    )


def _refunds(ledger: Ledger, found: Found) -> Iterator[Proof]:
    given = list(found.providers.refunds.values())
    yield _all_there(
        "acknowledged refunds are done as acknowledged",
        {number: (one.payment, one.amount, True) for number, one in ledger.refunds.items()},
        {one.number: (one.payment, one.amount, one.is_done) for one in found.refunds},
    )
    numbers = {one.number for one in found.refunds}
    yield _none("refunds nobody was told of", numbers - ledger.refunds.keys())
    yield _all_there(
        "refunds are at the providers under their key",
        {one.key: one.amount for one in found.refunds},
        dict(given),
    )
    yield _none("refunds given twice by a provider", _doubled(key for key, _ in given))
    yield _same(
        "refunded = given back by the providers",
        _sum(amount for _, amount in given),
        _sum(one.refunded for one in found.payments),
    )
    yield _same("credit notes, one for each refund", len(found.refunds), found.credit_notes)
    yield _none(
        "payments and orders refunded above what was captured",
        [one.reference for one in found.payments if one.refunded > one.captured]
        + [number for number, one in found.orders.items() if one.refunded > one.captured],
    )
    yield _same(
        "refunds that were too high, refused", ledger.too_high_asked, ledger.too_high_refused
    )
    yield _same("races of two refunds, won by one", ledger.races, ledger.won_once)


def _answers(ledger: Ledger, found: Found) -> Iterator[Proof]:
    same = ledger.replays - len(ledger.altered_replays)
    yield _same(
        "replays answered with the same bytes", ledger.replays, same, ledger.altered_replays
    )
    broken = [answer for answer in ledger.answers if answer.startswith(BROKEN_ANSWER)]
    yield _same("answers 500, 502 or 504", 0, sum(ledger.answers[one] for one in broken), broken)
    yield _none("answers that a healthy shop does not give", ledger.unexplained)
    yield _none("requests without an answer in the end", ledger.unanswered)


def _rest(ledger: Ledger, found: Found) -> Iterator[Proof]:
    under_way = [f"{count} {what}" for what, count in found.under_way.items()]
    yield _same("still under way in the end", 0, sum(found.under_way.values()), under_way)
    for kind, expected in (
        ("order.placed", len(ledger.orders)),
        ("payment.captured", len(ledger.charges)),
        ("refund.succeeded", len(ledger.refunds)),
    ):
        yield _same(f"events {kind}", expected, found.events.get(kind, 0))
    yield _same("events have places without a gap", sum(found.events.values()), found.last_place)
    yield _none("events doubled", found.doubled_events)
    yield _none("mails doubled", found.doubled_mails)
    yield _none("entries of the trail that are not as they were sealed", found.touched_entries)
    holding = found.invariants - len(found.broken)
    yield _same("invariants of reconcile hold", found.invariants, holding, found.broken)


def _same(name: str, expected: object, found: object, wrong: Sequence[str] = ()) -> Proof:
    return Proof(name=name, expected=str(expected), found=str(found), wrong=list(wrong))


def _none(name: str, wrong: Iterable[str]) -> Proof:
    named = sorted(wrong)
    return _same(name, 0, len(named), named)


def _all_there(name: str, expected: Mapping[str, object], found: Mapping[str, object]) -> Proof:
    """Count those that are there and as they should be."""
    wrong = [
        f"{key}: {value} expected, {found.get(key)} found"
        for key, value in expected.items()
        if found.get(key) != value
    ]
    return _same(name, len(expected), len(expected) - len(wrong), wrong)


def _doubled(names: Iterable[Hashable]) -> list[str]:
    return [str(name) for name, times in Counter(names).items() if times > 1]


def _sum(amounts: Iterable[Decimal]) -> str:
    return f"{sum(amounts, Decimal(0)):.2f}"
