"""Keeping shipping zones: where we deliver, and for how much."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TypedDict, Unpack

from django.db import transaction

from audit.versions import check_version
from mdv.kernel.errors import Conflict
from shop.catalog.services.checks import (
    check_fields,
    line,
    lines,
    lock,
    refuse,
    save_changes,
    set_changes,
)
from shop.pricing.models import ShippingZone, in_small_letters


class OtherDefaultZone(Conflict):
    """The constraint's own name is the code: it is the same rule, with a better sentence."""

    code = "one_default_shipping_zone"

    def __init__(self, present: ShippingZone) -> None:
        super().__init__(
            f"{present.name} is the default zone. There is one: make {present.name} "
            "an ordinary zone first, or switch it off."
        )


class ZoneChanges(TypedDict, total=False):
    name: str
    states: Sequence[str]
    countries: Sequence[str]
    fee: Decimal
    free_over: Decimal | None
    is_default: bool
    is_active: bool


@transaction.atomic
def create_zone(
    *,
    name: str,
    fee: Decimal,
    states: Sequence[str] = (),
    countries: Sequence[str] = (),
    free_over: Decimal | None = None,
    is_default: bool = False,
    is_active: bool = True,
) -> ShippingZone:
    """Make a shipping zone. States are kept in small letters, countries by their codes.

    Raises:
        Invalid: a field is wrong, or another zone takes one of the places.
        OtherDefaultZone: 409, naming the zone that is the default.
        IntegrityError: 409 `shipping_zone_name_is_unique` or `one_default_shipping_zone`.
    """
    zone = ShippingZone(
        name=line("name", name),
        states=_states(states),
        countries=_countries(countries),
        fee=fee,
        free_over=free_over,
        is_default=is_default,
        is_active=is_active,
    )
    check_fields(zone)
    _check(zone)
    zone.save(force_insert=True)
    return zone


@transaction.atomic
def update_zone(
    *, zone_id: int, version: int | None = None, **changes: Unpack[ZoneChanges]
) -> ShippingZone:
    """Change a zone. With `version`, only if it still is the present one.

    Raises:
        NotFound: there is no such zone.
        Stale: 412, someone changed it since.
        Invalid: a field is wrong, or another zone takes one of the places.
        OtherDefaultZone: 409, naming the zone that is the default.
        IntegrityError: 409 `shipping_zone_name_is_unique` or `one_default_shipping_zone`.
    """
    zone = lock(ShippingZone, zone_id)
    check_version(zone, present=zone.version, expected=version)
    tidy = changes.copy()
    if "name" in changes:
        tidy["name"] = line("name", changes["name"])
    if "states" in changes:
        tidy["states"] = _states(changes["states"])
    if "countries" in changes:
        tidy["countries"] = _countries(changes["countries"])
    changed = set_changes(zone, tidy)
    _check(zone)
    save_changes(zone, changed)
    return zone


@transaction.atomic
def delete_zone(*, zone_id: int) -> None:
    """Delete a zone that no order went to.

    Raises:
        NotFound: there is no such zone.
        ProtectedError: 409 `protected`: switch it off instead.
    """
    lock(ShippingZone, zone_id).delete()


def _states(states: Iterable[str]) -> list[str]:
    return lines("states", (in_small_letters(state) for state in states))


def _countries(countries: Iterable[str]) -> list[str]:
    return lines("countries", (country.upper() for country in countries))


def _check(zone: ShippingZone) -> None:
    """Refuse a second default, and a place that another active zone takes by name.

    Nobody could tell which fee holds.
    """
    if not zone.is_active:
        return
    others = ShippingZone.objects.in_countries(zone.all_countries).exclude(pk=zone.pk)
    if zone.is_default:
        _check_only_default(zone)
    if zone.states:
        taken = others.filter(states__overlap=zone.states).order_by("id").first()
        if taken is not None:
            both = ", ".join(sorted(set(taken.states) & set(zone.states)))
            raise refuse("states", "in_another_zone", f"The zone {taken.name} has {both}.")
    elif zone.countries and not zone.is_default:
        taken = others.whole_countries().filter(is_default=False).order_by("id").first()
        if taken is not None:
            both = ", ".join(sorted(set(taken.countries) & set(zone.countries)))
            raise refuse("countries", "in_another_zone", f"The zone {taken.name} has {both}.")


def _check_only_default(zone: ShippingZone) -> None:
    others = ShippingZone.objects.filter(is_active=True, is_default=True).exclude(pk=zone.pk)
    present = others.first()
    if present is not None:
        raise OtherDefaultZone(present)
