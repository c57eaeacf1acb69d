"""Packing parcels, and following them until they arrive or come back."""

from hypothesis import strategies as st

from shop.fulfilment.services import (
    Packed,
    cancel_shipment,
    change_lines,
    create_shipment,
    deliver_shipment,
    dispatch_shipment,
    mark_in_transit,
    mark_ready,
    return_to_sender,
)
from shop.orders.services import accept_missing
from tests.machine.books import Parcel
from tests.machine.money import KOBO
from tests.machine.steps import DONE, UNCHANGED, Steps, move

FOLLOWS = {
    ("packing", "ready"),
    ("packing", "cancelled"),
    ("ready", "dispatched"),
    ("ready", "cancelled"),
    ("dispatched", "in_transit"),
    ("dispatched", "delivered"),
    ("dispatched", "returned_to_sender"),
    ("in_transit", "delivered"),
    ("in_transit", "returned_to_sender"),
}
LEAVING = {"ready", "dispatched"}
STEPS = ["ready", "dispatched", "delivered", "in_transit", "returned_to_sender", "cancelled"]
# How much of each article goes into a parcel: of what is open, in all or one at a time.
PORTIONS = st.sampled_from(["all", "one", "unnamed", "too much", "unknown", "none of it"])


class Shipping(Steps):
    @move(often=6, of="orders", fits="can_be_packed", portion=PORTIONS)
    def pack(self, order, portion):
        open_units = order.to_pack
        inside = _portion(order, open_units, portion)
        if order.status != "confirmed":
            foretold = "not_to_be_packed"
        elif portion in {"unknown", "none of it"}:
            foretold = "invalid"
        elif not open_units:
            foretold = "nothing_to_pack"
        else:
            foretold = "more_than_is_open" if portion == "too much" else DONE

        def book(shipment):
            parcel = Parcel(shipment.number, order, inside)
            order.parcels.append(parcel)
            self.books.parcels.append(parcel)

        lines = [] if portion == "unnamed" else _lines(inside)
        self.take(
            foretold,
            lambda: create_shipment(number=order.number, lines=lines, at=self.at),
            book,
        )

    @move(often=4, of="parcels", fits="is_being_packed", portion=PORTIONS)
    def pack_otherwise(self, parcel, portion):
        order = parcel.order
        free = dict(order.to_pack)
        for sku, units in parcel.inside.items():
            free[sku] = free.get(sku, 0) + units
        inside = _portion(order, free, portion)
        if portion == "unnamed":
            foretold = "invalid"
        elif parcel.state != "packing":
            foretold = "lines_are_fixed"
        elif portion in ("unknown", "none of it"):
            foretold = "invalid"
        elif portion == "too much":
            foretold = "more_than_is_open"
        else:
            foretold = UNCHANGED if inside == parcel.inside else DONE
        lines = [] if portion == "unnamed" else _lines(inside)
        self.take(
            foretold,
            lambda: change_lines(number=parcel.number, lines=lines, at=self.at),
            lambda _: setattr(parcel, "inside", inside),
        )

    @move(
        often=16,
        of="parcels",
        fits="is_live",
        step=st.sampled_from(
            [*["next"] * 4, *["again"] * 2, *STEPS, "in_transit", "returned_to_sender"]
        ),
        carrier=st.sampled_from(["GIG", "GIG", "DHL", "DHL", ""]),
        restock=st.sampled_from(["all", "one", "none", "too much"]),
    )
    def move_parcel(self, parcel, step, carrier, restock):
        if step == "next":
            step = next((one for one in STEPS if (parcel.state, one) in FOLLOWS), STEPS[0])
        elif step == "again":
            step = parcel.state if parcel.state in STEPS else STEPS[0]
        self.doing = f"parcel {step}"
        shelved = _shelved(parcel, restock)
        foretold = _moving(parcel, step, carrier, restock)
        number, at = parcel.number, self.at
        back = None if restock == "all" else _lines(shelved)
        act = {
            "ready": lambda: mark_ready(number=number, at=at),
            "dispatched": lambda: dispatch_shipment(
                number=number, carrier=carrier, tracking="1", at=at
            ),
            "in_transit": lambda: mark_in_transit(number=number, at=at),
            "delivered": lambda: deliver_shipment(number=number, at=at),
            "returned_to_sender": lambda: return_to_sender(number=number, restock=back, at=at),
            "cancelled": lambda: cancel_shipment(number=number, at=at),
        }

        def book(_):
            parcel.state = step
            self._count(parcel, step, shelved)
            if step == "dispatched":
                parcel.carrier = carrier
            if step in ("delivered", "returned_to_sender"):
                parcel.order.end_if_nothing_is_left()

        self.take(foretold, act[step], book)

    @move(often=8, of="parcels", fits="is_held")
    def send_what_is_held(self, parcel):
        self.move_parcel(parcel, "next", "GIG", "none")

    @move(often=4, of="orders", fits="is_held", is_stale=st.booleans())
    def accept_missing(self, order, is_stale):
        seen = order.missing + KOBO if is_stale else order.missing
        foretold = "missing_has_changed" if is_stale else DONE
        self.take(
            foretold if order.is_held else "nothing_is_missing",
            lambda: accept_missing(
                number=order.number,
                amount=seen,
                reason="Known for years",
                user_id=self.people["supervisor"],
                at=self.at,
            ),
            lambda _: setattr(order, "accepted", seen),
        )

    def _count(self, parcel, step, shelved):
        for sku, units in parcel.inside.items():
            line = parcel.order.lines[sku]
            if step == "dispatched":
                line.shipped += units
                self.books.on_hand[sku] -= units
                self.books.reserved[sku] -= units
            elif step == "delivered":
                line.delivered += units
                line.arrivals += [self.at] * units
            elif step == "returned_to_sender":
                line.returned += units
                self.books.on_hand[sku] += shelved[sku]


def _portion(order, free, portion):
    match portion:
        case "one":
            return dict.fromkeys(list(free)[:1], 1) or dict.fromkeys(order.lines, 1)
        case "too much":
            return {sku: free.get(sku, 0) + 1 for sku in order.lines}
        case "unknown":
            return {"NOSUCH": 1}
        case "none of it":
            return dict.fromkeys(order.lines, 0)
    return dict(free) or dict.fromkeys(order.lines, 1)


def _lines(units):
    return [Packed(sku=sku, quantity=quantity) for sku, quantity in units.items()]


def _shelved(parcel, restock):
    change = {"all": None, "one": 1, "none": 0}
    if restock == "too much":
        return {sku: units + 1 for sku, units in parcel.inside.items()}
    most = change[restock]
    return {sku: units if most is None else most for sku, units in parcel.inside.items()}


def _moving(parcel, step, carrier, restock):
    if step == "dispatched" and not carrier:
        return "invalid"
    if step == parcel.state:
        is_other = step == "dispatched" and carrier != parcel.carrier
        return "already_dispatched" if is_other else UNCHANGED
    if (parcel.state, step) not in FOLLOWS:
        return "invalid_transition"
    if step == "returned_to_sender" and restock == "too much":
        return "invalid"
    return "money_is_missing" if step in LEAVING and parcel.order.is_held else DONE
