"""The ledger's rules, kept by the database at every COMMIT, whoever writes."""

import pgtrigger

from mdv.kernel.triggers import Fixed, Trigger

PREVIEW_KEPT_DAYS = 30


class FollowsItsPredecessor(Trigger):
    """Refuse a movement that does not continue where the one before it ended."""

    name = "movement_follows_its_predecessor"
    when = pgtrigger.Before
    operation = pgtrigger.Insert
    declare = [("before", "stock_stockmovement%ROWTYPE")]
    func = """
        SELECT * INTO before FROM stock_stockmovement
        WHERE item_id = NEW.item_id AND seq = NEW.seq - 1;
        IF (NEW.seq > 1 AND before.id IS NULL)
           OR NEW.on_hand_after <> coalesce(before.on_hand_after, 0) + NEW.d_on_hand
           OR NEW.reserved_after <> coalesce(before.reserved_after, 0) + NEW.d_reserved THEN
            RAISE EXCEPTION 'movement % of stock item % does not follow its predecessor',
                NEW.seq, NEW.item_id
            USING ERRCODE = '23514', CONSTRAINT = 'movement_follows_its_predecessor';
        END IF;
        RETURN NEW;
    """


class EqualsItsLastMovement(Trigger):
    """Refuse, at COMMIT, a stock item whose level is not that of its last movement."""

    name = "stock_equals_its_last_movement"
    when = pgtrigger.After
    operation = pgtrigger.Insert | pgtrigger.Update
    timing = pgtrigger.Deferred
    declare = [("item", "stock_stockitem%ROWTYPE"), ("last", "stock_stockmovement%ROWTYPE")]
    item_id = "NEW.id"

    def get_func(self, model: object) -> str:
        return f"""
            SELECT * INTO item FROM stock_stockitem WHERE id = {self.item_id};
            SELECT * INTO last FROM stock_stockmovement
            WHERE item_id = item.id ORDER BY seq DESC LIMIT 1;
            IF item.id IS NOT NULL AND (
                item.last_seq <> coalesce(last.seq, 0)
                OR item.on_hand <> coalesce(last.on_hand_after, 0)
                OR item.reserved <> coalesce(last.reserved_after, 0)
            ) THEN
                RAISE EXCEPTION 'stock item % differs from its last movement', item.id
                USING ERRCODE = '23514', CONSTRAINT = 'stock_equals_its_last_movement';
            END IF;
            RETURN NULL;
        """  # noqa: S608 (a constant is inserted)


class MovementIsOnItsItem(EqualsItsLastMovement):
    """Refuse, at COMMIT, a movement that its stock item does not show."""

    name = "movement_is_on_its_item"
    operation = pgtrigger.Insert
    item_id = "NEW.item_id"


COUNT_IS_FIXED = Fixed(
    name="a_count_stays_as_it_was_sent",
    columns=(
        "stock_take_id",
        "line",
        "sku",
        "counted_as",
        "reason",
        "variant_id",
        "counted",
        "on_hand",
        "reserved",
        "refusal",
    ),
    may_be_deleted=True,
)


class StockTakeIsKept(Trigger):
    """Refuse to delete a stock-take, unless it is a preview that nobody applied for long."""

    name = "stock_take_is_kept"
    when = pgtrigger.Before
    operation = pgtrigger.Delete
    stock_take_id = "OLD.id"

    def get_func(self, model: object) -> str:
        return f"""
            IF EXISTS (SELECT FROM stock_stocktake WHERE id = {self.stock_take_id}
                       AND (state <> 'previewed'
                            OR created_at > now() - interval '{PREVIEW_KEPT_DAYS} days')) THEN
                RAISE EXCEPTION 'a stock-take is kept once it is applied, a preview for a while'
                USING ERRCODE = '23514', CONSTRAINT = '{self.name}';
            END IF;
            RETURN OLD;
        """


class CountIsKept(StockTakeIsKept):
    """Refuse to delete a row of a stock-take that is kept."""

    name = "count_is_kept"
    stock_take_id = "OLD.stock_take_id"
