"""What may be made of money that went back beyond its payment's: in all, no more than went.

An exception's money is booked as refunds under the provider's number and its parts, ``dp_1`` and
``dp_1/2``, and what is left is written off. Both checks first lock the event, so that nobody books
what somebody writes off meanwhile.
"""

import pgtrigger

from mdv.kernel.triggers import Trigger, update_of


def _is_under(number: str) -> str:
    """Tell whether a provider's number is that of the event `e`, or of a part of it."""
    return f"({number} = e.refund_number OR starts_with({number}, e.refund_number || '/'))"


IS_EXCESS = """
    (e.outcome = 'excess' AND e.subject IN ('refund', 'chargeback') AND e.refund_number <> '')
"""
BOOKED = f"""
    coalesce((SELECT sum(r.amount) FROM refunds_refund r
              WHERE r.payment_id = e.payment_id AND r.state = 'succeeded'
                AND {_is_under("r.provider_id")}), 0)
"""  # noqa: S608 (constants are inserted)


class BooksNoMoreThanWent(Trigger):
    """Refuse a refund by which more of an exception is booked and written off than went back."""

    name = "no_more_is_booked_than_went_back"
    when = pgtrigger.After
    operation = pgtrigger.Insert | update_of("state")
    timing = pgtrigger.Deferred
    declare = [("bad", "text")]
    events = f"""
        payments_gatewayevent e WHERE e.payment_id = NEW.payment_id AND {IS_EXCESS}
        AND {_is_under("NEW.provider_id")}
    """

    def get_func(self, model: object) -> str:
        return f"""
            IF NEW.state <> 'succeeded' THEN RETURN NULL; END IF;
            PERFORM 1 FROM {self.events} ORDER BY e.id FOR NO KEY UPDATE;
            SELECT e.refund_number INTO bad FROM {self.events} AND e.amount < {BOOKED} + coalesce(
                (SELECT w.amount FROM refunds_writeoff w WHERE w.event_id = e.id), 0) LIMIT 1;
            IF bad IS NOT NULL THEN
                RAISE EXCEPTION 'more of % is booked and written off than went back', bad
                USING ERRCODE = '23514', CONSTRAINT = 'no_more_is_booked_than_went_back';
            END IF;
            RETURN NULL;
        """  # noqa: S608 (constants are inserted)


class WritesOffWhatIsMissing(Trigger):
    """Refuse a write-off of more than an open event took and no refund shows."""

    name = "write_off_is_of_what_is_missing"
    when = pgtrigger.Before
    operation = pgtrigger.Insert
    declare = [("missing", "numeric")]
    func = f"""
        PERFORM 1 FROM payments_gatewayevent WHERE id = NEW.event_id FOR NO KEY UPDATE;
        SELECT e.amount - {BOOKED} INTO missing
        FROM payments_gatewayevent e JOIN payments_payment p ON p.id = e.payment_id
        WHERE e.id = NEW.event_id AND {IS_EXCESS} AND e.resolved_at IS NULL
          AND p.id = NEW.payment_id AND p.order_id = NEW.order_id AND p.currency = NEW.currency;
        IF missing IS NULL OR NEW.amount > missing THEN
            RAISE EXCEPTION 'a write-off is of what an open exception says is missing'
            USING ERRCODE = '23514', CONSTRAINT = 'write_off_is_of_what_is_missing';
        END IF;
        RETURN NEW;
    """  # noqa: S608 (constants are inserted)
