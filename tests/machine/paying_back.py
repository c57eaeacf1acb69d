"""Money that goes back: by its provider, at the bank, or taken without the shop."""

from dataclasses import replace

from hypothesis import strategies as st

from refunds.models import Refund as Row
from refunds.services import (
    apply_refund_fact,
    execute_refund,
    look_up_refund,
    record_manual_refund,
)
from refunds.services.look_times import LOST_AFTER
from shop.payments.models import Payment as PaymentRow
from tests.machine.money import Refund, half_of
from tests.machine.refunding import Refunding
from tests.machine.steps import AT_RANDOM, DONE, UNCHANGED, move
from tests.refunds.refunding import FAILED, PENDING, SUCCEEDED, outside

ENDS = {SUCCEEDED: "succeeded", FAILED: "failed", PENDING: "processing"}
ANSWERS = {
    **ENDS,
    "lost": "unknown",
    "unreachable": "unknown",
    "not_asked": "approved",
    "refused": "failed",
}


class PayingBack(Refunding):
    def _reach(self, refund, state):
        if state == "failed":
            self._release(refund, state)
        else:
            refund.state = state

    @move(
        often=8,
        of="refunds",
        fits="waits_for_provider",
        answer=st.sampled_from([SUCCEEDED, *ANSWERS]),
    )
    def ask_provider(self, refund, answer):
        self.gateway.answers = [answer]

        def book(_):
            refund.asked_at = self.at
            self._reach(refund, ANSWERS[answer])

        self.take(
            DONE if refund.waits_for_provider else UNCHANGED,
            lambda: execute_refund(number=refund.number, at=self.at),
            book,
        )

    @move(
        often=6,
        of="refunds",
        fits="is_in_limbo",
        ends=st.sampled_from([SUCCEEDED, SUCCEEDED, FAILED, PENDING]),
        is_told=st.booleans(),
    )
    def hear_of_refund(self, refund, ends, is_told):
        """The provider is asked what became of it, or tells by itself."""
        key = Row.objects.get(number=refund.number).key
        held = self.gateway.held.get(key)
        is_known = held is not None and refund.is_in_limbo
        if is_known:
            if held.outcome == PENDING:
                held = replace(held, outcome=ends, failure="Closed" if ends == FAILED else "")
                self.gateway.held[key] = held
            new = ENDS[held.outcome]
        else:
            is_lost = refund.is_in_limbo and refund.asked_at + LOST_AFTER <= self.at
            self.gateway.answers = [ends] if is_lost else []
            new = ENDS[ends] if is_lost else refund.state

        def book(_):
            self._reach(refund, new)
            if not is_known and new != "unknown":
                refund.asked_at = self.at

        def act():
            if is_known and is_told:
                payment = PaymentRow.objects.select_related("order")
                return apply_refund_fact(
                    payment=payment.get(reference=refund.payment.reference),
                    fact=held,
                    at=self.at,
                )
            return look_up_refund(number=refund.number, at=self.at)

        self.take(DONE if refund.is_in_limbo else UNCHANGED, act, book)

    @move(often=4, of="refunds", fits="waits_for_transfer", again=AT_RANDOM)
    def transfer(self, refund, again):
        used = [one.bank_reference for one in refund.payment.refunds if one.bank_reference]
        is_used = again and bool(used)
        self.books.transfers += 1
        reference = used[0] if is_used else f"OUT-{self.books.transfers}"
        if not refund.is_by_hand:
            foretold = "refund_not_by_hand"
        elif refund.state == "succeeded" and refund.bank_reference == reference:
            foretold = UNCHANGED
        elif refund.state != "approved":
            foretold = "invalid_transition"
        else:
            foretold = "bank_reference_used" if is_used else DONE

        def book(_):
            refund.state, refund.bank_reference = "succeeded", reference

        self.take(
            foretold,
            lambda: record_manual_refund(
                number=refund.number,
                bank_reference=reference,
                user_id=self.people["operations"],
                at=self.at,
            ),
            book,
        )

    @move(
        often=2,
        of="captured",
        portion=st.sampled_from(["half", "all", "too much"]),
        is_chargeback=st.booleans(),
    )
    def take_back(self, payment, portion, is_chargeback):
        """Somebody refunds it at the provider, or a bank takes it: the shop was not asked."""
        self.books.taken += 1
        wanted = {
            "half": half_of(payment.captured),
            "all": payment.captured,
            "too much": payment.captured + 1,
        }[portion]
        amount = min(wanted, payment.left)
        row = PaymentRow.objects.select_related("order").get(reference=payment.reference)
        fact = outside(
            row, wanted, provider_id=f"re_out_{self.books.taken}", is_chargeback=is_chargeback
        )

        def book(applied):
            refund = Refund(
                payment.order,
                payment,
                goodwill=amount,
                number=applied.refund.number,
                state="succeeded",
                is_from_outside=True,
            )
            payment.order.refunds.append(refund)
            self.books.refunds.append(refund)

        self.take(
            DONE if amount else UNCHANGED,
            lambda: apply_refund_fact(payment=row, fact=fact, at=self.at),
            book,
        )
