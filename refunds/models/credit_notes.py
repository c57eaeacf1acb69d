"""Credit notes: numbered without gaps, and never changed once they are written."""

from django.db import models
from django.db.models import Q

from mdv.kernel.triggers import AppendOnly
from refunds.models.refunds import Refund
from refunds.triggers.facts import CreditNoteFollowsTheOneBefore

CREDIT_NOTE_FORMAT = "CN-{year}-{place:06d}"


class CreditNote(models.Model):
    """The paper about one refund that succeeded, with what could change later: who sells, who buys.

    What was given back is in the refund and its lines. ``place`` is the note's place among those
    of its ``year``, by the store's clock.
    """

    refund = models.OneToOneField(Refund, models.PROTECT, related_name="credit_note")
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
            models.UniqueConstraint("year", "place", name="one_credit_note_per_place_in_its_year"),
            models.CheckConstraint(
                name="credit_note_places_start_at_one", condition=Q(place__gte=1)
            ),
        ]
        triggers = [CreditNoteFollowsTheOneBefore(), AppendOnly()]

    def __str__(self) -> str:
        return self.number
