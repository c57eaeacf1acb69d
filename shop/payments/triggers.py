"""What the database keeps true of an order's money."""

import pgtrigger

from mdv.kernel.triggers import Fixed, Trigger, update_of
from shop.payments.states import MONEY_BACK, EventOutcome, PaymentState


class CapturedEqualsThePayments(Trigger):
    """Refuse an order whose captured total is not the sum over its payments."""

    name = "order_captured_equals_its_payments"
    when = pgtrigger.After
    operation = pgtrigger.Insert | update_of("captured_total", "refunded_total")
    timing = pgtrigger.Deferred
    order_ids = "NEW.id"
    declare = [("bad", "orders_order%ROWTYPE")]

    def get_func(self, model: object) -> str:
        return f"""
            SELECT o.* INTO bad FROM orders_order o, LATERAL (
                SELECT coalesce(sum(captured), 0) AS captured,
                       coalesce(sum(refunded), 0) AS refunded
                FROM payments_payment WHERE order_id = o.id
            ) paid
            WHERE o.id IN ({self.order_ids})
              AND (o.captured_total <> paid.captured OR o.refunded_total <> paid.refunded);
            IF bad.id IS NOT NULL THEN
                RAISE EXCEPTION 'order % does not show what was paid for it', bad.number
                USING ERRCODE = '23514', CONSTRAINT = 'order_captured_equals_its_payments';
            END IF;
            RETURN NULL;
        """  # noqa: S608 (a constant is inserted)


class PaymentIsOnItsOrder(CapturedEqualsThePayments):
    """Refuse a payment that its order's captured total does not contain, also if it moved."""

    name = "payment_is_on_its_order"
    operation = pgtrigger.Insert | pgtrigger.Delete | update_of("order_id", "captured", "refunded")
    order_ids = "OLD.order_id, NEW.order_id"


CAPTURED_IS_A_FACT = Fixed(
    name="captured_payment_is_a_fact",
    columns=(
        "order_id",
        "provider",
        "reference",
        "provider_id",
        "state",
        "currency",
        "amount",
        "captured",
        "captured_at",
    ),
    condition=pgtrigger.Q(old__state=PaymentState.CAPTURED),
)

WHAT_WAS_TOLD_IS_A_FACT = Fixed(
    name="what_a_provider_told_is_a_fact",
    columns=(
        "provider",
        "fact",
        "kind",
        "source",
        "subject",
        "reference",
        "provider_id",
        "refund_reference",
        "refund_number",
        "failure",
        "result",
        "amount",
        "currency",
        "channel",
        "is_live",
        "merchant",
        "body",
        "received_at",
    ),
)

WHAT_BECAME_OF_IT_IS_SAID_ONCE = Fixed(
    name="what_became_of_an_event_is_said_once",
    columns=("payment_id", "outcome", "error", "processed_at"),
    # Of money that went back before it had come more is said once it has.
    condition=~pgtrigger.Q(old__outcome=EventOutcome.RECEIVED)
    & (
        ~pgtrigger.Q(old__outcome=EventOutcome.ORPHAN)
        | ~pgtrigger.Q(old__subject__in=MONEY_BACK)
        | pgtrigger.Q(old__resolved_at__isnull=False)
    ),
)

AN_EXCEPTION_IS_SETTLED_ONCE = Fixed(
    name="an_exception_is_settled_once",
    columns=("resolution", "resolved_at", "resolved_by_id"),
    condition=pgtrigger.Q(old__resolved_at__isnull=False),
)
