"""The mail about what is running out, to the people who order it again."""

from collections.abc import Sequence

import structlog
from django.conf import settings
from django.urls import reverse

from mdv.mail import services as mail
from mdv.mail.quiet import is_quiet
from mdv.mail.writing import UnsafeMail
from shop.stock.models import StockItem

MOST_NAMED = 100  # items in one mail; the list has the rest

log = structlog.get_logger("mdv.stock")


def tell_low(*, to: str, items: Sequence[StockItem], still_low: int) -> None:
    """Tell one person which `items` have become low; `still_low` are known already."""
    if is_quiet():
        return
    list_url = f"{settings.STORE_URL}{reverse('admin:stock_stockitem_changelist')}?level=low"
    content = {
        "items": items[:MOST_NAMED],
        "count": len(items),
        "more": max(0, len(items) - MOST_NAMED),
        "still_low": still_low,
        "list_url": list_url,
    }
    try:
        mail.send_mail(kind="low_stock", to=to, context=content)
    except UnsafeMail:
        log.warning("mail_not_written", kind="low_stock")
