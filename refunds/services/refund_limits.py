"""Who may give how much back alone: ceilings of roles, and what somebody has given today."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import F
from django.utils import timezone

from mdv.accounts.models import User
from mdv.kernel.errors import Conflict, Forbidden
from refunds.models import Refund, RefundAllowance, RefundPolicy

REQUEST = "refunds.request_refund"
APPROVE = "refunds.approve_refund"


class NoRefundPolicy(Forbidden):
    code = "no_refund_policy"
    detail = "Your role has no limits for refunds. Ask an admin to set them."


class AboveLimit(Conflict):
    """Beyond what a person may give alone; ``exceeded`` is ``per_refund`` or ``per_day``."""

    code = "above_refund_limit"
    detail = "This is above your limit for refunds. Ask somebody with a higher one."
    described = {
        "exceeded": {"type": "string", "enum": ["per_refund", "per_day"]},
        "limit": {"type": "string", "format": "decimal"},
    }


@dataclass(frozen=True, kw_only=True)
class Ceilings:
    """The highest ceiling of each kind that a person's roles have."""

    max_per_refund: Decimal
    max_per_day: Decimal
    may_goodwill: bool

    def exceeded_by(self, amount: Decimal, *, used_today: Decimal) -> str:
        """Say which limit `amount` is above: ``per_refund``, ``per_day`` or none."""
        if amount > self.max_per_refund:
            return "per_refund"
        return "per_day" if used_today + amount > self.max_per_day else ""

    def refusal(self, exceeded: str) -> AboveLimit:
        """Return the refusal that names the limit."""
        limit = self.max_per_refund if exceeded == "per_refund" else self.max_per_day
        return AboveLimit(members={"exceeded": exceeded, "limit": f"{limit:.2f}"})


def ceilings_of(person: User) -> Ceilings:
    """Return what a person may give back alone.

    Raises:
        NoRefundPolicy: 403, none of their roles has limits.
    """
    policies = list(RefundPolicy.objects.filter(role__in=[str(role) for role in person.roles]))
    if not policies:
        raise NoRefundPolicy
    return Ceilings(
        max_per_refund=max(policy.max_per_refund for policy in policies),
        max_per_day=max(policy.max_per_day for policy in policies),
        may_goodwill=any(policy.may_goodwill for policy in policies),
    )


def used_on(day: date, user_id: int) -> Decimal:
    """Return what a person has given back on a day, without locking it."""
    row = RefundAllowance.objects.filter(user_id=user_id, day=day).first()
    return row.used if row else Decimal(0)


def lock_allowances(people_and_days: Iterable[tuple[int, date]]) -> dict[int, RefundAllowance]:
    """Lock what people have given back on days, in the house's order; return them by person."""
    wanted = sorted(set(people_and_days))
    RefundAllowance.objects.bulk_create(
        (RefundAllowance(user_id=user_id, day=day) for user_id, day in wanted),
        ignore_conflicts=True,
    )
    return {
        user_id: RefundAllowance.objects.select_for_update().get(user_id=user_id, day=day)
        for user_id, day in wanted
    }


def day_of(moment: datetime) -> date:
    """Return the day by the store's clock."""
    return timezone.localtime(moment).date()


def take_allowance(allowance: RefundAllowance, amount: Decimal) -> None:
    """Count an amount against a locked allowance."""
    allowance.used += amount
    allowance.save(update_fields=["used"])


def give_allowance_back(refund: Refund) -> None:
    """Take a refund that came to nothing off the limit of who agreed to it, on that day."""
    _add_to_allowance(refund, -refund.amount)


def take_allowance_again(refund: Refund) -> None:
    """Count a refund after all that had failed: beyond the limit too, as the money has gone."""
    _add_to_allowance(refund, refund.amount)


def _add_to_allowance(refund: Refund, amount: Decimal) -> None:
    if refund.approved_by_id is None or refund.approved_at is None:
        return
    rows = RefundAllowance.objects.filter(
        user_id=refund.approved_by_id, day=day_of(refund.approved_at)
    )
    rows.update(used=F("used") + amount)
