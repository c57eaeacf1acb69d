"""Refunds that people end: paid at the bank, or given up."""

import pytest

from mdv.accounts.models import User
from mdv.accounts.roles import Role
from mdv.accounts.services import set_roles
from mdv.kernel import clock
from mdv.kernel.errors import Forbidden
from mdv.kernel.states import InvalidTransition
from refunds import services
from refunds.states import RefundState
from tests.refunds.refunding import (
    CANCEL,
    NONE,
    everything,
    execute,
    money,
    now,
    person,
    plan,
    request,
    used_today,
    wish,
)

ONE_SHIRT = wish(("SHIRT", 1, CANCEL))


class TestByHand:
    def test_money_that_was_paid_by_hand_goes_back_by_hand(self, number, admin):
        (refund,) = request(number, wish(("SHIRT", 1, NONE)), by=admin)
        assert (refund.method, refund.state) == ("manual", "approved")

        done = services.record_manual_refund(
            number=refund.number, bank_reference=" trf-7 ", user_id=admin, at=clock.now()
        )

        assert (done.state, done.bank_reference) == ("succeeded", "trf-7")
        again = services.record_manual_refund(
            number=refund.number, bank_reference="trf-7", user_id=admin, at=clock.now()
        )
        assert again.version == done.version

    def test_one_transfer_is_booked_for_one_refund_of_a_payment(self, number, admin):
        first, second = (request(number, wish(("SHIRT", 1, NONE)), by=admin)[0] for _ in range(2))
        services.record_manual_refund(
            number=first.number, bank_reference="TRF-7", user_id=admin, at=clock.now()
        )

        with pytest.raises(services.BankReferenceUsed):
            services.record_manual_refund(
                number=second.number, bank_reference="trf-7", user_id=admin, at=clock.now()
            )

    def test_what_the_provider_gives_back_nobody_pays_by_hand(self, order, admin):
        (refund,) = request(order, ONE_SHIRT, by=admin)

        with pytest.raises(services.NotByHand):
            services.record_manual_refund(
                number=refund.number, bank_reference="TRF", user_id=admin, at=clock.now()
            )


class TestGivingUp:
    def test_a_refund_that_nobody_asked_the_provider_for_may_be_cancelled(
        self, order, payment, admin, gateway
    ):
        (refund,) = request(order, ONE_SHIRT, by=admin)

        services.cancel_refund(number=refund.number, user_id=admin, at=clock.now())

        assert now(refund).state == "cancelled"
        assert money(payment) == (8000, 0, 0)
        assert used_today(admin) == 0
        assert execute(refund).state == "cancelled"
        assert gateway.asked == []
        assert request(order, wish(("SHIRT", 5, CANCEL), shipping="500.00"), by=admin)

    @pytest.mark.parametrize("state", [RefundState.SUCCEEDED, RefundState.FAILED])
    def test_what_has_ended_is_not_given_up(self, order, admin, gateway, state):
        gateway.answers = ["refused"] if state == RefundState.FAILED else []
        (refund,) = request(order, ONE_SHIRT, by=admin)
        execute(refund)
        before = everything()

        with pytest.raises(InvalidTransition):
            services.cancel_refund(number=refund.number, user_id=admin, at=clock.now())

        assert everything() == before

    def test_who_lost_their_role_gives_nothing_back(self, order, admin):
        person(Role.ADMIN, "second@example.com")
        seen = plan(order, ONE_SHIRT, by=admin)
        set_roles(user=User.objects.get(pk=admin), roles=[])

        with pytest.raises(Forbidden):
            request(order, ONE_SHIRT, by=admin, plan_hash=seen.plan_hash)
