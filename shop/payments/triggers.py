"""What the database checks of an order's money at COMMIT."""

import pgtrigger

from mdv.kernel.triggers import Trigger, update_of


class CapturedEqualsThePayments(Trigger):
    """Refuse an order whose captured total is not the sum over its payments."""

    name = "order_captured_equals_its_payments"
    when = pgtrigger.After
    operation = pgtrigger.Insert | update_of("captured_total", "refunded_total")
    timing = pgtrigger.Deferred
    order_id = "NEW.id"
    declare = [("bad", "orders_order%ROWTYPE")]

    def get_func(self, model: object) -> str:
        return f"""
            SELECT o.* INTO bad FROM orders_order o, LATERAL (
                SELECT coalesce(sum(captured), 0) AS captured,
                       coalesce(sum(refunded), 0) AS refunded
                FROM payments_payment WHERE order_id = o.id
            ) paid
            WHERE o.id = {self.order_id}
              AND (o.captured_total <> paid.captured OR o.refunded_total <> paid.refunded);
            IF bad.id IS NOT NULL THEN
                RAISE EXCEPTION 'order % does not show what was paid for it', bad.number
                USING ERRCODE = '23514', CONSTRAINT = 'order_captured_equals_its_payments';
            END IF;
            RETURN NULL;
        """  # noqa: S608 (a constant is inserted)


class PaymentIsOnItsOrder(CapturedEqualsThePayments):
    """Refuse a payment that its order's captured total does not contain."""

    name = "payment_is_on_its_order"
    operation = pgtrigger.Insert | pgtrigger.Delete | update_of("order_id", "captured", "refunded")
    order_id = "coalesce(NEW.order_id, OLD.order_id)"
