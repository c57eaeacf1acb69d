"""Asking for money to go back, agreeing to it or not, and trying again what failed."""

from hypothesis import strategies as st

from refunds.models import Refund as Row
from refunds.services import (
    approve_refund,
    cancel_refund,
    plan_refund,
    reject_refund,
    request_refund,
    retry_refund,
)
from tests.machine.money import LIMITS, NOTHING
from tests.machine.steps import AT_RANDOM, DONE, UNCHANGED, Steps, move
from tests.machine.wishes import Refundable, wish_for

MAY_APPROVE = {"supervisor", "admin"}
STEPS = ["approved", "rejected", "cancelled"]
KINDS = ["cancel", "return", "none", "shipping", "goodwill", "everything"]
SEEN_LONG_AGO = "another plan"

people = st.sampled_from(["operations", "supervisor"])


class Refunding(Steps):
    @move(
        often=6,
        of="orders",
        fits="has_money",
        what=st.sampled_from([*["fitting"] * 6, *KINDS]),
        portion=st.sampled_from([*["one", "all"] * 4, "too much"]),
        how=st.fixed_dictionaries({"who": people, "by_hand": AT_RANDOM, "is_stale": AT_RANDOM}),
    )
    def ask_for_refund(self, order, what, portion, how):
        wish, who = wish_for(order, what, portion), how["who"]
        foretold = self._asking(wish, who)
        if foretold == DONE and how["is_stale"]:
            foretold = "plan_has_changed"
        by = {"number": order.number, "user_id": self.people[who], "at": self.at}
        sent = wish.sent(by_hand=how["by_hand"])

        def act():
            plan = plan_refund(wish=sent, **by)
            seen = SEEN_LONG_AGO if how["is_stale"] else plan.plan_hash
            return request_refund(wish=sent, plan_hash=seen, **by)

        def book(rows):
            parts = wish.parts(who)
            assert [row.amount for row in rows] == [part.amount for part in parts]
            needs_another = bool(self._above(who, wish.amount, wish.amount))
            self._give_up(wish)
            for part, row in zip(parts, rows, strict=True):
                part.number, part.needs_another = row.number, needs_another
                part.is_by_hand = how["by_hand"] or part.payment.is_by_hand
                self.books.refunds.append(part)
                order.refunds.append(part)
                if not needs_another:
                    self._agree(part, who)

        self.take(foretold, act, book)

    def _asking(self, wish, who):
        seen = wish.seen
        if any(n > seen.possible(sku, kind) for (sku, kind), n in wish.units.items()):
            return "exceeds_refundable"
        if any(not n and not seen.cost(sku, 0) for (sku, _), n in wish.units.items()):
            return "invalid"
        if who not in MAY_APPROVE and any(kind == "none" for _, kind in wish.units):
            return "refund_without_return"
        if wish.goodwill > seen.overpaid and not LIMITS[who][-1]:
            return "goodwill_not_allowed"
        if wish.amount > seen.left or wish.shipping > seen.shipping:
            return "exceeds_refundable"
        return DONE if wish.amount else "invalid"

    def _give_up(self, wish):
        """Units in the house that are refunded are cancelled: their stock is free."""
        order, has_given_up = wish.order, False
        for (sku, kind), quantity in wish.units.items():
            line = order.lines[sku]
            waiting = line.cancelled - wish.seen.units(sku, "cancel")
            units = max(0, quantity - waiting) if kind == "cancel" else 0
            line.cancelled += units
            self.books.reserved[sku] -= units
            has_given_up = has_given_up or units > 0
        if not has_given_up or any(line.open for line in order.lines.values()):
            return
        if order.has_shipped:
            order.end_if_nothing_is_left()
        else:
            order.status, order.reason, order.expires_at = "cancelled", "staff", None

    @move(
        often=6,
        of="refunds",
        fits="waits_for_somebody",
        step=st.sampled_from([*["approved"] * 6, *STEPS]),
        who=st.sampled_from(["admin", "admin", "supervisor", "supervisor", "operations"]),
        is_stale=AT_RANDOM,
    )
    def decide_refund(self, refund, step, who, is_stale):
        self.doing = f"refund {step}"
        version = Row.objects.get(number=refund.number).version - is_stale
        user_id, number = self.people[who], refund.number
        match step:
            case "approved":
                self.take(
                    self._approving(refund, who, is_stale=is_stale),
                    lambda: approve_refund(
                        number=number, version=version, user_id=user_id, at=self.at
                    ),
                    lambda _: self._agree(refund, who),
                )
            case "rejected":
                self.take(
                    self._ending(refund, step, ["requested"], may=who in MAY_APPROVE),
                    lambda: reject_refund(
                        number=number, answer="Worn", user_id=user_id, at=self.at
                    ),
                    lambda _: self._release(refund, step),
                )
            case _:
                self.take(
                    self._ending(refund, step, ["requested", "approved"], may=True),
                    lambda: cancel_refund(number=number, user_id=user_id, at=self.at),
                    lambda _: self._release(refund, step),
                )

    def _approving(self, refund, who, *, is_stale):
        if who not in MAY_APPROVE:
            return "forbidden"
        if refund.state == "approved" and refund.approver == who:
            return UNCHANGED
        if refund.state != "requested":
            return "invalid_transition"
        if is_stale:
            return "refund_has_changed"
        if refund.asker == who:
            return "self_approval"
        return self._above(who, _whole(refund), refund.amount) or DONE

    def _ending(self, refund, step, follows, *, may):
        if not may:
            return "forbidden"
        if refund.state == step:
            return UNCHANGED
        return DONE if refund.state in follows else "invalid_transition"

    def _above(self, who, whole, amount):
        """Which limit of somebody's so much is above, if any."""
        per_refund, per_day, _ = LIMITS[who]
        used = self.books.given_back[who, self.at.date()]
        return "above_refund_limit" if whole > per_refund or used + amount > per_day else ""

    def _agree(self, refund, who):
        refund.state, refund.approver, refund.approved_on = "approved", who, self.at.date()
        self.books.given_back[who, refund.approved_on] += refund.amount

    def _release(self, refund, state):
        if refund.approver:
            self.books.given_back[refund.approver, refund.approved_on] -= refund.amount
        refund.state = state

    @move(
        often=6,
        of="refunds",
        fits="has_failed",
        who=people,
        by_hand=AT_RANDOM,
        is_stale=AT_RANDOM,
    )
    def retry_refund(self, refund, who, by_hand, is_stale):
        version = Row.objects.get(number=refund.number).version - is_stale

        def book(_):
            refund.is_by_hand = refund.is_by_hand or by_hand
            self._agree(refund, who)

        self.take(
            self._retrying(refund, who, is_stale=is_stale),
            lambda: retry_refund(
                number=refund.number,
                version=version,
                user_id=self.people[who],
                by_hand=by_hand,
                at=self.at,
            ),
            book,
        )

    def _retrying(self, refund, who, *, is_stale):
        if not refund.has_failed:
            return "invalid_transition"
        if is_stale:
            return "refund_has_changed"
        if refund.needs_another and refund.asker == who:
            return "self_approval"
        seen = Refundable(refund.order)
        if refund.goodwill > seen.overpaid and who not in MAY_APPROVE:
            return "goodwill_not_allowed"
        has_room = refund.payment.left >= refund.amount and seen.shipping >= refund.shipping
        if not (has_room and all(_fits(seen, refund, sku) for sku in refund.order.lines)):
            return "exceeds_refundable"
        return self._above(who, _whole(refund), refund.amount) or DONE


def _whole(refund):
    """What was asked for in one go and stands, with this one."""
    others = [one for one in refund.plan if one is not refund and one.is_promised]
    return refund.amount + sum((one.amount for one in others), NOTHING)


def _fits(seen, refund, sku):
    """Whether the units and the money of a failed refund still fit its article."""
    line = seen.order.lines[sku]
    free = line.quantity - seen.units(sku, "cancel", "return", "none")
    gone = line.shipped - seen.units(sku, "return", "none")
    by_kind = {
        "cancel": line.cancelled - seen.units(sku, "cancel"),
        "return": min(line.returned - seen.units(sku, "return"), gone),
        "none": gone,
    }
    units = all(refund.units[sku, kind] <= min(free, most) for kind, most in by_kind.items())
    return units and seen.money(sku) + refund.money[sku] <= line.unit * line.quantity
