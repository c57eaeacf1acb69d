"""What the crowd asked for and was told: the one side of every proof."""

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, kw_only=True)
class Order:
    """An order whose placing was answered with 201."""

    lines: Mapping[str, int]
    total: Decimal


@dataclass(frozen=True, kw_only=True)
class Charge:
    """Money that a payer gave on a provider's page."""

    order: str
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class Refund:
    """A refund whose asking was answered with 201, with the units that were given up with it."""

    order: str
    payment: str
    amount: Decimal
    units: Mapping[str, int]


@dataclass(kw_only=True)
class Ledger:
    """Acknowledged is what a 2xx said; all amounts are in the shop's currency.

    ``asked`` are units by SKU that customers wanted, whether they got them or not. ``cancelled``
    are orders, ``charges`` by the payment's reference, ``answers`` statuses, with the code of a
    refusal. ``races`` are pairs of refunds of which one had to win, ``won_once`` those where one
    did. ``unexplained`` are answers that a healthy shop does not give here, ``unanswered`` requests
    that never got one.
    """

    asked: Counter[str] = field(default_factory=Counter)
    fates: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    orders: dict[str, Order] = field(default_factory=dict)
    cancelled: set[str] = field(default_factory=set)
    charges: dict[str, Charge] = field(default_factory=dict)
    refunds: dict[str, Refund] = field(default_factory=dict)
    said_twice: list[str] = field(default_factory=list)
    lost_connections: int = 0
    replays: int = 0
    altered_replays: list[str] = field(default_factory=list)
    too_high_asked: int = 0
    too_high_refused: int = 0
    races: int = 0
    won_once: int = 0
    unexplained: list[str] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    attempts: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @contextmanager
    def writing(self) -> Iterator["Ledger"]:
        """Write alone."""
        with self._lock:
            yield self

    def note_order(self, number: str, order: Order) -> None:
        """Enter an order; a number that is there already is told twice."""
        with self._lock:
            if number in self.orders:
                self.said_twice.append(number)
            self.orders[number] = order

    def note_refund(self, number: str, refund: Refund) -> None:
        """Enter a refund; a number that is there already is told twice."""
        with self._lock:
            if number in self.refunds:
                self.said_twice.append(number)
            self.refunds[number] = refund

    def given_back(self) -> Counter[str]:
        """Count the units that were given up again, by SKU."""
        units: Counter[str] = Counter()
        for number in self.cancelled:
            units.update(self.orders[number].lines)
        for refund in self.refunds.values():
            units.update(refund.units)
        return units
