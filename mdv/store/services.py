"""Reading and changing the store's settings."""

from typing import Any

from django.db import transaction

from mdv.store.models import ONLY_ROW, StoreSettings


def store_settings() -> StoreSettings:
    """Return the one row; a migration made it."""
    return StoreSettings.objects.get(pk=ONLY_ROW)


def lock_store_settings() -> StoreSettings:
    """Return the one row, locked until the caller's transaction ends."""
    return StoreSettings.objects.select_for_update(no_key=True).get(pk=ONLY_ROW)


@transaction.atomic
def update_store_settings(**changes: Any) -> StoreSettings:
    """Change what the owner decides. The trail's trigger writes down what changed.

    Raises:
        ValidationError: a value is out of range.
    """
    row = lock_store_settings()
    for name, value in changes.items():
        setattr(row, name, value)
    row.full_clean()
    row.save(update_fields=sorted(changes))
    return row
