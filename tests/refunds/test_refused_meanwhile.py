"""What is refused because something else has happened since, or belongs to somebody else."""

import pytest

from mdv.accounts.roles import Role
from mdv.kernel import clock
from mdv.kernel.errors import Invalid
from refunds import services
from refunds.models import RefundPolicy
from tests.refunds.refunding import (
    everything,
    execute,
    person,
    plan,
    request,
    wish,
)
from tests.refunds.returning import AS_NEW, approved, delivered, receive


def failed(order, wanted, by, gateway):
    gateway.answers = ["refused"]
    return execute(request(order, wanted, by=by)[0])


def retry(refund, by, version=None):
    return services.retry_refund(
        number=refund.number, version=version or refund.version, user_id=by, at=clock.now()
    )


def test_who_asked_and_has_no_limits_any_more_is_not_agreed_with(order):
    RefundPolicy.objects.filter(role=Role.SUPPORT).update(max_per_refund=1)
    (asked,) = request(order, wish(shipping="100.00"), by=person(Role.SUPPORT))
    RefundPolicy.objects.filter(role=Role.SUPPORT).delete()
    before = everything()

    with pytest.raises(services.RequesterMayNot):
        services.approve_refund(
            number=asked.number, version=asked.version, user_id=person(), at=clock.now()
        )

    assert everything() == before


def test_another_version_than_was_seen_is_not_tried_again(order, admin, gateway):
    refund = failed(order, wish(shipping="100.00"), admin, gateway)
    before = everything()

    with pytest.raises(services.RefundHasChanged):
        retry(refund, admin, version=refund.version - 1)

    assert everything() == before


def test_shipping_that_was_given_back_otherwise_is_not_tried_again(order, admin, gateway):
    refund = failed(order, wish(shipping="500.00"), admin, gateway)
    request(order, wish(shipping="500.00"), by=admin)
    before = everything()

    with pytest.raises(services.ExceedsRefundable):
        retry(refund, admin)

    assert everything() == before


def test_a_return_of_another_order_is_none_of_this_one(number, shirts, admin):
    other = delivered(("SHIRT", 1), total="2000.00")
    theirs = approved(other, ("SHIRT", 1))
    receive(theirs, ("SHIRT", 1, AS_NEW, True))

    with pytest.raises(Invalid) as refusal:
        plan(number, wish(goodwill="1.00", of_return=theirs), by=admin)

    assert [problem.code for problem in refusal.value.problems] == ["not_in_order"]
