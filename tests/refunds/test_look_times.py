"""When a provider is asked again what became of a refund."""

from datetime import timedelta

import pytest

from mdv.kernel import clock
from refunds import services
from refunds.models import Refund
from refunds.services.look_times import next_look
from tests.refunds.refunding import execute, now, request, wish

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("waited", "until_next"),
    [
        (0 * MINUTE, 2 * MINUTE),
        (1 * MINUTE, 2 * MINUTE),
        (5 * MINUTE, 5 * MINUTE),
        (3 * HOUR, 3 * HOUR),
        (7 * HOUR, 6 * HOUR),
        (9 * DAY, 6 * HOUR),
    ],
)
def test_the_longer_it_takes_the_rarer_it_is_looked_at_and_four_times_a_day_at_least(
    waited, until_next
):
    at = clock.now()

    assert next_look(Refund(asked_at=at - waited), at) == at + until_next


def test_a_provider_that_is_down_is_not_asked_again_at_once(order, admin, gateway):
    gateway.answers = ["lost"]
    (refund,) = request(order, wish(goodwill="100.00"), by=admin)
    start = clock.now()
    execute(refund, at=start)
    gateway.is_down = True
    an_hour_later = start + HOUR

    looks = [services.look_up_refunds(at=an_hour_later) for _ in range(2)]

    assert looks == [1, 0]
    assert now(refund).next_look_at == an_hour_later + HOUR
    assert (now(refund).state, gateway.looked) == ("unknown", [refund.key])
