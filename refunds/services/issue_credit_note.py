"""Issuing the credit note of money that went back."""

from datetime import datetime

from django.conf import settings
from django.utils import timezone

from mdv.sequence.services import next_number
from mdv.store.services import store_settings
from refunds.models import CREDIT_NOTE_FORMAT, CreditNote, Refund


def issue_credit_note(*, refund: Refund, at: datetime) -> None:
    """Give a refund that succeeded its credit note, numbered within the year of the store's clock.

    The last thing that a transaction does: whoever else gives money back waits for the number.
    """
    store = store_settings()
    order = refund.order
    year = timezone.localtime(at).year
    place = next_number(kind=f"credit note {year}")
    CreditNote.objects.create(
        refund=refund,
        number=CREDIT_NOTE_FORMAT.format(year=year, place=place),
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
