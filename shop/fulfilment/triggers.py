"""What the database keeps true of parcels: an order line shows what is in them, and no more."""

import pgtrigger

from mdv.kernel.triggers import Fixed, Trigger, update_of
from shop.fulfilment.states import IN_THE_HOUSE, SHIPPED, ShipmentState


def _in(states: frozenset[ShipmentState]) -> str:
    return ", ".join(f"'{state.value}'" for state in sorted(states))


class LineShowsItsParcels(Trigger):
    """Refuse an order line whose counts are not the sums over its parcels, at COMMIT.

    The lines are locked first: two transactions that pack the same line, past every service, are
    looked at one after the other.
    """

    name = "order_line_shows_its_parcels"
    when = pgtrigger.After
    operation = pgtrigger.Insert | update_of(
        "quantity", "qty_cancelled", "qty_shipped", "qty_delivered"
    )
    timing = pgtrigger.Deferred
    line_ids = "NEW.id"
    # A line that was just ordered has no parcels yet: nothing is asked of the database.
    skip = """
        IF TG_OP = 'INSERT' AND NEW.qty_shipped = 0 AND NEW.qty_delivered = 0 THEN
            RETURN NULL;
        END IF;
    """
    declare = [("bad", "record")]

    def get_func(self, model: object) -> str:
        return f"""
            {self.skip}
            PERFORM 1 FROM orders_orderline WHERE id IN ({self.line_ids})
            ORDER BY id FOR NO KEY UPDATE;
            SELECT l.sku,
                   l.qty_shipped <> parcels.shipped OR l.qty_delivered <> parcels.delivered AS lies
            INTO bad FROM orders_orderline l, LATERAL (
                SELECT coalesce(sum(p.quantity) FILTER (
                           WHERE s.state IN ({_in(IN_THE_HOUSE)})), 0) AS packed,
                       coalesce(sum(p.quantity) FILTER (
                           WHERE s.state IN ({_in(SHIPPED)})), 0) AS shipped,
                       coalesce(sum(p.quantity) FILTER (
                           WHERE s.state = 'delivered'), 0) AS delivered
                FROM fulfilment_shipmentline p
                JOIN fulfilment_shipment s ON s.id = p.shipment_id
                WHERE p.order_line_id = l.id
            ) parcels
            WHERE l.id IN ({self.line_ids}) AND (
                l.qty_shipped <> parcels.shipped OR l.qty_delivered <> parcels.delivered
                OR l.qty_cancelled + parcels.shipped + parcels.packed > l.quantity)
            LIMIT 1;
            IF bad.lies THEN
                RAISE EXCEPTION 'the order line of % does not show its parcels', bad.sku
                USING ERRCODE = '23514', CONSTRAINT = 'order_line_shows_its_parcels';
            ELSIF bad.sku IS NOT NULL THEN
                RAISE EXCEPTION 'more of % is packed than is open', bad.sku
                USING ERRCODE = '23514', CONSTRAINT = 'no_more_is_packed_than_is_open';
            END IF;
            RETURN NULL;
        """  # noqa: S608 (constants are inserted)


class ParcelIsOnItsLine(LineShowsItsParcels):
    """Refuse a parcel's line that its order line does not show, also after it left for another."""

    name = "parcel_line_is_on_its_order_line"
    operation = (
        pgtrigger.Insert | pgtrigger.Delete | update_of("shipment_id", "order_line_id", "quantity")
    )
    line_ids = "OLD.order_line_id, NEW.order_line_id"
    skip = ""


class StateIsOnItsLines(LineShowsItsParcels):
    """Refuse a parcel whose order lines do not show its state."""

    name = "parcel_state_is_on_its_order_lines"
    operation = update_of("state")
    line_ids = "SELECT order_line_id FROM fulfilment_shipmentline WHERE shipment_id = NEW.id"
    skip = ""


class LinesChangeOnlyWhilePacking(Trigger):
    """Refuse to change what is in a parcel once it is packed, and to pack what is another order's.

    The parcel is locked against a change of its state.
    """

    name = "parcel_lines_change_only_while_packing"
    when = pgtrigger.Before
    operation = (
        pgtrigger.Insert | pgtrigger.Delete | update_of("shipment_id", "order_line_id", "quantity")
    )
    func = """
        PERFORM 1 FROM fulfilment_shipment WHERE id IN (OLD.shipment_id, NEW.shipment_id)
        ORDER BY id FOR SHARE;
        IF EXISTS (SELECT FROM fulfilment_shipment
                   WHERE id IN (OLD.shipment_id, NEW.shipment_id) AND state <> 'packing') THEN
            RAISE EXCEPTION 'what is in a parcel is fixed once it is packed'
            USING ERRCODE = '23514', CONSTRAINT = 'parcel_lines_change_only_while_packing';
        END IF;
        IF TG_OP = 'DELETE' THEN
            RETURN OLD;
        END IF;
        IF NOT EXISTS (SELECT FROM fulfilment_shipment s
                       JOIN orders_orderline l ON l.order_id = s.order_id
                       WHERE s.id = NEW.shipment_id AND l.id = NEW.order_line_id) THEN
            RAISE EXCEPTION 'a parcel holds lines of its own order only'
            USING ERRCODE = '23514', CONSTRAINT = 'parcel_holds_its_own_orders_lines';
        END IF;
        RETURN NEW;
    """


class LeavesOnMoneyThatIsHere(Trigger):
    """Refuse to close or send a parcel while more money is missing of its order than is accepted.

    The order is locked, so that no money comes or goes meanwhile. What has left has left: of that
    nothing is asked any more.
    """

    name = "parcel_leaves_on_money_that_is_here"
    when = pgtrigger.Before
    operation = pgtrigger.Insert | update_of("state")

    def get_func(self, model: object) -> str:
        return f"""
            IF NEW.state IN ({_in(SHIPPED | {ShipmentState.READY})}) AND (
                TG_OP = 'INSERT'
                OR (OLD.state IN ({_in(IN_THE_HOUSE)}) AND NEW.state <> OLD.state)) THEN
                PERFORM 1 FROM orders_order WHERE id = NEW.order_id FOR NO KEY UPDATE;
                IF orders_missing_money(NEW.order_id) > (
                    SELECT coalesce(max(amount), 0) FROM orders_missingacceptance
                    WHERE order_id = NEW.order_id) THEN
                    RAISE EXCEPTION 'parcel % stays here: money is missing', NEW.number
                    USING ERRCODE = '23514', CONSTRAINT = 'parcel_leaves_on_money_that_is_here';
                END IF;
            END IF;
            RETURN NEW;
        """  # noqa: S608 (constants are inserted)


WHOSE_PARCEL_IT_IS = Fixed(
    name="shipment_is_of_its_order_for_good",
    columns=("order_id", "number", "place", "created_at"),
)

WHAT_BECAME_OF_IT = Fixed(
    name="shipment_that_has_ended_is_a_fact",
    columns=("state", "carrier", "tracking", "dispatched_at", "ended_at"),
    condition=pgtrigger.Q(
        old__state__in=[
            ShipmentState.DELIVERED.value,
            ShipmentState.RETURNED_TO_SENDER.value,
            ShipmentState.CANCELLED.value,
        ]
    ),
)
