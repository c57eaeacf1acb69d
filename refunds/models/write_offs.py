"""Money that is gone and that no payment has: given up for good, by somebody and for a reason."""

from django.db import models
from django.db.models import Q

from mdv.accounts.models import User
from mdv.kernel.money import MoneyField
from mdv.kernel.triggers import AppendOnly
from refunds.triggers.excess import WritesOffWhatIsMissing
from shop.orders.models import Order
from shop.payments.models import GatewayEvent, Payment

MAX_WRITE_OFF_REASON_LENGTH = 250


class WriteOff(models.Model):
    """What of a refund or chargeback is beyond its payment's money. Written once.

    It makes up for the difference between what the ``event`` told and what was booked of it.
    """

    order = models.ForeignKey(Order, models.PROTECT, related_name="write_offs")
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="write_offs")
    event = models.OneToOneField(GatewayEvent, models.PROTECT, related_name="write_off")
    amount = MoneyField()
    currency = models.CharField(max_length=3)
    reason = models.CharField(max_length=MAX_WRITE_OFF_REASON_LENGTH)
    written_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="write_off_is_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(name="write_off_has_a_reason", condition=~Q(reason="")),
        ]
        triggers = [WritesOffWhatIsMissing(), AppendOnly()]

    def __str__(self) -> str:
        return f"{self.currency} {self.amount}"
