"""Above one's limits: a second, different person, who still may and whose limits hold."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from mdv.accounts.models import User
from mdv.accounts.roles import Role
from mdv.accounts.services import set_roles
from mdv.kernel import clock
from mdv.kernel.errors import Forbidden, Invalid
from mdv.kernel.states import InvalidTransition
from refunds import services
from refunds.models import Refund
from tests.orders.ordering import guest, placed
from tests.refunds.refunding import (
    CANCEL,
    everything,
    execute,
    money,
    now,
    pay_online,
    person,
    plan,
    request,
    used_today,
    wish,
)

TWO_SHIRTS = wish(("SHIRT", 2, CANCEL))


def limit(role, per_refund, per_day):
    limits = services.Limits(
        max_per_refund=Decimal(per_refund), max_per_day=Decimal(per_day), may_goodwill=True
    )
    return services.change_policy(role=role, limits=limits)


@pytest.fixture
def operations(db):
    limit(Role.OPERATIONS, 2000, 5000)
    return person(Role.OPERATIONS)


@pytest.fixture
def supervisor(db):
    return person(Role.SUPERVISOR)


@pytest.fixture
def asked(order, operations):
    """A refund of 3,000 by somebody who may give 2,000."""
    (refund,) = request(order, TWO_SHIRTS, by=operations)
    return refund


def approve(refund, by, *, version=None):
    version = version or now(refund).version
    return services.approve_refund(
        number=refund.number, version=version, user_id=by, at=clock.now()
    )


def take_roles(user_id, *roles):
    set_roles(user=User.objects.get(pk=user_id), roles=roles)


class TestAsking:
    def test_above_the_limit_it_waits_with_its_money_promised(
        self, order, payment, operations, gateway
    ):
        seen = plan(order, TWO_SHIRTS, by=operations)
        assert (seen.approval.is_required, seen.approval.exceeded) == (True, "per_refund")
        assert seen.approval.max_per_refund == 2000

        (refund,) = request(order, TWO_SHIRTS, by=operations)

        assert (refund.state, refund.approval_required, refund.approved_by) == (
            "requested",
            True,
            None,
        )
        assert money(payment) == (8000, 3000, 0)
        assert used_today(operations) == 0
        assert execute(refund).state == "requested"
        assert gateway.asked == []

    def test_a_days_limit_is_for_the_whole_day(self, order, operations):
        limit(Role.OPERATIONS, 3000, 4000)
        request(order, TWO_SHIRTS, by=operations)

        seen = plan(order, wish(("SHIRT", 1, CANCEL)), by=operations)

        assert (seen.approval.is_required, seen.approval.exceeded) == (True, "per_day")
        assert seen.approval.left_today == 1000

    def test_of_several_roles_the_highest_limit_counts(self, order, operations):
        take_roles(operations, Role.OPERATIONS, Role.SUPERVISOR)

        assert not plan(order, TWO_SHIRTS, by=operations).approval.is_required

    def test_what_came_to_nothing_does_not_count(self, order, operations, gateway):
        gateway.answers = ["refused"]
        (refund,) = request(order, wish(("SHIRT", 1, CANCEL)), by=operations)
        assert used_today(operations) == 1500

        execute(refund)

        assert used_today(operations) == 0


class TestAgreeing:
    def test_somebody_else_agrees_and_it_counts_against_their_limits(
        self, asked, supervisor, operations, gateway
    ):
        agreed = approve(asked, supervisor)

        assert (agreed.state, agreed.approved_by_id) == ("approved", supervisor)
        assert (used_today(supervisor), used_today(operations)) == (3000, 0)
        assert execute(asked).state == "succeeded"

    def test_nobody_agrees_to_their_own(self, asked, operations):
        take_roles(operations, Role.SUPERVISOR)
        before = everything()

        with pytest.raises(services.SelfApproval):
            approve(asked, operations)

        assert everything() == before

    def test_not_even_past_the_service(self, asked, operations):
        with pytest.raises(IntegrityError, match="approved_by_somebody_else"), transaction.atomic():
            Refund.objects.filter(pk=asked.pk).update(
                state="approved", approved_by=operations, approved_at=clock.now()
            )
        with pytest.raises(IntegrityError, match="once_somebody_agreed"), transaction.atomic():
            Refund.objects.filter(pk=asked.pk).update(state="approved")

    def test_nobody_agrees_who_may_not(self, asked):
        with pytest.raises(Forbidden):
            approve(asked, person(Role.OPERATIONS, "other@example.com"))

    def test_who_was_demoted_meanwhile_agrees_to_nothing(self, asked, supervisor):
        take_roles(supervisor, Role.SUPPORT)
        before = everything()

        with pytest.raises(Forbidden):
            approve(asked, supervisor)

        assert everything() == before

    def test_what_was_asked_for_by_somebody_who_may_not_any_more_is_not_agreed_to(
        self, asked, operations, supervisor
    ):
        take_roles(operations, Role.AUDITOR)

        with pytest.raises(services.RequesterMayNot):
            approve(asked, supervisor)

        assert now(asked).state == "requested"

    @pytest.mark.parametrize(
        ("per_refund", "per_day", "exceeded"),
        [(2999, 9000, "per_refund"), (2500, 2500, "per_refund")],
    )
    def test_the_approvers_own_limits_hold(self, asked, supervisor, per_refund, per_day, exceeded):
        limit(Role.SUPERVISOR, per_refund, per_day)

        with pytest.raises(services.AboveLimit) as refusal:
            approve(asked, supervisor)

        assert refusal.value.members == {"exceeded": "per_refund", "limit": f"{per_refund}.00"}

    def test_and_for_the_whole_day(self, order, asked, supervisor):
        limit(Role.SUPERVISOR, 3000, 4000)
        request(order, wish(("SHIRT", 1, CANCEL)), by=supervisor)

        with pytest.raises(services.AboveLimit) as refusal:
            approve(asked, supervisor)

        assert refusal.value.members == {"exceeded": "per_day", "limit": "4000.00"}

    def test_another_version_than_the_approver_saw_is_not_agreed_to(self, asked, supervisor):
        with pytest.raises(services.RefundHasChanged) as refusal:
            approve(asked, supervisor, version=asked.version + 1)

        assert refusal.value.members == {"version": asked.version}

    def test_agreeing_twice_is_once(self, asked, supervisor, admin):
        first = approve(asked, supervisor)

        assert approve(asked, supervisor).version == first.version
        assert used_today(supervisor) == 3000
        with pytest.raises(InvalidTransition):
            approve(asked, admin)

    def test_over_two_payments_the_whole_counts(self, operations, supervisor, shirts):
        number = placed(guest(), ("SHIRT", 5), total="8000.00")["number"]
        pay_online(number, "4000.00")
        pay_online(number, "4000.00")
        refunds = request(number, wish(("SHIRT", 4, CANCEL)), by=operations)
        limit(Role.SUPERVISOR, 4000, 9000)
        assert [one.amount for one in refunds] == [4000, 2000]

        with pytest.raises(services.AboveLimit):
            approve(refunds[1], supervisor)


class TestSayingNo:
    def test_a_no_says_why_and_releases_the_money(self, order, asked, payment, supervisor):
        said = services.reject_refund(
            number=asked.number, answer="Ask for the goods", user_id=supervisor, at=clock.now()
        )

        assert (said.state, said.answer) == ("rejected", "Ask for the goods")
        assert money(payment) == (8000, 0, 0)
        with pytest.raises(InvalidTransition):
            approve(asked, supervisor)

    def test_a_no_without_a_word_is_refused(self, asked, supervisor):
        with pytest.raises(Invalid):
            services.reject_refund(
                number=asked.number, answer=" ", user_id=supervisor, at=clock.now()
            )

    def test_who_may_not_agree_may_not_say_no(self, asked, operations):
        with pytest.raises(Forbidden):
            services.reject_refund(
                number=asked.number, answer="No", user_id=operations, at=clock.now()
            )

    def test_who_asked_may_think_again(self, asked, payment, operations):
        services.cancel_refund(number=asked.number, user_id=operations, at=clock.now())

        assert now(asked).state == "cancelled"
        assert money(payment) == (8000, 0, 0)


class TestTryingAgain:
    @pytest.fixture
    def failed(self, asked, supervisor, gateway):
        gateway.answers = ["refused"]
        approve(asked, supervisor)
        return execute(asked)

    def retry(self, refund, by):
        return services.retry_refund(
            number=refund.number, version=refund.version, user_id=by, at=clock.now()
        )

    def test_who_asked_for_what_needs_approval_does_not_try_it_again(self, failed, operations):
        limit(Role.OPERATIONS, 9000, 9000)
        before = everything()

        with pytest.raises(services.SelfApproval):
            self.retry(failed, operations)

        assert everything() == before

    def test_it_counts_against_who_tries_it_again(self, failed, supervisor, admin):
        assert self.retry(failed, admin).approved_by_id == admin
        assert (used_today(admin), used_today(supervisor)) == (3000, 0)

    def test_above_ones_limit_nobody_tries_again(self, failed, admin):
        limit(Role.ADMIN, 2000, 9000)

        with pytest.raises(services.AboveLimit):
            self.retry(failed, admin)

        assert now(failed).state == "failed"


def test_a_limit_is_given_back_to_the_day_it_was_taken_from(order, operations, gateway):
    gateway.answers = ["refused"]
    (refund,) = request(order, wish(("SHIRT", 1, CANCEL)), by=operations)

    execute(refund, at=clock.now() + timedelta(days=1))

    assert used_today(operations) == 0
