"""Money is taken back while its goods are leaving: real threads on real connections."""

from decimal import Decimal

import pytest

from mdv.accounts.roles import Role
from mdv.kernel import clock
from mdv.ops.reconcile import check_invariants
from shop.orders.models import MissingAcceptance, Order
from shop.orders.services import accept_missing
from tests.fulfilment.packing import ready, state_of
from tests.orders.ordering import deliver_everywhere, guest, placed, sell, staff
from tests.payments.notices import SECRET
from tests.races.crowds import Client
from tests.refunds.refunding import apply, outside, pay_online, person
from tests.refunds.test_missing_money import send
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)

BACKLOG = 128
ROUNDS = 4


@pytest.fixture
def shop(live_server, settings):
    settings.PAYSTACK_SECRET_KEY = SECRET
    deliver_everywhere("500.00")
    sell("SHIRT", "1500.00", stock=50)
    live_server.thread.httpd.socket.listen(BACKLOG)
    return live_server


def waiting():
    """The number of a paid order, its payment, and its parcel that waits for its carrier."""
    number = placed(guest(), ("SHIRT", 1), total="2000.00")["number"]
    payment = pay_online(number, "2000.00")
    return number, payment, ready(number)


def charge_back(payment, amount="2000.00", number="dp_1"):
    return apply(outside(payment, amount, is_chargeback=True, provider_id=number), payment)


def assert_books_balance():
    assert [one for one in check_invariants() if not one.holds] == []


def test_a_parcel_leaves_before_its_money_is_gone_or_is_refused(shop):
    clerk = staff(Role.LOGISTICS)

    for _ in range(ROUNDS):
        number, payment, parcel = waiting()
        answer, gone = at_once(
            [
                lambda parcel=parcel: Client(shop, clerk.token).act(
                    f"/staff/shipments/{parcel}/dispatch", {"carrier": "GIG"}
                ),
                lambda payment=payment: charge_back(payment),
            ]
        )

        assert (answer.outcome, state_of(parcel)) in {
            ("200", "dispatched"),
            ("409 money_is_missing", "ready"),
        }
        assert gone.refund.amount == 2000
        assert Order.objects.get(number=number).due == 2000
    assert_books_balance()


def test_what_is_accepted_is_what_is_missing_whatever_goes_meanwhile(shop):
    lead = person(Role.SUPERVISOR)

    for _ in range(ROUNDS):
        number, payment, parcel = waiting()
        charge_back(payment, "500.00")
        accepted, _ = at_once(
            [
                lambda number=number: accept_missing(
                    number=number,
                    amount=Decimal(500),
                    reason="Pays on Monday.",
                    user_id=lead,
                    at=clock.now(),
                ),
                lambda payment=payment: charge_back(payment, "1500.00", "dp_2"),
            ]
        )

        was_first = isinstance(accepted, MissingAcceptance)
        assert was_first or accepted.code == "missing_has_changed"
        (sent,) = at_once([lambda parcel=parcel: send(parcel)])
        assert sent.members["accepted"] == ("500.00" if was_first else "0.00")
        assert state_of(parcel) == "ready"
    assert_books_balance()
