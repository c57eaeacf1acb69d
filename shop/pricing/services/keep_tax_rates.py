"""Keeping tax rates. Orders remember the tax they were placed with, so a rate can always go."""

from decimal import Decimal
from typing import TypedDict, Unpack

from django.db import transaction

from audit.versions import check_version
from shop.catalog.services.checks import check_fields, line, lock, save_changes, set_changes
from shop.pricing.models import TaxRate, in_small_letters


class TaxRateChanges(TypedDict, total=False):
    country: str
    state: str
    percent: Decimal
    is_included: bool


@transaction.atomic
def create_tax_rate(
    *, country: str, percent: Decimal, state: str = "", is_included: bool = True
) -> TaxRate:
    """Make a tax rate for a country or one state of it.

    Raises:
        Invalid: a field is wrong.
        IntegrityError: 409 `one_tax_rate_per_place`.
    """
    rate = TaxRate(
        country=country.upper(), state=_state(state), percent=percent, is_included=is_included
    )
    check_fields(rate)
    rate.save(force_insert=True)
    return rate


@transaction.atomic
def update_tax_rate(
    *, rate_id: int, version: int | None = None, **changes: Unpack[TaxRateChanges]
) -> TaxRate:
    """Change a tax rate for orders to come. With `version`, only if it still is the present one.

    Raises:
        NotFound: there is no such rate.
        Stale: 412, someone changed it since.
        Invalid: a field is wrong.
        IntegrityError: 409 `one_tax_rate_per_place`.
    """
    rate = lock(TaxRate, rate_id)
    check_version(rate, present=rate.version, expected=version)
    tidy = changes.copy()
    if "country" in changes:
        tidy["country"] = changes["country"].upper()
    if "state" in changes:
        tidy["state"] = _state(changes["state"])
    save_changes(rate, set_changes(rate, tidy))
    return rate


@transaction.atomic
def delete_tax_rate(*, rate_id: int) -> None:
    """Delete a tax rate.

    Raises:
        NotFound: there is no such rate.
    """
    lock(TaxRate, rate_id).delete()


def _state(state: str) -> str:
    return in_small_letters(line("state", state))
