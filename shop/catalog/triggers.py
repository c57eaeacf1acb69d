"""What the database itself keeps true about the catalogue."""

import pgtrigger

from mdv.kernel.triggers import Trigger, update_of

SEARCH_CONFIG = "english"
MAX_DEPTH = 10  # levels of categories


class RefusesCycles(Trigger):
    """Refuse a category that would become its own ancestor, also when two moves race."""

    name = "category_refuses_cycles"
    when = pgtrigger.Before
    operation = pgtrigger.Insert | update_of("parent_id")
    func = """
        IF NEW.parent_id IS NULL THEN
            RETURN NEW;
        END IF;
        PERFORM pg_advisory_xact_lock(hashtext('catalog_category_tree'));
        IF NEW.parent_id = NEW.id OR EXISTS (
            WITH RECURSIVE ancestor AS (
                SELECT id, parent_id FROM catalog_category WHERE id = NEW.parent_id
                UNION
                SELECT c.id, c.parent_id FROM catalog_category c
                JOIN ancestor ON c.id = ancestor.parent_id
            )
            SELECT 1 FROM ancestor WHERE id = NEW.id
        ) THEN
            RAISE EXCEPTION 'a category cannot be its own ancestor'
            USING ERRCODE = '23514', CONSTRAINT = 'category_refuses_cycles';
        END IF;
        RETURN NEW;
    """


class LimitsDepth(Trigger):
    """Refuse a tree so deep that nobody finds the way down."""

    name = "category_is_at_most_ten_deep"
    when = pgtrigger.Before
    operation = pgtrigger.Insert | update_of("parent_id")
    declare = [
        ("deepest", f"CONSTANT integer := {MAX_DEPTH}"),
        ("above", "integer"),
        ("below", "integer"),
    ]
    func = """
        IF NEW.parent_id IS NULL THEN
            RETURN NEW;
        END IF;
        PERFORM pg_advisory_xact_lock(hashtext('catalog_category_tree'));
        WITH RECURSIVE step AS (
            SELECT parent_id, 1 AS depth FROM catalog_category WHERE id = NEW.parent_id
            UNION ALL
            SELECT c.parent_id, depth + 1 FROM catalog_category c
            JOIN step ON c.id = step.parent_id WHERE depth <= deepest
        )
        SELECT max(depth) INTO above FROM step;
        WITH RECURSIVE step AS (
            SELECT id, 1 AS depth FROM catalog_category WHERE parent_id = NEW.id
            UNION ALL
            SELECT c.id, depth + 1 FROM catalog_category c
            JOIN step ON c.parent_id = step.id WHERE depth <= deepest
        )
        SELECT coalesce(max(depth), 0) INTO below FROM step;
        IF above + 1 + below > deepest THEN
            RAISE EXCEPTION 'categories are nested at most % deep', deepest
            USING ERRCODE = '23514', CONSTRAINT = 'category_is_at_most_ten_deep';
        END IF;
        RETURN NEW;
    """


class KeepsSearchVector(Trigger):
    """Fill the search column from what a person would search for, title before all."""

    name = "product_keeps_search_vector"
    when = pgtrigger.Before
    operation = pgtrigger.Insert | update_of("title", "vendor", "tags", "description")
    func = f"""
        NEW.search :=
            setweight(to_tsvector('{SEARCH_CONFIG}', NEW.title), 'A') ||
            setweight(to_tsvector('{SEARCH_CONFIG}', NEW.vendor), 'B') ||
            setweight(to_tsvector('{SEARCH_CONFIG}', array_to_string(NEW.tags, ' ')), 'B') ||
            setweight(to_tsvector('{SEARCH_CONFIG}',
                regexp_replace(NEW.description, '<[^>]*>', ' ', 'g')), 'D');
        RETURN NEW;
    """


class ShowsItsPrices(Trigger):
    """Keep on the product what its cheapest variant for sale costs, and whether any is reduced.

    The product is locked first: of two changes at once, the second sees the first.
    """

    name = "product_shows_its_prices"
    when = pgtrigger.After
    operation = (
        pgtrigger.Insert
        | pgtrigger.Delete
        | update_of("price", "compare_at_price", "is_archived", "product_id")
    )
    declare = [("shown", "record"), ("cheapest", "catalog_variant%ROWTYPE"), ("reduced", "boolean")]
    func = """
        FOR shown IN
            SELECT id FROM catalog_product WHERE id IN (OLD.product_id, NEW.product_id)
            ORDER BY id FOR NO KEY UPDATE
        LOOP
            SELECT * INTO cheapest FROM catalog_variant
            WHERE product_id = shown.id AND NOT is_archived ORDER BY price, position, id LIMIT 1;
            SELECT coalesce(bool_or(compare_at_price IS NOT NULL), false) INTO reduced
            FROM catalog_variant WHERE product_id = shown.id AND NOT is_archived;
            UPDATE catalog_product SET price_from = cheapest.price,
                compare_at_from = cheapest.compare_at_price, on_sale = reduced
            WHERE id = shown.id AND (price_from, compare_at_from, on_sale)
                IS DISTINCT FROM (cheapest.price, cheapest.compare_at_price, reduced);
        END LOOP;
        RETURN NULL;
    """
