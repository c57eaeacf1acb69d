"""Trying a failed refund again, once something else has happened since."""

import pytest

from mdv.accounts.roles import Role
from mdv.kernel import clock
from refunds import services
from tests.fulfilment.packing import deliver
from tests.orders.ordering import guest, placed
from tests.refunds.refunding import (
    NONE,
    RETURN,
    apply,
    everything,
    execute,
    now,
    pay_online,
    person,
    refunded_lines,
    request,
    told_of,
    wish,
)
from tests.refunds.returning import AS_NEW, approved, receive


def failed(number, wanted, *, by, gateway):
    gateway.answers = ["refused"]
    (refund,) = request(number, wanted, by=by)
    return execute(refund)


def retry(refund, *, by):
    return services.retry_refund(
        number=refund.number, version=now(refund).version, user_id=by, at=clock.now()
    )


class TestUnitsThatHaveLeft:
    def test_one_that_has_left_is_not_refunded_twice(self, order, admin, gateway):
        deliver(order, ("SHIRT", 1))
        first = failed(order, wish(("SHIRT", 1, NONE)), by=admin, gateway=gateway)
        request(order, wish(("SHIRT", 1, NONE)), by=admin)
        before = everything()

        with pytest.raises(services.ExceedsRefundable):
            retry(first, by=admin)

        assert everything() == before

    def test_nor_as_kept_and_as_returned(self, order, admin, gateway):
        deliver(order, ("SHIRT", 1))
        first = failed(order, wish(("SHIRT", 1, NONE)), by=admin, gateway=gateway)
        receive(approved(order, ("SHIRT", 1)), ("SHIRT", 1, AS_NEW, True))
        request(order, wish(("SHIRT", 1, RETURN)), by=admin)

        with pytest.raises(services.ExceedsRefundable):
            retry(first, by=admin)

    def test_the_money_may_have_gone_although_the_unit_came_back(self, order, admin, gateway):
        deliver(order, ("SHIRT", 1))
        first = failed(order, wish(("SHIRT", 1, NONE)), by=admin, gateway=gateway)
        receive(approved(order, ("SHIRT", 1)), ("SHIRT", 1, AS_NEW, True))

        assert apply(told_of(first), first.payment).outcome == "applied"

        assert refunded_lines(order) == [("SHIRT", 1500)]
        with pytest.raises(services.ExceedsRefundable):
            request(order, wish(("SHIRT", 1, RETURN)), by=admin)


def test_a_unit_refunded_as_kept_that_comes_back_after_all_is_not_refunded_again(order, admin):
    deliver(order, ("SHIRT", 1))
    request(order, wish(("SHIRT", 1, NONE)), by=admin)
    receive(approved(order, ("SHIRT", 1)), ("SHIRT", 1, AS_NEW, True))
    before = everything()

    with pytest.raises(services.ExceedsRefundable) as refused:
        request(order, wish(("SHIRT", 1, RETURN)), by=admin)

    assert refused.value.members["lines"][0]["refundable"] == 0
    assert everything() == before


class TestGoodwill:
    @pytest.fixture
    def overpaid(self, shirts):
        number = placed(guest(), ("SHIRT", 5), total="8000.00")["number"]
        pay_online(number, "9000.00")
        return number

    def test_what_was_paid_too_much_goes_back_once_without_the_right_to_goodwill(
        self, overpaid, gateway
    ):
        support = person(Role.SUPPORT)
        first = failed(overpaid, wish(goodwill="1000.00"), by=support, gateway=gateway)
        request(overpaid, wish(goodwill="1000.00"), by=support)
        before = everything()

        with pytest.raises(services.GoodwillNotAllowed):
            retry(first, by=support)

        assert everything() == before

    def test_who_may_give_goodwill_may_try_it_again(self, overpaid, admin, gateway):
        first = failed(overpaid, wish(goodwill="1000.00"), by=admin, gateway=gateway)
        request(overpaid, wish(goodwill="1000.00"), by=admin)

        assert retry(first, by=admin).state == "approved"

    def test_what_still_is_too_much_anybody_may_try_again(self, overpaid, gateway):
        support = person(Role.SUPPORT)
        first = failed(overpaid, wish(goodwill="1000.00"), by=support, gateway=gateway)

        assert retry(first, by=support).state == "approved"
