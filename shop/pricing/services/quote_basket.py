"""Finding out what a basket costs when it is sent somewhere."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from mdv.kernel.errors import Conflict
from shop.pricing.calculation import (
    NO_SHIPPING,
    NO_TAX,
    BasketLine,
    Price,
    Shipping,
    Tax,
    price_basket,
)
from shop.pricing.models import Coupon, ShippingZone, TaxRate
from shop.pricing.services.use_coupon import discount_of


class NotDeliverable(Conflict):
    code = "not_deliverable"
    detail = "We do not deliver there."


@dataclass(frozen=True, kw_only=True)
class Destination:
    """Where the goods go. ``is_pickup`` means that the customer fetches them."""

    country: str = ""
    state: str = ""
    is_pickup: bool = False

    @property
    def country_or_ours(self) -> str:
        """Return the country, which is the shop's own where none is given."""
        return self.country or settings.STORE_COUNTRY


@dataclass(frozen=True, kw_only=True)
class Quote:
    """A price, and what it was made from."""

    price: Price
    zone: ShippingZone | None


def quote_basket(
    *, lines: Sequence[BasketLine], coupon: Coupon | None, destination: Destination
) -> Quote:
    """Return what `lines` cost when sent to `destination`.

    Raises:
        NotDeliverable: 409, no zone takes the place, nor does the default zone.
    """
    zone = None if destination.is_pickup else _zone(destination)
    rate = TaxRate.objects.for_address(destination.country_or_ours, destination.state)
    price = price_basket(
        lines,
        discount=discount_of(coupon),
        shipping=Shipping(fee=zone.fee, free_over=zone.free_over) if zone else NO_SHIPPING,
        tax=Tax(percent=rate.percent, is_included=rate.is_included) if rate else NO_TAX,
    )
    return Quote(price=price, zone=zone)


def _zone(destination: Destination) -> ShippingZone:
    zone = ShippingZone.objects.for_place(destination.country_or_ours, destination.state)
    if zone is None:
        raise NotDeliverable
    return zone
