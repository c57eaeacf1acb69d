"""Asking for returns, deciding about them, and counting what comes."""

from collections import Counter

from hypothesis import strategies as st

from refunds.services import (
    Received,
    Wanted,
    approve_return,
    cancel_return,
    close_return,
    receive_return,
    reject_return,
    request_return,
)
from refunds.states import Condition, ReturnReason, ReturnSource
from tests.machine.books import APPROVAL_LASTS, RETURN_WINDOW, Return
from tests.machine.steps import DONE, UNCHANGED, Steps, move

FOLLOWS = {
    ("requested", "approved"),
    ("requested", "rejected"),
    ("requested", "cancelled"),
    ("approved", "receiving"),
    ("approved", "cancelled"),
    ("receiving", "receiving"),
    ("receiving", "closed"),
}
STEPS = ["approved", "receiving", "closed", "rejected", "cancelled"]
ARRIVALS = st.sampled_from(["all", "one", "one", "too much", "again", "stale"])


class Returning(Steps):
    @move(
        often=10,
        of="shipped",
        fits="can_be_returned",
        is_customers=st.booleans(),
        portion=st.sampled_from(["one", "all", "all", "too much", "unknown"]),
    )
    def ask_for_return(self, order, is_customers, portion):
        asked = _asked(order, portion)
        if portion == "unknown":
            foretold = "invalid"
        elif any(units > order.returnable(sku) for sku, units in asked.items()):
            foretold = "more_than_was_delivered"
        elif is_customers and not all(
            is_in_time(order, sku, units, self.at) for sku, units in asked.items()
        ):
            foretold = "return_window_is_over"
        else:
            foretold = DONE

        def book(returned):
            one = Return(returned.number, order, is_customers, self.at, asked)
            order.returns.append(one)
            self.books.returns.append(one)

        self.take(
            foretold,
            lambda: request_return(
                number=order.number,
                lines=_lines(asked),
                reason=ReturnReason.OTHER,
                source=ReturnSource.CUSTOMER if is_customers else ReturnSource.STAFF,
                at=self.at,
            ),
            book,
        )

    @move(
        often=16,
        of="returns",
        fits="is_live",
        step=st.sampled_from([*["next"] * 6, *["again"] * 4, *STEPS, "rejected"]),
        portion=st.sampled_from(["all", "all", "one", "one", "nothing", "too much"]),
        arrival=ARRIVALS,
        is_shelved=st.booleans(),
    )
    def move_return(self, one, step, portion, arrival, is_shelved):
        if step == "next":
            step = one.next_step
        elif step == "again":
            step = one.state if one.state in STEPS else STEPS[0]
        self.doing = f"return {step}"
        match step:
            case "approved":
                self._approve(one, portion)
            case "receiving":
                self._receive(one, arrival, is_shelved=is_shelved)
            case "rejected":
                answer = "" if portion == "nothing" else "Worn"
                self.take(
                    _ending(one, step) if answer else "invalid",
                    lambda: reject_return(number=one.number, answer=answer, at=self.at),
                    lambda _: one.turn(step),
                )
            case _:
                service = close_return if step == "closed" else cancel_return
                self.take(
                    _ending(one, step),
                    lambda: service(number=one.number, at=self.at),
                    lambda _: one.turn(step),
                )

    def _approve(self, one, portion):
        agreed = {
            sku: {"one": 1, "nothing": 0, "too much": units + 1}.get(portion, units)
            for sku, units in one.asked.items()
        }
        if portion in ("nothing", "too much"):
            foretold = "invalid"
        elif one.state == "approved":
            foretold = UNCHANGED if one.agreed == Counter(agreed) else "already_approved"
        else:
            foretold = DONE if one.state == "requested" else "invalid_transition"

        def book(_):
            one.agreed = Counter(agreed)
            one.expires_at = self.at + APPROVAL_LASTS
            one.turn("approved")

        lines = None if portion == "all" else _lines(agreed)
        self.take(
            foretold, lambda: approve_return(number=one.number, lines=lines, at=self.at), book
        )

    def _receive(self, one, arrival, *, is_shelved):
        came, version = _came(one, arrival, is_shelved=is_shelved)
        units = Counter()
        for (sku, _), number in came.items():
            units[sku] += number
        if version != one.version:
            foretold = UNCHANGED if came == one.receipts.get(version) else "return_has_changed"
        elif (one.state, "receiving") not in FOLLOWS:
            foretold = "invalid_transition"
        elif any(number > one.awaited(sku) for sku, number in units.items()):
            foretold = "invalid"
        else:
            foretold = DONE

        def book(_):
            one.receipts[version] = came
            one.came += units
            for (sku, shelved), number in came.items():
                one.order.lines[sku].returned += number
                if shelved:
                    one.shelved[sku] += number
                    self.books.on_hand[sku] += number
            one.turn("receiving")
            one.order.complete_if_paid()

        received = [
            Received(sku=sku, quantity=number, condition=Condition.USED, restock=shelved)
            for (sku, shelved), number in came.items()
        ]
        self.take(
            foretold,
            lambda: receive_return(
                number=one.number, version=version, received=received, at=self.at
            ),
            book,
        )


def is_in_time(order, sku, units, at):
    """Tell whether each unit to be returned can be another one that was in time.

    That is: whether all who claim a unit, those before and this one, can be given one each. A
    customer could only claim what had arrived lately by then, staff whatever had arrived.
    """
    arrivals = order.lines[sku].arrivals
    claims = [(at, at - RETURN_WINDOW)] * units
    for one, claimed in order.claims(sku):
        since = one.asked_at - RETURN_WINDOW if one.is_customers else min(arrivals)
        claims += [(one.asked_at, since)] * claimed
    holder = {}

    def give(claim, tried):
        until, since = claims[claim]
        for unit, arrived in enumerate(arrivals):
            if since <= arrived <= until and unit not in tried:
                tried.add(unit)
                if unit not in holder or give(holder[unit], tried):
                    holder[unit] = claim
                    return True
        return False

    return all(give(claim, set()) for claim in range(len(claims)))


def _asked(order, portion):
    free = {sku: order.returnable(sku) for sku in order.lines if order.returnable(sku)}
    match portion:
        case "one":
            return dict.fromkeys(list(free or order.lines)[:1], 1)
        case "too much":
            return {sku: free.get(sku, 0) + 1 for sku in order.lines}
        case "unknown":
            return {"NOSUCH": 1}
    return free or dict.fromkeys(order.lines, 1)


def _came(one, arrival, *, is_shelved):
    """What came, by article and whether it is sold again, and the version that was seen."""
    if arrival == "again" and one.receipts:
        version = max(one.receipts)
        return one.receipts[version], version
    awaited = {sku: one.awaited(sku) for sku in one.asked if one.awaited(sku) > 0}
    if arrival == "too much":
        came = {(sku, is_shelved): one.awaited(sku) + 1 for sku in one.asked}
    elif arrival == "all":
        came = {(sku, is_shelved): units for sku, units in awaited.items()}
    else:
        came = {(sku, is_shelved): 1 for sku in list(awaited)[:1]}
    came = came or {(sku, is_shelved): 1 for sku in one.asked}
    return Counter(came), one.version - (1 if arrival == "stale" else 0)


def _lines(units):
    return [Wanted(sku=sku, quantity=quantity) for sku, quantity in units.items()]


def _ending(one, step):
    if one.state == step:
        return UNCHANGED
    return DONE if (one.state, step) in FOLLOWS else "invalid_transition"
