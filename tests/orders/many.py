"""Orders in numbers, for what must stay quick: written by two statements, past every trigger."""

from django.db import connection, transaction

from tests.orders.ordering import sell

ORDERS = """
    INSERT INTO orders_order (
        number, access_salt, status, cancel_reason, user_id, name, email, phone, delivery_method,
        payment_method, pay_on_delivery, shipping_address, currency, items_total, discount_total,
        shipping_total, tax_total, prices_include_tax, total, captured_total, refunded_total,
        taken_back_total, version, created_at)
    SELECT 'M-' || lpad(n::text, 8, '0'), 'salt', 'pending', '', %(user)s, '',
        'user' || n || '@example.com', '+23480' || lpad(n::text, 8, '0'), 'delivery',
        'bank_transfer', false, '{}', 'NGN', 100, 0, 0, 0, true, 100, 0, 0, 0, 1,
        now() - make_interval(secs => n)
    FROM generate_series(1, %(orders)s) AS n
"""
LINES = """
    INSERT INTO orders_orderline (
        order_id, position, variant_id, sku, title, options, unit_price, list_price, quantity,
        discount, tax, tax_is_included, total, qty_cancelled, qty_shipped, qty_delivered,
        qty_returned, refunded)
    SELECT id, 1, %(variant)s, 'SKU-' || number, 'Thing', '{}', 100, 100, 1, 0, 0, true, 100,
        0, 0, 0, 0, 0
    FROM orders_order
"""


def make_many_orders(orders, *, user=None):
    """Orders M-00000001 and so on, the first the newest, each of one line SKU-<number>."""
    variant = sell("MANY", "100.00")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(ORDERS, {"orders": orders, "user": user and user.pk})
        cursor.execute(LINES, {"variant": variant.pk})
        cursor.execute("SET LOCAL session_replication_role = origin")
        cursor.execute("ANALYZE orders_order; ANALYZE orders_orderline")
