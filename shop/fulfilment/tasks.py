"""Jobs of parcels."""

from shop.fulfilment.letters import write_delivered, write_ready, write_shipped

__all__ = ["write_delivered", "write_ready", "write_shipped"]  # what workers find
