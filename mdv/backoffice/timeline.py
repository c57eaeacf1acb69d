"""What happened to an order, in plain words: one story out of all that was written down."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.http import HttpRequest

from mdv.backoffice.timeline_facts import IN_ONE_GO, Fact, facts_of
from shop.orders.models import Order

PER_PAGE = 60  # facts
MAX_PAGES = 40
SHOWN_AT_ONCE = 8  # things that happened in one go
PAGE = "timeline"  # in the address


@dataclass(kw_only=True)
class Step:
    """What one person did in one go."""

    at: datetime
    who: str
    request_id: str
    what: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """One page of an order's story, the newest first, and which pages are beside it; 0: none."""

    steps: list[Step]
    newer: int
    older: int


def timeline_of(request: HttpRequest, order: Order) -> Timeline:
    """Return the page of `order`'s story that the address asks for, as far as this person may see.

    Each source is asked for no more than the pages up to this one can hold.
    """
    page = _page(request.GET.get(PAGE, ""))
    wanted = page * PER_PAGE
    facts = facts_of(
        order, limit=wanted + 1, with_gateway=request.user.has_perm("payments.view_gatewayevent")
    )
    shown = facts[wanted - PER_PAGE : wanted]
    has_older = len(facts) > wanted and page < MAX_PAGES
    return Timeline(steps=_steps(shown), newer=page - 1, older=page + 1 if has_older else 0)


def _page(asked: str) -> int:
    is_number = asked.isascii() and asked.isdecimal() and len(asked) <= len(str(MAX_PAGES))
    return min(max(int(asked), 1), MAX_PAGES) if is_number else 1


def _steps(facts: Iterable[Fact]) -> list[Step]:
    """Join what was done in one go; within it the first thing comes first."""
    steps: list[Step] = []
    for fact in facts:
        if not fact.what:
            continue
        if not steps or not _is_part_of(fact, steps[-1]):
            steps.append(Step(at=fact.at, who=fact.who, request_id=fact.request_id))
        step = steps[-1]
        step.who = step.who or fact.who
        step.what[:0] = fact.what
    for step in steps:
        if len(step.what) > SHOWN_AT_ONCE:
            step.what[SHOWN_AT_ONCE:] = [f"and {len(step.what) - SHOWN_AT_ONCE} more"]
    return steps


def _is_part_of(fact: Fact, step: Step) -> bool:
    is_same_request = bool(fact.request_id) and fact.request_id == step.request_id
    is_same_person = not fact.who or not step.who or fact.who == step.who
    return is_same_request and is_same_person and abs(step.at - fact.at) <= IN_ONE_GO
