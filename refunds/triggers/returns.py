"""What the database keeps true of returns: what came back is on its order line, and no more."""

import pgtrigger

from mdv.kernel.triggers import Fixed, Trigger, update_of
from refunds.states import LIVE, ReturnState

# What a return takes of its order line: until it is received what was asked for or agreed to,
# afterwards what really came. Of a rejected, expired or cancelled one that is nothing.
CLAIMED = """
    CASE r.state WHEN 'requested' THEN i.requested
                 WHEN 'approved' THEN i.approved WHEN 'receiving' THEN i.approved
                 WHEN 'closed' THEN i.received ELSE 0 END
"""


class LineShowsWhatCameBack(Trigger):
    """Refuse an order line whose returned units are not those that came back, at COMMIT.

    They come back in parcels that nobody took, and with returns. Together the returns of a line
    take no more than was delivered of it. The lines are locked first, so that two transactions
    which return the same line, past every service, are looked at one after the other.
    """

    name = "order_line_shows_what_came_back"
    when = pgtrigger.After
    operation = pgtrigger.Insert | update_of("qty_returned", "qty_delivered")
    timing = pgtrigger.Deferred
    line_ids = "NEW.id"
    # A line that was just ordered or delivered has nothing to be asked about.
    skip = """
        IF TG_OP = 'INSERT' AND NEW.qty_returned = 0 THEN RETURN NULL; END IF;
        IF TG_OP = 'UPDATE' AND NEW.qty_returned = OLD.qty_returned
           AND NEW.qty_delivered >= OLD.qty_delivered THEN
            RETURN NULL;
        END IF;
    """
    declare = [("bad", "record")]

    def get_func(self, model: object) -> str:
        return f"""
            {self.skip}
            PERFORM 1 FROM orders_orderline WHERE id IN ({self.line_ids})
            ORDER BY id FOR NO KEY UPDATE;
            SELECT l.sku, l.qty_returned <> parcels.units + returns.received AS lies
            INTO bad FROM orders_orderline l,
            LATERAL (
                SELECT coalesce(sum(p.quantity), 0) AS units FROM fulfilment_shipmentline p
                JOIN fulfilment_shipment s ON s.id = p.shipment_id
                WHERE p.order_line_id = l.id AND s.state = 'returned_to_sender'
            ) parcels,
            LATERAL (
                SELECT coalesce(sum(i.received), 0) AS received,
                       coalesce(sum({CLAIMED}), 0) AS claimed
                FROM refunds_returnline i JOIN refunds_return r ON r.id = i.of_return_id
                WHERE i.order_line_id = l.id
            ) returns
            WHERE l.id IN ({self.line_ids}) AND (
                l.qty_returned <> parcels.units + returns.received
                OR returns.claimed > l.qty_delivered)
            LIMIT 1;
            IF bad.lies THEN
                RAISE EXCEPTION 'the order line of % does not show what came back', bad.sku
                USING ERRCODE = '23514', CONSTRAINT = 'order_line_shows_what_came_back';
            ELSIF bad.sku IS NOT NULL THEN
                RAISE EXCEPTION 'more of % is to come back than was delivered', bad.sku
                USING ERRCODE = '23514', CONSTRAINT = 'no_more_comes_back_than_was_delivered';
            END IF;
            RETURN NULL;
        """  # noqa: S608 (constants are inserted)


class ParcelThatCameBackIsOnItsLines(LineShowsWhatCameBack):
    """Refuse a parcel that came back while its order lines do not say so."""

    name = "parcel_that_came_back_is_on_its_order_lines"
    operation = update_of("state")
    line_ids = "SELECT order_line_id FROM fulfilment_shipmentline WHERE shipment_id = NEW.id"
    skip = "IF NEW.state <> 'returned_to_sender' THEN RETURN NULL; END IF;"


class ReturnIsOnItsOrderLines(LineShowsWhatCameBack):
    """Refuse a return whose order lines do not show its state."""

    name = "return_is_on_its_order_lines"
    operation = update_of("state")
    line_ids = "SELECT order_line_id FROM refunds_returnline WHERE of_return_id = NEW.id"
    skip = ""


class ReturnLineIsOnItsOrderLine(LineShowsWhatCameBack):
    """Refuse a return's line that its order line does not show."""

    name = "return_line_is_on_its_order_line"
    operation = pgtrigger.Insert | pgtrigger.Delete | update_of("requested", "approved", "received")
    line_ids = "OLD.order_line_id, NEW.order_line_id"
    skip = ""


class LineShowsItsReceipts(Trigger):
    """Refuse a return's line whose counts are not the sums of its receipts, at COMMIT."""

    name = "return_line_shows_its_receipts"
    when = pgtrigger.After
    operation = pgtrigger.Insert | update_of("received", "restocked")
    timing = pgtrigger.Deferred
    line_id = "NEW.id"
    declare = [("bad", "bigint")]

    def get_func(self, model: object) -> str:
        return f"""
            SELECT i.id INTO bad FROM refunds_returnline i, LATERAL (
                SELECT coalesce(sum(quantity), 0) AS received,
                       coalesce(sum(quantity) FILTER (WHERE is_restocked), 0) AS restocked
                FROM refunds_returnreceipt WHERE line_id = i.id) found
            WHERE i.id = {self.line_id}
              AND (i.received, i.restocked) <> (found.received, found.restocked);
            IF bad IS NOT NULL THEN
                RAISE EXCEPTION 'line % of a return does not show its receipts', bad
                USING ERRCODE = '23514', CONSTRAINT = 'return_line_shows_its_receipts';
            END IF;
            RETURN NULL;
        """  # noqa: S608 (constants are inserted)


class ReceiptIsOnItsLine(LineShowsItsReceipts):
    """Refuse a receipt that its return's line does not show."""

    name = "receipt_is_on_its_return_line"
    operation = pgtrigger.Insert
    line_id = "NEW.line_id"


class ArrivesWhileReceiving(Trigger):
    """Refuse a receipt of what is not agreed to come, or is closed."""

    name = "return_receipt_is_of_what_is_being_received"
    when = pgtrigger.Before
    operation = pgtrigger.Insert
    func = """
        PERFORM 1 FROM refunds_return r JOIN refunds_returnline i ON i.of_return_id = r.id
        WHERE i.id = NEW.line_id AND r.state = 'receiving' FOR SHARE OF r;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'only a return that is being received has receipts'
            USING ERRCODE = '23514', CONSTRAINT = 'return_receipt_is_of_what_is_being_received';
        END IF;
        RETURN NEW;
    """


class HoldsItsOwnOrdersLines(Trigger):
    """Refuse a return's line that is of another order, or that joins once the return is decided."""

    name = "return_holds_its_own_orders_lines"
    when = pgtrigger.Before
    operation = pgtrigger.Insert
    func = """
        PERFORM 1 FROM refunds_return WHERE id = NEW.of_return_id FOR SHARE;
        IF NOT EXISTS (SELECT FROM refunds_return r
                       JOIN orders_orderline l ON l.order_id = r.order_id
                       WHERE r.id = NEW.of_return_id AND l.id = NEW.order_line_id
                         AND r.state = 'requested') THEN
            RAISE EXCEPTION 'a return holds lines of its own order, as they were asked for'
            USING ERRCODE = '23514', CONSTRAINT = 'return_holds_its_own_orders_lines';
        END IF;
        RETURN NEW;
    """


WHAT_WAS_ASKED_FOR = Fixed(
    name="return_line_is_what_was_asked_for",
    columns=("of_return_id", "order_line_id", "requested"),
)

WHOSE_RETURN_IT_IS = Fixed(
    name="return_is_of_its_order_for_good",
    columns=("order_id", "number", "source", "requested_at"),
)

WHAT_BECAME_OF_IT = Fixed(
    name="return_that_has_ended_is_a_fact",
    columns=("state", "ended_at"),
    condition=pgtrigger.Q(
        old__state__in=[state.value for state in ReturnState if state not in LIVE]
    ),
)
