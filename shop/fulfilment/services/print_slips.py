"""Printing what lies in a parcel, and what to fetch from the shelves for many of them."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from mdv.kernel.errors import Conflict, NotFound
from mdv.papers.paper import Column, Paper, Party, PrintedPaper, Table, Total
from mdv.papers.printing import print_paper
from mdv.store.services import store_settings
from shop.fulfilment.models import Shipment, ShipmentLine
from shop.fulfilment.states import ShipmentState, Worklist
from shop.orders.services.print_invoice import ADDRESS_PARTS, write_day

MAX_PARCELS = 100
SLIP_COLUMNS = (
    Column(heading="Article", share=0.25),
    Column(heading="What", share=0.6),
    Column(heading="Units", share=0.15, is_number=True),
)
PICK_COLUMNS = (
    Column(heading="Article", share=0.22),
    Column(heading="What", share=0.38),
    Column(heading="Units", share=0.1, is_number=True),
    Column(heading="For parcel", share=0.3),
)


class NothingToPick(Conflict):
    code = "nothing_to_pick"
    detail = "No parcel is being packed."


class GivenUp(Conflict):
    code = "shipment_is_cancelled"
    detail = "This parcel was given up: there is nothing in it."


def print_packing_slip(*, number: str) -> PrintedPaper:
    """Print what lies in a parcel. Called outside of transactions.

    Raises:
        NotFound: there is no such parcel.
        GivenUp: 409, it was cancelled.
    """
    shipment = Shipment.objects.with_lines().filter(number=number).first()
    if shipment is None:
        raise NotFound
    if shipment.state == ShipmentState.CANCELLED:
        raise GivenUp
    store = store_settings()
    lines = _lines(shipment)
    order = shipment.order
    address = [str(order.shipping_address.get(part, "")) for part in ADDRESS_PARTS]
    to = dict.fromkeys([order.name, *address, order.phone])  # each once
    carrier = " ".join(filter(None, [shipment.carrier, shipment.tracking]))
    paper = Paper(
        title=f"Packing slip {shipment.number}",
        facts=(
            ("Parcel", shipment.number),
            ("Order", order.number),
            ("Ordered", write_day(order.created_at)),
            *((("Carrier", carrier),) if carrier else ()),
        ),
        parties=(
            Party(role="From", lines=(store.legal_name,)),
            Party(role="To", lines=tuple(to)),
        ),
        table=Table(
            columns=SLIP_COLUMNS,
            rows=[(line.order_line.sku, _what(line), str(line.quantity)) for line in lines],
        ),
        totals=[_units(sum(line.quantity for line in lines))],
        foot=f"{shipment.number} · {store.legal_name}",
        author=store.legal_name,
    )
    return PrintedPaper(name=f"packing-slip-{shipment.number}.pdf", content=print_paper(paper))


def print_pick_list(*, numbers: Sequence[str], at: datetime) -> PrintedPaper:
    """Print what to fetch from the shelves for these parcels, by article, with sums.

    Without numbers for the oldest that are being packed, MAX_PARCELS at most. Called outside of
    transactions.

    Raises:
        NotFound: one of them is not there.
        NothingToPick: 409, none of them is being packed.
    """
    parcels = Shipment.objects.with_lines()
    if numbers:
        found = list(parcels.filter(number__in=numbers).order_by("id"))
        if len(found) < len(set(numbers)):
            raise NotFound
        found = [shipment for shipment in found if shipment.state == ShipmentState.PACKING]
    else:
        to_pack = parcels.on_worklist(Worklist.TO_PACK)
        found = list(to_pack.order_by("created_at", "id")[:MAX_PARCELS])
    if not found:
        raise NothingToPick
    rows, units = _to_fetch(found)
    paper = Paper(
        title="Pick list",
        facts=(("Date", write_day(at)), ("Parcels", str(len(found)))),
        parties=(),
        table=Table(columns=PICK_COLUMNS, rows=rows),
        totals=[_units(units)],
        foot="Pick list",
        author=store_settings().legal_name,
    )
    return PrintedPaper(name="pick-list.pdf", content=print_paper(paper))


def _to_fetch(shipments: Sequence[Shipment]) -> tuple[list[tuple[str, ...]], int]:
    """Return a row per article, in the order of the SKUs, and how many units that is."""
    by_sku: dict[str, list[tuple[Shipment, ShipmentLine]]] = defaultdict(list)
    for shipment in shipments:
        for line in _lines(shipment):
            by_sku[line.order_line.sku].append((shipment, line))
    rows: list[tuple[str, ...]] = []
    for sku, wanted in sorted(by_sku.items()):
        parcels = [f"{line.quantity} × {shipment.number}" for shipment, line in wanted]
        units = sum(line.quantity for _, line in wanted)
        rows.append((sku, _what(wanted[0][1]), str(units), "\n".join(parcels)))
    return rows, sum(int(row[2]) for row in rows)


def _lines(shipment: Shipment) -> list[ShipmentLine]:
    found: list[ShipmentLine] = shipment.lines_by_position  # type: ignore[attr-defined]
    return found


def _what(line: ShipmentLine) -> str:
    return "\n".join(filter(None, [line.order_line.title, " / ".join(line.order_line.options)]))


def _units(units: int) -> Total:
    return Total(label="Units", amount=str(units), is_grand=True)
