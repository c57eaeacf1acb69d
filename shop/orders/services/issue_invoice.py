"""Issuing the invoice of an order that has become firm."""

from datetime import datetime

from django.conf import settings
from django.utils import timezone

from mdv.sequence.services import next_number
from mdv.store.services import store_settings
from shop.orders.models import NUMBER_FORMAT, Invoice, Order


def issue_invoice(*, order: Order, at: datetime) -> None:
    """Give an order its invoice, numbered within the year of the store's clock.

    The last thing that a transaction does: whoever else confirms an order waits for the number.
    An order that was confirmed before keeps the invoice that it has.
    """
    if Invoice.objects.filter(order=order).exists():
        return
    store = store_settings()
    year = timezone.localtime(at).year
    place = next_number(kind=f"invoice {year}")
    Invoice.objects.create(
        order=order,
        number=NUMBER_FORMAT.format(year=year, place=place),
        year=year,
        place=place,
        issued_at=at,
        seller_name=store.legal_name or settings.STORE_NAME,
        seller_tax_id=store.tax_id,
        seller_address=store.address,
        footer=store.invoice_footer,
        buyer_name=order.name,
        buyer_email=order.email,
        buyer_phone=order.phone,
        buyer_address=order.shipping_address,
    )
