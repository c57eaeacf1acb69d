"""Telling people what is running out: of each item once, and again when it had recovered."""

from datetime import datetime

import structlog
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from mdv.accounts.models import User
from mdv.accounts.roles import RIGHTS
from mdv.store.models import StoreSettings
from mdv.store.services import lock_store_settings
from shop.stock.letters import tell_low
from shop.stock.models import LowStockNotice, StockItem, StockMovement

MAY_REORDER = "stock.receive_stock"

log = structlog.get_logger("mdv.stock")


@transaction.atomic
def warn_of_low_stock(*, at: datetime) -> int:
    """Mail what has fallen to its warning level since the last time; return how many items."""
    store = lock_store_settings()  # one at a time: nobody is told twice
    _forget_recovered()
    low = StockItem.objects.running_out()
    fresh = list(
        low.filter(low_stock_notice=None)
        .select_related("variant__product")
        .order_by("variant__sku", "id")
    )
    if not fresh:
        return 0
    people = recipients_of(store)
    if not people:
        log.warning("nobody_to_tell_of_low_stock", items=len(fresh))
        return 0
    still = low.exclude(low_stock_notice=None).count()
    for address in people:
        tell_low(to=address, items=fresh, still_low=still)
    LowStockNotice.objects.bulk_create([LowStockNotice(item=item, told_at=at) for item in fresh])
    return len(fresh)


def recipients_of(store: StoreSettings) -> list[str]:
    """Return who is told: those that the owner named, otherwise all staff who receive goods."""
    if store.low_stock_recipients:
        return sorted(set(store.low_stock_recipients))
    staff = User.objects.filter(is_active=True, groups__name__in=RIGHTS[MAY_REORDER])
    return sorted(set(staff.values_list("email", flat=True)))


def _forget_recovered() -> None:
    """Forget notices of what is low no longer, or was not for a while since: the ledger knows."""
    recovered = StockMovement.objects.filter(
        item=OuterRef("item"),
        created_at__gt=OuterRef("told_at"),
        on_hand_after__gt=F("reserved_after") + OuterRef("item__low_at"),
    )
    is_low = Q(item__in=StockItem.objects.running_out())
    LowStockNotice.objects.filter(~is_low | Exists(recovered)).delete()
