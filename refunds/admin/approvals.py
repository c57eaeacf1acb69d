"""The inbox of refunds that wait for a second person: who asks, how much, why, what limit."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from mdv.accounts.models import RoleGrant
from mdv.admin.actions import BACK
from mdv.admin.show import show_choice, show_link, show_moment, show_money
from refunds.admin.refund_actions import RIGHT_TO_APPROVE, person_of
from refunds.admin.refund_parts import say_parts
from refunds.models import Refund, RefundPolicy
from refunds.states import COMMITTED, RefundState

if TYPE_CHECKING:
    from refunds.admin.refund_pages import RefundAdmin

SHOWN = 50  # the oldest; the rest follows when these are decided
INBOX = "admin:refunds_refund_approvals"
Plan = tuple[int, str]
View = Callable[[HttpRequest], HttpResponse]


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """One refund that waits, ready to be shown."""

    link: SafeString
    order: SafeString
    amount: str
    together: str
    who: str
    asked: str
    limit: str
    why: str
    note: str
    parts: str
    is_own: bool
    buttons: list[dict[str, Any]]


def approvals_page(pages: "RefundAdmin") -> View:
    """Return the view of the inbox."""

    def view(request: HttpRequest) -> HttpResponse:
        if not request.user.has_perm(RIGHT_TO_APPROVE):
            raise PermissionDenied
        found = Refund.objects.filter(state=RefundState.REQUESTED).with_lines()
        oldest = found.select_related("requested_by").order_by("requested_at", "id")
        waiting = list(oldest[: SHOWN + 1])
        context = {
            **pages.admin_site.each_context(request),
            "title": "Approvals",
            "opts": pages.model._meta,
            "waiting": _shown(request, pages, waiting[:SHOWN]),
            "has_more": len(waiting) > SHOWN,
        }
        return TemplateResponse(request, "mdv/refund_approvals.html", context)

    return view


def _shown(request: HttpRequest, pages: "RefundAdmin", refunds: list[Refund]) -> list[Waiting]:
    limits = _limits_of({refund.requested_by_id for refund in refunds if refund.requested_by_id})
    totals = _asked_together(refunds)
    back = urlencode({BACK: reverse(INBOX)})
    return [
        Waiting(
            link=show_link("refunds_refund", refund.pk, refund.number),
            order=show_link("orders_order", refund.order_id, refund.order.number),
            amount=show_money(refund.amount, refund.currency),
            together=_say_together(refund, totals),
            who=str(refund.requested_by),
            asked=show_moment(refund.requested_at),
            limit=limits.get(refund.requested_by_id or 0, "No limits any more"),
            why=show_choice(refund.reason),
            note=refund.note,
            parts=say_parts(refund),
            is_own=refund.requested_by_id == person_of(request).pk,
            buttons=[
                {**button, "url": f"{button['url']}?{back}"}
                for button in pages.open_actions(request, refund)
            ],
        )
        for refund in refunds
    ]


def _limits_of(people: Collection[int]) -> dict[int, str]:
    """Say of people how much they may give alone, all of them in two queries."""
    policies = {policy.role: policy for policy in RefundPolicy.objects.all()}
    held: dict[int, list[RefundPolicy]] = defaultdict(list)
    grants = RoleGrant.objects.filter(user_id__in=people).values_list("user_id", "group__name")
    for user_id, role in grants:
        if role in policies:
            held[user_id].append(policies[role])
    return {user_id: _say_limits(found) for user_id, found in held.items()}


def _say_limits(policies: Iterable[RefundPolicy]) -> str:
    found = list(policies)
    per_refund = max(policy.max_per_refund for policy in found)
    per_day = max(policy.max_per_day for policy in found)
    return f"{show_money(per_refund)} a refund, {show_money(per_day)} a day"


def _asked_together(refunds: Iterable[Refund]) -> dict[Plan, Decimal]:
    """Return what each plan comes to over all the payments that it takes."""
    orders = {refund.order_id for refund in refunds}
    found = Refund.objects.filter(order_id__in=orders, state__in=COMMITTED)
    sums = found.order_by().values("order_id", "plan_hash").annotate(total=Sum("amount"))
    return {(row["order_id"], row["plan_hash"]): row["total"] for row in sums}


def _say_together(refund: Refund, totals: dict[Plan, Decimal]) -> str:
    total = totals.get((refund.order_id, refund.plan_hash), refund.amount)
    return "" if total == refund.amount else f"part of {show_money(total, refund.currency)}"
