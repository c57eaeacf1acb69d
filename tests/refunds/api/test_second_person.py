"""Refunds above somebody's limits: who agrees, with what, and what is refused."""

import pytest

from audit.models import AuditEntry
from mdv.accounts.roles import Role
from refunds import services
from shop.payments.models import Payment
from tests.accounts.people import OTHER_PASSWORD
from tests.orders.ordering import new_key, problems
from tests.refunds.api.calling import SHIPPING, approve, outcome, refunded, step, with_password
from tests.refunds.refunding import everything, money


def test_above_ones_limit_it_is_a_request_and_no_money_moves(asked, gateway):
    assert (asked["state"], asked["approval_required"]) == ("requested", True)
    assert (asked["approved_by"], asked["approved_at"]) == (None, None)
    assert asked["next_states"] == ["approved", "cancelled", "rejected"]
    assert gateway.asked == []


def test_somebody_else_agrees_with_the_password_and_the_money_goes(asked, gateway):
    supervisor = with_password()

    answer = approve(supervisor, asked, answer="Go on")

    assert answer.status_code == 200, answer.content
    told = answer.json()
    assert (told["state"], told["approved_by"]) == ("succeeded", supervisor.user.email)
    assert told["answer"] == "Go on"
    assert len(gateway.asked) == 1


def test_a_wrong_password_is_refused_counted_and_changes_nothing(asked):
    supervisor = with_password()
    before = everything()

    answer = approve(supervisor, asked, password="copper-heron-58")

    assert outcome(answer) == "403 wrong_password"
    assert everything() == before
    failed = AuditEntry.objects.get(event="login_failed")
    assert (failed.outcome, failed.actor_role) == ("failed", Role.SUPERVISOR)


@pytest.mark.real_limits
def test_guessing_the_password_is_limited_like_logging_in(asked):
    supervisor = with_password()

    answers = [outcome(approve(supervisor, asked, password="copper-heron")) for _ in range(6)]

    assert answers == ["403 wrong_password"] * 5 + ["429 rate_limited"]


def test_a_repetition_is_known_without_the_password_whose_digest_is_stored_nowhere(asked):
    supervisor, key = with_password(), new_key()
    first = approve(supervisor, asked, key=key)
    other = approve(supervisor, asked, key=key, answer="Other")
    supervisor.user.set_password(OTHER_PASSWORD)
    supervisor.user.save()

    again = approve(supervisor, asked, key=key, password=OTHER_PASSWORD)

    assert outcome(other) == "422 idempotency_mismatch"
    assert (first.status_code, again.content) == (200, first.content)
    assert again["Idempotent-Replayed"] == "true"


def test_a_stale_look_is_refused(asked, operations):
    supervisor = with_password()
    stale = {**asked, "version": asked["version"] + 1}

    answer = approve(supervisor, stale)

    assert outcome(answer) == "409 refund_has_changed"
    assert answer.json()["version"] == asked["version"]


def test_nobody_agrees_to_their_own(order, gateway):
    services.change_policy(
        role=Role.SUPERVISOR,
        limits=services.Limits(max_per_refund=10, max_per_day=10, may_goodwill=True),
    )
    supervisor = with_password()
    (refund,) = refunded(supervisor, order, SHIPPING)
    before = everything()

    assert outcome(approve(supervisor, refund)) == "403 self_approval"
    assert everything() == before


def test_the_approvers_limit_holds_too(asked):
    services.change_policy(
        role=Role.SUPERVISOR,
        limits=services.Limits(max_per_refund=10, max_per_day=10, may_goodwill=True),
    )

    answer = approve(with_password(), asked)

    assert outcome(answer) == "409 above_refund_limit"
    assert (answer.json()["exceeded"], answer.json()["limit"]) == ("per_refund", "10.00")


def test_no_is_said_with_a_reason_and_frees_the_money(asked, supervisor):
    payment = Payment.objects.get()

    empty = step(supervisor, asked, "reject", {})
    answer = step(supervisor, asked, "reject", {"answer": "Worn"})

    assert problems(empty) == [("answer", "required")]
    assert (answer.json()["state"], answer.json()["answer"]) == ("rejected", "Worn")
    assert money(payment) == (3500, 0, 0)
    assert outcome(approve(with_password(Role.ADMIN), asked)) == "409 invalid_transition"


def test_who_asked_may_think_again(asked, operations):
    answer = step(operations, asked, "cancel")

    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
