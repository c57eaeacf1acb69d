"""Reading the store's settings."""

from mdv.store.models import ONLY_ROW, StoreSettings


def store_settings() -> StoreSettings:
    """Return the one row; a migration made it."""
    return StoreSettings.objects.get(pk=ONLY_ROW)
