"""What can be done with parcels, one function per use case."""

from shop.fulfilment.services.bulk_change import (
    MAX_ROWS,
    BulkRow,
    BulkStep,
    Outcome,
    RowOutcome,
    bulk_change,
)
from shop.fulfilment.services.cancel_packed_order import (
    cancel_packed_order,
    lock_parcels_in_the_house,
    unpack,
)
from shop.fulfilment.services.correct_tracking import NotOnItsWay, correct_tracking
from shop.fulfilment.services.deliver_shipment import deliver_shipment
from shop.fulfilment.services.dispatch_shipment import AlreadyDispatched, dispatch_shipment
from shop.fulfilment.services.find_orders import held_shipments, orders_to_pack
from shop.fulfilment.services.move_shipment import cancel_shipment, mark_in_transit, mark_ready
from shop.fulfilment.services.pack_shipment import (
    REFUSALS_OF_PACKING,
    LinesAreFixed,
    MoreThanIsOpen,
    NothingToPack,
    NotToBePacked,
    Packed,
    change_lines,
    create_shipment,
)
from shop.fulfilment.services.print_slips import (
    MAX_PARCELS,
    GivenUp,
    NothingToPick,
    print_packing_slip,
    print_pick_list,
)
from shop.fulfilment.services.return_to_sender import return_to_sender

__all__ = [
    "MAX_PARCELS",
    "MAX_ROWS",
    "REFUSALS_OF_PACKING",
    "AlreadyDispatched",
    "BulkRow",
    "BulkStep",
    "GivenUp",
    "LinesAreFixed",
    "MoreThanIsOpen",
    "NotOnItsWay",
    "NotToBePacked",
    "NothingToPack",
    "NothingToPick",
    "Outcome",
    "Packed",
    "RowOutcome",
    "bulk_change",
    "cancel_packed_order",
    "cancel_shipment",
    "change_lines",
    "correct_tracking",
    "create_shipment",
    "deliver_shipment",
    "dispatch_shipment",
    "held_shipments",
    "lock_parcels_in_the_house",
    "mark_in_transit",
    "mark_ready",
    "orders_to_pack",
    "print_packing_slip",
    "print_pick_list",
    "return_to_sender",
    "unpack",
]
