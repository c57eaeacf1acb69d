"""What the database keeps true of refunds: never more than was captured, paid for or came back.

Each check first locks what it adds up over, so that two transactions which promise the same money
past every service are looked at one after the other.
"""

from collections.abc import Iterable

import pgtrigger

from mdv.kernel.triggers import Trigger, update_of
from refunds.states import COMMITTED, FROM_OUTSIDE


def _in(states: Iterable[str]) -> str:
    return ", ".join(f"'{state}'" for state in sorted(str(state) for state in states))


COMMITTING = _in(COMMITTED)
OUTSIDE = _in(FROM_OUTSIDE)


class PaymentShowsItsRefunds(Trigger):
    """Refuse a payment whose promises are not the sums of its refunds, at COMMIT."""

    name = "payment_shows_its_refunds"
    when = pgtrigger.After
    operation = pgtrigger.Insert | update_of("refund_committed", "refunded")
    timing = pgtrigger.Deferred
    payment_id = "NEW.id"
    skip = "IF TG_OP = 'INSERT' AND NEW.refund_committed = 0 THEN RETURN NULL; END IF;"
    declare = [("bad", "text")]

    def get_func(self, model: object) -> str:
        return f"""
            {self.skip}
            PERFORM 1 FROM payments_payment WHERE id = {self.payment_id} FOR NO KEY UPDATE;
            SELECT p.reference INTO bad FROM payments_payment p, LATERAL (
                SELECT coalesce(sum(amount) FILTER (WHERE state IN ({COMMITTING})), 0) AS committed,
                       coalesce(sum(amount) FILTER (WHERE state = 'succeeded'), 0) AS refunded
                FROM refunds_refund WHERE payment_id = p.id
            ) r
            WHERE p.id = {self.payment_id}
              AND (p.refund_committed, p.refunded) <> (r.committed, r.refunded);
            IF bad IS NOT NULL THEN
                RAISE EXCEPTION 'payment % does not show its refunds', bad
                USING ERRCODE = '23514', CONSTRAINT = 'payment_shows_its_refunds';
            END IF;
            RETURN NULL;
        """  # noqa: S608 (constants are inserted)


class RefundIsOnItsPayment(PaymentShowsItsRefunds):
    """Refuse a refund that its payment does not show."""

    name = "refund_is_on_its_payment"
    operation = pgtrigger.Insert | update_of("state")
    payment_id = "NEW.payment_id"
    skip = ""


class OrderShowsWhatWasTakenBack(Trigger):
    """Refuse an order that does not show what left without the shop having agreed, at COMMIT."""

    name = "order_shows_what_was_taken_back"
    when = pgtrigger.After
    operation = pgtrigger.Insert | update_of("taken_back_total")
    timing = pgtrigger.Deferred
    order_id = "NEW.id"
    skip = "IF TG_OP = 'INSERT' AND NEW.taken_back_total = 0 THEN RETURN NULL; END IF;"
    declare = [("bad", "text")]

    def get_func(self, model: object) -> str:
        return f"""
            {self.skip}
            PERFORM 1 FROM orders_order WHERE id = {self.order_id} FOR NO KEY UPDATE;
            SELECT o.number INTO bad FROM orders_order o
            WHERE o.id = {self.order_id} AND o.taken_back_total <> (
                SELECT coalesce(sum(amount), 0) FROM refunds_refund
                WHERE order_id = o.id AND state = 'succeeded' AND source IN ({OUTSIDE}));
            IF bad IS NOT NULL THEN
                RAISE EXCEPTION 'order % does not show what was taken back', bad
                USING ERRCODE = '23514', CONSTRAINT = 'order_shows_what_was_taken_back';
            END IF;
            RETURN NULL;
        """  # noqa: S608 (constants are inserted)


class RefundIsOnItsOrder(OrderShowsWhatWasTakenBack):
    """Refuse money taken back that its order does not show."""

    name = "refund_is_on_its_order"
    operation = pgtrigger.Insert | update_of("state")
    order_id = "NEW.order_id"
    skip = f"IF NEW.source NOT IN ({OUTSIDE}) THEN RETURN NULL; END IF;"


class LineShowsItsRefunds(Trigger):
    """Refuse an order line that does not show its refunds, or of which too much is refunded.

    At COMMIT. ``refunded`` is what is promised back of it. No unit is refunded twice; as cancelled
    only those that were cancelled, as returned only those that came back, else only what has left.
    """

    name = "order_line_shows_its_refunds"
    when = pgtrigger.After
    operation = pgtrigger.Insert | update_of("refunded", "qty_cancelled", "qty_returned")
    timing = pgtrigger.Deferred
    line_ids = "NEW.id"
    # A line that was just ordered, or of which more may be refunded, has nothing to be asked.
    skip = """
        IF TG_OP = 'INSERT' AND NEW.refunded = 0 THEN RETURN NULL; END IF;
        IF TG_OP = 'UPDATE' AND NEW.refunded = OLD.refunded
           AND NEW.qty_cancelled >= OLD.qty_cancelled AND NEW.qty_returned >= OLD.qty_returned THEN
            RETURN NULL;
        END IF;
    """
    declare = [("bad", "record")]

    def get_func(self, model: object) -> str:
        return f"""
            {self.skip}
            PERFORM 1 FROM orders_orderline WHERE id IN ({self.line_ids})
            ORDER BY id FOR NO KEY UPDATE;
            SELECT l.sku, l.refunded <> r.amount AS lies INTO bad
            FROM orders_orderline l, LATERAL (
                SELECT coalesce(sum(i.amount), 0) AS amount,
                       coalesce(sum(i.amount + i.withheld), 0) AS cost,
                       coalesce(sum(i.tax), 0) AS tax,
                       coalesce(sum(i.quantity), 0) AS units,
                       coalesce(sum(i.quantity) FILTER (WHERE i.restock = 'cancel'), 0)
                           AS cancelled,
                       coalesce(sum(i.quantity) FILTER (WHERE i.restock = 'return'), 0)
                           AS returned
                FROM refunds_refundline i JOIN refunds_refund r ON r.id = i.refund_id
                WHERE i.order_line_id = l.id AND r.state IN ({COMMITTING})
            ) r
            WHERE l.id IN ({self.line_ids}) AND (
                l.refunded <> r.amount OR r.cost > l.total OR r.tax > l.tax
                OR r.cancelled > l.qty_cancelled OR r.units - r.cancelled > l.qty_shipped
                OR r.returned > l.qty_returned)
            LIMIT 1;
            IF bad.lies THEN
                RAISE EXCEPTION 'the order line of % does not show its refunds', bad.sku
                USING ERRCODE = '23514', CONSTRAINT = 'order_line_shows_its_refunds';
            ELSIF bad.sku IS NOT NULL THEN
                RAISE EXCEPTION 'more of % is refunded than may be', bad.sku
                USING ERRCODE = '23514', CONSTRAINT = 'no_more_is_refunded_than_was_paid_for';
            END IF;
            RETURN NULL;
        """  # noqa: S608 (constants are inserted)


class RefundLineIsOnItsLine(LineShowsItsRefunds):
    """Refuse a refund's line that its order line does not show."""

    name = "refund_line_is_on_its_order_line"
    operation = pgtrigger.Insert
    line_ids = "NEW.order_line_id"
    skip = ""


class RefundIsOnItsLines(LineShowsItsRefunds):
    """Refuse a refund whose order lines do not show its state."""

    name = "refund_is_on_its_order_lines"
    operation = update_of("state")
    line_ids = "SELECT order_line_id FROM refunds_refundline WHERE refund_id = NEW.id"
    skip = ""


class NoMoreIsRefundedThanCameBack(Trigger):
    """Refuse to refund more units of a return than were received, at COMMIT."""

    name = "no_more_is_refunded_than_came_back"
    when = pgtrigger.After
    operation = pgtrigger.Insert
    timing = pgtrigger.Deferred
    refund_id = "NEW.refund_id"
    declare = [("bad", "bigint")]

    def get_func(self, model: object) -> str:
        return f"""
            PERFORM 1 FROM refunds_return WHERE id = (
                SELECT of_return_id FROM refunds_refund WHERE id = {self.refund_id}
            ) FOR NO KEY UPDATE;
            SELECT mine.of_return_id INTO bad FROM refunds_refund mine, LATERAL (
                SELECT i.order_line_id, sum(i.quantity) AS units
                FROM refunds_refundline i JOIN refunds_refund r ON r.id = i.refund_id
                WHERE r.of_return_id = mine.of_return_id AND i.restock = 'return'
                  AND r.state IN ({COMMITTING})
                GROUP BY i.order_line_id
            ) given
            LEFT JOIN refunds_returnline came ON came.order_line_id = given.order_line_id
                AND came.of_return_id = (
                    SELECT of_return_id FROM refunds_refund WHERE id = {self.refund_id})
            WHERE mine.id = {self.refund_id} AND given.units > coalesce(came.received, 0)
            LIMIT 1;
            IF bad IS NOT NULL THEN
                RAISE EXCEPTION 'more of return % is refunded than came back', bad
                USING ERRCODE = '23514', CONSTRAINT = 'no_more_is_refunded_than_came_back';
            END IF;
            RETURN NULL;
        """  # noqa: S608 (constants are inserted)


class ReturnCoversItsRefunds(NoMoreIsRefundedThanCameBack):
    """Refuse a refund that would again be of more than came back."""

    name = "return_covers_its_refunds"
    operation = update_of("state")
    refund_id = "NEW.id"


class RefundIsTheSumOfItsParts(Trigger):
    """Refuse a refund that is not its shipping, its goodwill and its lines, at COMMIT."""

    name = "refund_is_the_sum_of_its_parts"
    when = pgtrigger.After
    operation = pgtrigger.Insert
    timing = pgtrigger.Deferred
    refund_id = "NEW.id"
    declare = [("bad", "text")]

    def get_func(self, model: object) -> str:
        return f"""
            SELECT r.number INTO bad FROM refunds_refund r
            WHERE r.id = {self.refund_id} AND r.amount <> r.shipping + r.goodwill + (
                SELECT coalesce(sum(amount), 0) FROM refunds_refundline WHERE refund_id = r.id);
            IF bad IS NOT NULL THEN
                RAISE EXCEPTION 'refund % is not the sum of its parts', bad
                USING ERRCODE = '23514', CONSTRAINT = 'refund_is_the_sum_of_its_parts';
            END IF;
            RETURN NULL;
        """  # noqa: S608 (constants are inserted)


class RefundLineIsInItsRefund(RefundIsTheSumOfItsParts):
    """Refuse a refund's line that its amount does not contain."""

    name = "refund_line_is_in_its_refund"
    refund_id = "NEW.refund_id"


class ShippingIsGivenBackOnce(Trigger):
    """Refuse to give back more for shipping than the order cost to ship, at COMMIT."""

    name = "shipping_is_given_back_once"
    when = pgtrigger.After
    operation = pgtrigger.Insert | update_of("state")
    timing = pgtrigger.Deferred
    declare = [("bad", "text")]

    def get_func(self, model: object) -> str:
        return f"""
            IF NEW.shipping = 0 THEN RETURN NULL; END IF;
            PERFORM 1 FROM orders_order WHERE id = NEW.order_id FOR NO KEY UPDATE;
            SELECT o.number INTO bad FROM orders_order o
            WHERE o.id = NEW.order_id AND o.shipping_total < (
                SELECT sum(shipping) FROM refunds_refund
                WHERE order_id = o.id AND state IN ({COMMITTING}));
            IF bad IS NOT NULL THEN
                RAISE EXCEPTION 'more shipping of % is refunded than it cost', bad
                USING ERRCODE = '23514', CONSTRAINT = 'shipping_is_given_back_once';
            END IF;
            RETURN NULL;
        """  # noqa: S608 (constants are inserted)


class IsOfOneOrder(Trigger):
    """Refuse a refund whose payment or return is another order's, or in another currency."""

    name = "refund_is_of_one_order"
    when = pgtrigger.Before
    operation = pgtrigger.Insert
    func = """
        IF NOT EXISTS (SELECT FROM payments_payment WHERE id = NEW.payment_id
                       AND order_id = NEW.order_id AND currency = NEW.currency)
           OR (NEW.of_return_id IS NOT NULL AND NOT EXISTS (
               SELECT FROM refunds_return WHERE id = NEW.of_return_id
               AND order_id = NEW.order_id)) THEN
            RAISE EXCEPTION 'a refund gives back money of its own order'
            USING ERRCODE = '23514', CONSTRAINT = 'refund_is_of_one_order';
        END IF;
        RETURN NEW;
    """


class JoinsBeforeItIsDone(Trigger):
    """Refuse a refund's line that is of another order, or joins once the money is on its way."""

    name = "refund_holds_its_own_orders_lines"
    when = pgtrigger.Before
    operation = pgtrigger.Insert
    func = """
        IF NOT EXISTS (SELECT FROM refunds_refund r
                       JOIN orders_orderline l ON l.order_id = r.order_id
                       WHERE r.id = NEW.refund_id AND l.id = NEW.order_line_id
                         AND r.state IN ('requested', 'approved')) THEN
            RAISE EXCEPTION 'a refund holds lines of its own order, as they were asked for'
            USING ERRCODE = '23514', CONSTRAINT = 'refund_holds_its_own_orders_lines';
        END IF;
        RETURN NEW;
    """
