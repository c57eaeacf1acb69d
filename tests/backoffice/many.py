"""Rows in numbers, for what must not depend on them: copies of one row, past every trigger."""

from contextlib import contextmanager

from django.db import connection, transaction

from audit.models import AuditEntry
from refunds.models import ReturnReceipt
from shop.stock.models import StockItem

COPY = """
    INSERT INTO {table} ({columns})
    SELECT {values} FROM {table} AS kept, generate_series(1, {copies}) AS n WHERE kept.id = {id}
"""


FREE = {"unit_price": "0", "list_price": "0", "total": "0", "tax": "0", "refunded": "0"}


@contextmanager
def past_every_trigger():
    with transaction.atomic(), connection.cursor() as cursor:
        # Those that wait for the end would meet the copies there.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("SET LOCAL statement_timeout = 0")
        yield
        cursor.execute("SET LOCAL statement_timeout TO DEFAULT")
        cursor.execute("SET LOCAL session_replication_role = origin")


def copy(row, copies, **changes):
    """Write `copies` copies of `row`; `changes` are SQL of columns, n the copy's number."""
    table = row._meta.db_table
    columns = [
        field.column
        for field in row._meta.concrete_fields
        if not field.primary_key and not field.generated
    ]
    values = [changes.get(column, f'kept."{column}"') for column in columns]
    statement = COPY.format(
        table=table,
        columns=", ".join(f'"{column}"' for column in columns),
        values=", ".join(values),
        copies=copies,
        id=row.pk,
    )
    with past_every_trigger(), connection.cursor() as cursor:
        cursor.execute(statement)
        cursor.execute(f"ANALYZE {table}")


def line_of(parcel):
    """SQL of the line that was added to the parcel's order for copy n."""
    return (
        "(SELECT id FROM orders_orderline "  # noqa: S608
        f"WHERE order_id = {parcel.order_id} AND position = n + 1)"
    )


def receipt_of(line):
    with past_every_trigger():
        return ReturnReceipt.objects.create(
            line=line,
            seen_version=1,
            condition="as_new",
            is_restocked=True,
            quantity=1,
            received_at=line.of_return.requested_at,
            actor_label="eve@example.com",
        )


def fill_parcels(parcel, copies, variants):
    """Give the parcel's order `copies` more parcels with a line each."""
    inside = parcel.lines.get()
    copy(inside.order_line, copies, position="n + 1", variant_id=variants, **FREE)
    copy(parcel, copies, number="'P-' || n", place="n + 1")
    parcels = "(SELECT id FROM fulfilment_shipment WHERE number = 'P-' || n)"
    copy(inside, copies, shipment_id=parcels, order_line_id=line_of(parcel))


def fill_returns(returned, copies, variants):
    inside = returned.lines.get()
    copy(inside.order_line, copies, position="n + 1", variant_id=variants, **FREE)
    copy(returned, copies, number="'R-' || n")
    returns = "(SELECT id FROM refunds_return WHERE number = 'R-' || n)"
    copy(inside, copies, of_return_id=returns, order_line_id=line_of(returned))


def fill_refunds(refund, copies, variants):
    inside = refund.lines.get()
    copy(inside.order_line, copies, position="n + 1", variant_id=variants, **FREE)
    copy(refund, copies, number="'RF-' || n")
    refunds = "(SELECT id FROM refunds_refund WHERE number = 'RF-' || n)"
    copy(inside, copies, refund_id=refunds, order_line_id=line_of(refund))


def fill_lists(shop, copies):
    """Give each list `copies` more rows."""
    line = shop.order.lines.get()
    copy(shop.category, copies, slug="'shelf-' || n", name="'Shelf ' || n")
    copy(shop.product, copies, slug="'goods-' || n", title="'Goods ' || n")
    products = "(SELECT id FROM catalog_product WHERE slug = 'goods-' || n)"
    copy(shop.variant, copies, sku="'GOODS-' || n", product_id=products)
    copy(shop.image, copies, product_id=products, is_primary="true")
    variants = "(SELECT id FROM catalog_variant WHERE sku = 'GOODS-' || n)"
    copy(shop.stock, copies, variant_id=variants)
    copy(shop.stock_take, copies)
    copy(shop.coupon, copies, code="'C' || n")
    copy(shop.spare_zone, copies, name="'Zone ' || n", states="ARRAY['state ' || n]")
    copy(shop.tax_rate, copies, state="'state ' || n")
    copy(shop.order, copies, number="'M-' || lpad(n::text, 8, '0')", created_at="now()")
    fill_parcels(shop.shipment, copies, variants)
    fill_returns(shop.returned, copies, variants)
    fill_refunds(shop.refund, copies, variants)
    orders = "(SELECT id FROM orders_order WHERE number = 'M-' || lpad(n::text, 8, '0'))"
    copy(line, copies, order_id=orders)
    copy(shop.customer, copies, email="'c' || n || '@example.com'")
    copy(shop.mail, copies)
    copy(shop.entry, copies)
    copy(shop.exception, copies, fact="'copy:' || n")
    copy(shop.job, copies)
    copy(shop.books, copies)
    copy(shop.event, copies, seq="1000000 + n")
    copy(shop.webhook, copies, name="'Hook ' || n")
    events = "(SELECT id FROM events_event WHERE seq = 1000000 + n)"
    copy(shop.delivery, copies, event_id=events)


def fill_details(shop, copies):
    """Give each detail page `copies` more rows of each kind that it shows."""
    order = shop.order
    note = order.notes.create(text="Rings twice.", author=shop.customer)
    copy(shop.variant, copies, sku="'MORE-' || n", option_values="ARRAY[n::text]")
    copy(shop.image, copies, position="n")
    variants = "(SELECT id FROM catalog_variant WHERE sku = 'MORE-' || n)"
    copy(order.lines.get(), copies, position="n + 1", variant_id=variants, **FREE)
    copy(note, copies)
    parcel = shop.shipment
    copy(parcel.events.get(), copies)
    inside = parcel.lines.get()
    copy(inside.order_line, copies, position="n + 1", variant_id=variants, **FREE)
    copy(inside, copies, order_line_id=line_of(parcel))
    back = shop.returned.lines.get()
    copy(back.order_line, copies, position="n + 1", variant_id=variants, **FREE)
    copy(back, copies, order_line_id=line_of(shop.returned))
    # Of a copy, about which no trigger will ask at the end.
    another = shop.returned.lines.exclude(pk=back.pk).first()
    copy(receipt_of(another), copies, seen_version="n + 1")
    given = shop.refund.lines.get()
    copy(given.order_line, copies, position="n + 1", variant_id=variants, **FREE)
    copy(given, copies, order_line_id=line_of(shop.refund))
    copy(order, copies, number="'M-' || lpad(n::text, 8, '0')")
    for entry in AuditEntry.objects.filter(order_id=order.pk):
        copy(entry, copies, transaction_id="n")
    copy(shop.stock_take.counts.get(), copies, line="n + 2", variant_id=variants)
    last = shop.stock.movements.order_by("seq").last()
    copy(last, copies, seq=f"{last.seq} + n")
    with past_every_trigger():
        StockItem.objects.filter(pk=shop.stock.pk).update(last_seq=last.seq + copies)


def fill_order(shop, *, lines, parcels, entries):
    """Give the order of the shop's parcel more lines, more parcels with all of them, a long story,
    mails, payments that a provider told of, and its customer more orders."""
    parcel = shop.shipment
    order = parcel.order
    inside = parcel.lines.select_related("order_line").get()
    copy(shop.variant, lines, sku="'MORE-' || n", option_values="ARRAY[n::text]")
    variants = "(SELECT id FROM catalog_variant WHERE sku = 'MORE-' || n)"
    copy(inside.order_line, lines, position="n + 1", variant_id=variants, **FREE)
    copy(inside, lines, order_line_id=line_of(parcel))
    copy(parcel, parcels, number="'P-' || n", place="n + 1")
    for place in range(1, parcels + 1):
        another = type(parcel).objects.get(number=f"P-{place}")
        copy(inside, lines, shipment_id=str(another.pk), order_line_id=line_of(parcel))
    copy(parcel.events.get(), entries)
    for entry in AuditEntry.objects.filter(order_id=order.pk):
        copy(entry, entries, transaction_id="n", cid="'request-' || n")
    copy(shop.mail, entries, about="'orders.Order'", about_id=f"'{order.pk}'")
    payment = order.payments.create(
        provider="paystack", reference="P-MANY", currency="NGN", amount=order.total
    )
    copy(shop.exception, entries, fact="'copy:' || n", payment_id=str(payment.pk))
    copy(order, entries, number="'M-' || lpad(n::text, 8, '0')")
