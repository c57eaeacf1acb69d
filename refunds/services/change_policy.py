"""Setting how much a role may give back alone."""

from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from mdv.accounts.roles import Role
from mdv.kernel.errors import FieldProblem, Invalid
from refunds.models import RefundPolicy


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a role may give back without asking anybody."""

    max_per_refund: Decimal
    max_per_day: Decimal
    may_goodwill: bool


@transaction.atomic
def change_policy(*, role: Role, limits: Limits) -> RefundPolicy:
    """Give a role these limits. What was asked for before is measured by them when it is decided.

    Raises:
        Invalid: an amount is below 0, or more may be given at once than in a day.
    """
    if limits.max_per_refund < 0:
        raise Invalid(problems=[FieldProblem("max_per_refund", "min_value", "Not below 0.")])
    if limits.max_per_refund > limits.max_per_day:
        message = "At least what may be given at once."
        raise Invalid(problems=[FieldProblem("max_per_day", "min_value", message)])
    policy = RefundPolicy.objects.select_for_update().filter(role=role).first()
    policy = policy or RefundPolicy(role=role)
    policy.max_per_refund = limits.max_per_refund
    policy.max_per_day = limits.max_per_day
    policy.may_goodwill = limits.may_goodwill
    policy.save()
    return policy
