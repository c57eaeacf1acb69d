"""Clearing away what was compared and never applied."""

from datetime import datetime, timedelta

from django.db import transaction

from shop.stock.models import Count, StockTake
from shop.stock.states import StockTakeState
from shop.stock.triggers import PREVIEW_KEPT_DAYS

# A day more than the database asks for: its clock may be another one.
FORGOTTEN_AFTER = timedelta(days=PREVIEW_KEPT_DAYS + 1)


@transaction.atomic
def forget_previews(*, at: datetime) -> int:
    """Delete the previews that nobody applied in FORGOTTEN_AFTER; return how many."""
    previews = StockTake.objects.filter(
        state=StockTakeState.PREVIEWED, created_at__lt=at - FORGOTTEN_AFTER
    )
    locked = previews.select_for_update().order_by("id")
    old = [stock_take.pk for stock_take in locked]
    Count.objects.filter(stock_take__in=old).delete()
    StockTake.objects.filter(pk__in=old).delete()
    return len(old)
