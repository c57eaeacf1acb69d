"""Invoices: numbered without gaps, and never changed once they are written."""

from django.db import models
from django.db.models import Q

from mdv.kernel.triggers import AppendOnly
from shop.orders.models.orders import Order
from shop.orders.triggers import InvoiceFollowsTheOneBefore

NUMBER_FORMAT = "INV-{year}-{place:06d}"


class Invoice(models.Model):
    """The invoice of one order, with what could change later: who sells, who buys.

    What was sold at which price is in the order's lines, which are snapshots. ``place`` is the
    invoice's place among those of its ``year``, by the store's clock.
    """

    order = models.OneToOneField(Order, models.PROTECT, related_name="invoice")
    number = models.CharField(max_length=20, unique=True)
    year = models.PositiveSmallIntegerField()
    place = models.PositiveIntegerField()
    issued_at = models.DateTimeField()
    seller_name = models.CharField(max_length=150)
    seller_tax_id = models.CharField(max_length=60, blank=True)
    seller_address = models.CharField(max_length=255, blank=True)
    footer = models.TextField(blank=True)
    buyer_name = models.CharField(max_length=150, blank=True)
    buyer_email = models.EmailField()
    buyer_phone = models.CharField(max_length=32, blank=True)
    buyer_address = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("year", "place", name="one_invoice_per_place_in_its_year"),
            models.CheckConstraint(name="invoice_places_start_at_one", condition=Q(place__gte=1)),
        ]
        triggers = [InvoiceFollowsTheOneBefore(), AppendOnly()]

    def __str__(self) -> str:
        return self.number
