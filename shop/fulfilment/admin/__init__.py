"""Parcels in the back office."""

from shop.fulfilment.admin.pages import ShipmentAdmin

__all__ = ["ShipmentAdmin"]
