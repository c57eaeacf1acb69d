"""Checks of what the shop is paid in, before it starts."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from mdv.kernel.money import PLACES
from shop.payments.gateways.minor_units import DECIMALS


@register
def check_currency(**kwargs: Any) -> list[CheckMessage]:
    """Refuse a currency in which providers cannot count the shop's amounts.

    Shares of a discount, of a tax and of a refund are rounded to hundredths. Where the currency has
    none, providers would refuse to take them, and to give them back after they were promised.
    """
    if DECIMALS.get(settings.STORE_CURRENCY, 0) >= PLACES:
        return []
    return [
        Error(
            f"STORE_CURRENCY is {settings.STORE_CURRENCY}: no currency of ISO 4217 with at least "
            f"{PLACES} decimals, and the shop counts in hundredths.",
            hint="Take one that has them.",
            id="mdv.E011",
        )
    ]
