"""Money that is missing of an order, and that somebody accepted as missing so that it leaves."""

from django.db import models
from django.db.models import Q

from mdv.accounts.models import User
from mdv.kernel.money import MoneyField
from mdv.kernel.triggers import AppendOnly
from shop.orders.models.orders import Order
from shop.orders.triggers import AcceptsWhatIsMissing

MAX_ACCEPTING_REASON_LENGTH = 250


class MissingAcceptance(models.Model):
    """That an order's goods may leave though ``amount`` is missing of it. Written once.

    The largest one of an order counts. Nothing is paid by it: what is due stays due.
    """

    order = models.ForeignKey(Order, models.PROTECT, related_name="acceptances")
    amount = MoneyField()
    reason = models.CharField(max_length=MAX_ACCEPTING_REASON_LENGTH)
    accepted_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    accepted_at = models.DateTimeField()

    class Meta:
        verbose_name = "acceptance of missing money"
        verbose_name_plural = "acceptances of missing money"
        constraints = [
            models.CheckConstraint(name="accepted_amount_is_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(name="acceptance_has_a_reason", condition=~Q(reason="")),
        ]
        triggers = [AcceptsWhatIsMissing(), AppendOnly()]

    def __str__(self) -> str:
        return f"{self.order.currency} {self.amount}"
