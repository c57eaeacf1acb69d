"""Clearing away what nobody came back for."""

from datetime import datetime, timedelta

from django.db import transaction

from shop.carts.models import Cart

KEPT_FOR = timedelta(days=30)
DELETED_AT_ONCE = 1_000


@transaction.atomic
def delete_idle_carts(*, at: datetime) -> int:
    """Delete carts that nobody touched for 30 days, a bounded number; return how many."""
    idle = Cart.objects.filter(updated_at__lt=at - KEPT_FOR).select_for_update(skip_locked=True)
    ids = list(idle.values_list("id", flat=True)[:DELETED_AT_ONCE])
    Cart.objects.filter(id__in=ids).delete()
    return len(ids)
