"""The parcels on an order's page, each with what may be done with it next."""

from dataclasses import dataclass
from typing import Any, cast

from django.contrib.admin import site
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from mdv.admin.actions import BACK
from mdv.admin.base import BackOfficeAdmin
from mdv.admin.show import show_choice, show_label, show_link, show_moment
from mdv.backoffice.order_parts import name_of, parcels_of
from shop.fulfilment.admin.pages import COLOURS
from shop.fulfilment.models import Shipment
from shop.fulfilment.states import ShipmentState
from shop.orders.models import Order


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """One parcel, ready to be shown."""

    link: SafeString
    state: SafeString
    lines: list[str]
    carrier: str
    moments: list[tuple[str, str]]
    buttons: list[dict[str, Any]]
    slip: str


def parcels_shown(request: HttpRequest, order: Order) -> list[Parcel]:
    """Return the order's parcels, the newest first: what is worked on is at the top."""
    pages = cast("BackOfficeAdmin", site.get_model_admin(Shipment))
    back = urlencode({BACK: reverse("admin:orders_order_change", args=[order.pk])})
    return [_parcel(request, parcel, pages, back) for parcel in reversed(parcels_of(order))]


def _parcel(request: HttpRequest, parcel: Shipment, pages: BackOfficeAdmin, back: str) -> Parcel:
    state = ShipmentState(parcel.state)
    is_cancelled = state == ShipmentState.CANCELLED
    return Parcel(
        link=show_link("fulfilment_shipment", parcel.pk, parcel.number),
        state=show_label(show_choice(state), COLOURS[state]),
        lines=[
            f"{line.quantity} × {line.order_line.sku} {name_of(line.order_line)}"
            for line in parcel.lines_by_position  # type: ignore[attr-defined]
        ],
        carrier=" ".join(filter(None, [parcel.carrier, parcel.tracking])),
        moments=_moments(parcel, state),
        buttons=[
            {**button, "url": f"{button['url']}?{back}"}
            for button in pages.open_actions(request, parcel)
        ],
        slip="" if is_cancelled else reverse("admin:fulfilment_shipment_slip", args=[parcel.pk]),
    )


def _moments(parcel: Shipment, state: ShipmentState) -> list[tuple[str, str]]:
    moments = (
        ("Opened", parcel.created_at),
        ("Ready", parcel.ready_at),
        ("Left", parcel.dispatched_at),
        (show_choice(state), parcel.ended_at),
    )
    return [(name, show_moment(moment)) for name, moment in moments if moment is not None]
