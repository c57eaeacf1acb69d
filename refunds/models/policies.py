"""How much each role may give back alone, and how much of it somebody has given today."""

from django.db import models
from django.db.models import F, Q

from mdv.accounts.models import User
from mdv.accounts.roles import Role
from mdv.kernel.money import ZERO, MoneyField


class RefundPolicy(models.Model):
    """What a role may give back without asking anybody; a role without one may give nothing.

    Who holds several roles has the highest of each ceiling.
    """

    role = models.CharField(max_length=16, unique=True, choices=[(r.value, r.value) for r in Role])
    max_per_refund = MoneyField()
    max_per_day = MoneyField()
    may_goodwill = models.BooleanField(default=False)

    class Meta:
        verbose_name = "refund limit"
        verbose_name_plural = "refund limits"
        constraints = [
            models.CheckConstraint(
                name="refund_policy_is_for_a_role",
                condition=Q(role__in=[role.value for role in Role]),
            ),
            models.CheckConstraint(
                name="refund_policy_per_refund_is_at_most_per_day",
                condition=Q(max_per_refund__gte=0, max_per_refund__lte=F("max_per_day")),
            ),
        ]

    def __str__(self) -> str:
        return self.role


class RefundAllowance(models.Model):
    """What somebody has given back on one day of the store's clock: the row that limits lock."""

    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    day = models.DateField()
    used = MoneyField(default=ZERO)

    class Meta:
        constraints = [
            models.UniqueConstraint("user", "day", name="one_refund_allowance_per_person_and_day"),
            models.CheckConstraint(
                name="refund_allowance_is_not_negative", condition=Q(used__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.used} by user {self.user_id} on {self.day}"
