"""Putting one imbalance right: looked at again under locks, changed, checked, written down."""

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import IntegrityError, connection, transaction

from mdv.accounts.models import User
from mdv.accounts.rights import person_who_may
from mdv.kernel import context
from mdv.kernel.errors import Conflict, FieldProblem, Invalid
from mdv.kernel.restating import Restatement
from mdv.kernel.text import printed
from mdv.ops.compensation.imbalance import Imbalance, NoRemedy, find_imbalance
from mdv.ops.compensation.remedies import Given, Remedy, remedy_for
from mdv.ops.models import MAX_COMPENSATION_REASON_LENGTH, Compensation
from shop.orders.services.place_order import NUMBER_ALPHABET, NUMBER_LENGTH

COMPENSATE_BOOKS = "ops.compensate_books"


class ImbalanceIsGone(Conflict):
    code = "imbalance_is_gone"
    detail = "This is in order by now. Nothing was written."


class ImbalanceHasChanged(Conflict):
    code = "imbalance_has_changed"
    detail = "The figures have moved since you saw them. Nothing was written: look at them again."


class FactsContradict(Conflict):
    code = "facts_contradict"
    detail = (
        "The facts themselves do not allow it, so restating the counters would not put it right. "
        "Nothing was written."
    )


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What would change; `plan_hash` is another one as soon as that would be something else."""

    restated: list[Restatement]
    plan_hash: str


def preview_compensation(found: Imbalance, *, counted: int | None = None) -> Preview:
    """Return what :func:`compensate` would change.

    Raises:
        NoRemedy: 409, nothing here puts it right.
        ImbalanceIsGone, FactsContradict: 409.
        Invalid, BelowReserved: what was counted cannot be the level.
    """
    return _preview(_remedy(found), _still_there(found), counted)


@transaction.atomic
def compensate(
    found: Imbalance,
    *,
    reason: str,
    plan_hash: str,
    user_id: int,
    at: datetime,
    counted: int | None = None,
) -> Compensation:
    """Put an imbalance right from the facts, as was previewed, and keep who did it and why.

    It is looked for again under locks, and once more after the change, with all that COMMIT asks:
    what would still be wrong is not written at all.

    Raises:
        Forbidden: 403.
        Invalid: there is no reason, or what was counted cannot be the level.
        NoRemedy: 409, nothing here puts it right.
        ImbalanceIsGone: 409, somebody else was faster.
        ImbalanceHasChanged: 409, the preview is out of date.
        FactsContradict: 409.
        BelowReserved: 409, orders hold more than was counted.
    """
    person = person_who_may(user_id, COMPENSATE_BOOKS)
    why = printed(reason) or ""
    if not 1 <= len(why) <= MAX_COMPENSATION_REASON_LENGTH:
        message = f"Say why, in at most {MAX_COMPENSATION_REASON_LENGTH} visible characters."
        raise Invalid(problems=[FieldProblem("reason", "required", message)])
    remedy = _remedy(found)
    if not found.rows:
        raise ImbalanceIsGone
    remedy.lock(found)
    present = _still_there(found)
    if _preview(remedy, present, counted).plan_hash != plan_hash:
        raise ImbalanceHasChanged
    number = _new_number()
    given = Given(reason=why, number=number, counted=counted, at=at)
    restated = _apply(remedy, present, given)
    return _keep(present, restated, number=number, reason=why, person=person, at=at)


def _remedy(found: Imbalance) -> Remedy:
    remedy = remedy_for(found.invariant, found.about)
    if remedy is None:
        raise NoRemedy
    return remedy


def _still_there(found: Imbalance) -> Imbalance:
    present = find_imbalance(
        invariant=found.invariant, about=found.about, object_id=found.object_id
    )
    if not present.rows:
        raise ImbalanceIsGone
    return present


def _preview(remedy: Remedy, found: Imbalance, counted: int | None) -> Preview:
    if remedy.needs_count and counted is None:  # nothing that was counted is not a count of 0
        message = "Count what is on the shelf."
        raise Invalid(problems=[FieldProblem("counted", "required", message)])
    restated = remedy.plan(found, counted)
    if not restated:
        raise FactsContradict
    said = json.dumps([found.key, counted, [asdict(one) for one in restated]])
    return Preview(restated=restated, plan_hash=hashlib.sha256(said.encode()).hexdigest())


def _apply(remedy: Remedy, found: Imbalance, given: Given) -> list[Restatement]:
    """Change it and ask at once what COMMIT would ask, so that a refusal says what it is about."""
    try:
        with context.refined(reason=f"{given.number}: {given.reason}"), transaction.atomic():
            restated = remedy.apply(found, given)
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    except IntegrityError as problem:
        raise FactsContradict(f"{FactsContradict.detail} {_rule(problem)}".strip()) from problem
    left = find_imbalance(invariant=found.invariant, about=found.about, object_id=found.object_id)
    if left.rows:
        problems = "; ".join(left.problems)
        raise FactsContradict(f"{FactsContradict.detail} It would still say: {problems}.")
    return restated


def _rule(problem: IntegrityError) -> str:
    cause = problem.__cause__
    name = getattr(getattr(cause, "diag", None), "constraint_name", None)
    return f"The rule is: {name.replace('_', ' ')}." if name else ""


def _keep(
    found: Imbalance,
    restated: Sequence[Restatement],
    *,
    number: str,
    reason: str,
    person: User,
    at: datetime,
) -> Compensation:
    return Compensation.objects.create(
        number=number,
        invariant=found.invariant,
        about=found.about.value,
        object_id=found.object_id,
        what=str(found),
        found=found.problems,
        changes=[asdict(one) for one in restated],
        reason=reason,
        actor_id=person.pk,
        actor_label=person.email,
        request_id=context.current().request_id,
        made_at=at,
    )


def _new_number() -> str:
    drawn = (secrets.choice(NUMBER_ALPHABET) for _ in range(NUMBER_LENGTH))
    return Compensation.NUMBER_PREFIX + "".join(drawn)
