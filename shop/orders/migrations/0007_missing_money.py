from django.db import migrations

CREATE = """
CREATE FUNCTION orders_missing_money(of_order bigint) RETURNS numeric
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT CASE WHEN o.status = 'confirmed' AND NOT o.pay_on_delivery THEN
               greatest(0, owed.amount - (o.captured_total - o.taken_back_total)) ELSE 0 END
    FROM orders_order o, LATERAL (
        SELECT CASE WHEN bool_or(line.units > 0) THEN
                   sum(line.cost + least(line.refunded, line.total - line.cost)) + o.shipping_total
               ELSE 0 END AS amount
        FROM (
            SELECT total, refunded, quantity - qty_cancelled - qty_returned AS units,
                   round(total * (quantity - qty_cancelled - qty_returned) / quantity, 2) AS cost
            FROM orders_orderline WHERE order_id = o.id
        ) line
    ) owed
    WHERE o.id = of_order;
$$;
COMMENT ON FUNCTION orders_missing_money IS
    'How much less came than is owed for what of a confirmed order neither was cancelled nor came '
    'back. What was taken back did not come. 0 where the money comes on delivery.';
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0006_taken_back")]

    operations = [
        migrations.RunSQL(CREATE, "DROP FUNCTION orders_missing_money(bigint)"),
    ]
