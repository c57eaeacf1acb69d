"""What may be written off: only what an open exception says is missing, and only once."""

import pgtrigger

from mdv.kernel.triggers import Trigger


class WritesOffWhatIsMissing(Trigger):
    """Refuse a write-off beyond what an open event took and no refund shows, or of another order.

    The event is locked, so that nobody settles it or books its rest meanwhile.
    """

    name = "write_off_is_of_what_is_missing"
    when = pgtrigger.Before
    operation = pgtrigger.Insert
    declare = [("missing", "numeric")]
    func = """
        PERFORM 1 FROM payments_gatewayevent WHERE id = NEW.event_id FOR NO KEY UPDATE;
        SELECT e.amount - coalesce((
            SELECT sum(r.amount) FROM refunds_refund r
            WHERE r.payment_id = e.payment_id AND r.state = 'succeeded'
              AND (r.provider_id = e.refund_number
                   OR starts_with(r.provider_id, e.refund_number || '/'))), 0) INTO missing
        FROM payments_gatewayevent e JOIN payments_payment p ON p.id = e.payment_id
        WHERE e.id = NEW.event_id AND e.outcome = 'excess' AND e.resolved_at IS NULL
          AND e.subject IN ('refund', 'chargeback') AND p.id = NEW.payment_id
          AND p.order_id = NEW.order_id AND p.currency = NEW.currency;
        IF missing IS NULL OR NEW.amount > missing THEN
            RAISE EXCEPTION 'a write-off is of what an open exception says is missing'
            USING ERRCODE = '23514', CONSTRAINT = 'write_off_is_of_what_is_missing';
        END IF;
        RETURN NEW;
    """
