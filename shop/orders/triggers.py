"""What the database keeps true of an order: its totals are the sums of its lines, for good."""

import pgtrigger

from mdv.kernel.triggers import Fixed, Trigger, update_of


class TotalsEqualTheLines(Trigger):
    """Refuse an order whose items, discount or tax total is not the sum over its lines."""

    name = "order_totals_equal_its_lines"
    when = pgtrigger.After
    operation = pgtrigger.Insert | update_of(
        "items_total", "discount_total", "tax_total", "prices_include_tax"
    )
    timing = pgtrigger.Deferred
    order_ids = "NEW.id"
    declare = [("bad", "orders_order%ROWTYPE")]

    def get_func(self, model: object) -> str:
        return f"""
            SELECT o.* INTO bad FROM orders_order o, LATERAL (
                SELECT coalesce(sum(unit_price * quantity), 0) AS items,
                       coalesce(sum(discount), 0) AS discount,
                       coalesce(sum(tax), 0) AS tax,
                       coalesce(bool_and(tax_is_included = o.prices_include_tax), true) AS alike,
                       count(*) AS lines
                FROM orders_orderline WHERE order_id = o.id
            ) line
            WHERE o.id IN ({self.order_ids}) AND (
                line.lines = 0 OR o.items_total <> line.items OR NOT line.alike
                OR o.discount_total <> line.discount OR o.tax_total <> line.tax);
            IF bad.id IS NOT NULL THEN
                RAISE EXCEPTION 'the totals of order % are not the sums of its lines', bad.number
                USING ERRCODE = '23514', CONSTRAINT = 'order_totals_equal_its_lines';
            END IF;
            RETURN NULL;
        """  # noqa: S608 (a constant is inserted)


class LineIsInItsOrdersTotals(TotalsEqualTheLines):
    """Refuse a line that its order's totals do not contain, also after it left for another."""

    name = "order_line_is_in_its_totals"
    operation = (
        pgtrigger.Insert
        | pgtrigger.Delete
        | update_of("order_id", "unit_price", "quantity", "discount", "tax", "tax_is_included")
    )
    order_ids = "OLD.order_id, NEW.order_id"


class IsConfirmedByMoneyThatIsHere(Trigger):
    """Refuse to confirm an order whose money was taken back, unless it is paid on delivery.

    Only the step is refused: what is taken back later is a fact, and the order stays confirmed.
    """

    name = "order_is_confirmed_by_money_that_is_here"
    when = pgtrigger.Before
    operation = pgtrigger.Insert | update_of("status")
    func = """
        IF NEW.status IN ('confirmed', 'completed') AND NOT NEW.pay_on_delivery
           AND (TG_OP = 'INSERT' OR OLD.status NOT IN ('confirmed', 'completed'))
           AND NEW.captured_total - NEW.taken_back_total < NEW.total THEN
            RAISE EXCEPTION 'order % is not paid by money that is here', NEW.number
            USING ERRCODE = '23514', CONSTRAINT = 'order_is_confirmed_by_money_that_is_here';
        END IF;
        RETURN NEW;
    """


class AcceptsWhatIsMissing(Trigger):
    """Refuse to accept another amount than is missing of an order, or what is accepted already.

    The order is locked, so that no money comes or goes meanwhile.
    """

    name = "acceptance_is_of_what_is_missing"
    when = pgtrigger.Before
    operation = pgtrigger.Insert
    func = """
        PERFORM 1 FROM orders_order WHERE id = NEW.order_id FOR NO KEY UPDATE;
        IF NEW.amount <> orders_missing_money(NEW.order_id) OR EXISTS (
            SELECT FROM orders_missingacceptance
            WHERE order_id = NEW.order_id AND amount >= NEW.amount) THEN
            RAISE EXCEPTION '% is not what is missing and not accepted yet', NEW.amount
            USING ERRCODE = '23514', CONSTRAINT = 'acceptance_is_of_what_is_missing';
        END IF;
        RETURN NEW;
    """


AMOUNTS_ARE_FIXED = Fixed(
    name="order_amounts_are_fixed",
    columns=(
        "number",
        "currency",
        "items_total",
        "discount_total",
        "shipping_total",
        "tax_total",
        "prices_include_tax",
        "total",
        "pay_on_delivery",
    ),
)

LINE_IS_A_SNAPSHOT = Fixed(
    name="order_line_is_a_snapshot",
    columns=(
        "order_id",
        "variant_id",
        "sku",
        "title",
        "options",
        "unit_price",
        "list_price",
        "quantity",
        "discount",
        "tax",
        "tax_is_included",
        "total",
    ),
)


class InvoiceFollowsTheOneBefore(Trigger):
    """Refuse an invoice that leaves a gap in its year, or whose number does not say its place."""

    name = "invoice_follows_the_one_before"
    when = pgtrigger.Before
    operation = pgtrigger.Insert
    declare = [("before", "integer")]
    func = """
        SELECT coalesce(max(place), 0) INTO before FROM orders_invoice WHERE year = NEW.year;
        IF NEW.place <> before + 1
           OR NEW.number <> 'INV-' || NEW.year || '-'
                            || lpad(NEW.place::text, greatest(6, length(NEW.place::text)), '0')
        THEN
            RAISE EXCEPTION 'invoice % does not follow number % of %', NEW.number, before, NEW.year
            USING ERRCODE = '23514', CONSTRAINT = 'invoice_follows_the_one_before';
        END IF;
        RETURN NEW;
    """
