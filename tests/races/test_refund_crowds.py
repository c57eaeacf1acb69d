"""Each order's money wanted by eight people at once, over the API and in the back office.

CI takes 50 orders, `make test-long` 500: never more goes back than came.
"""

import os
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import pytest

from mdv.accounts.models import ApiToken
from mdv.accounts.roles import Role
from mdv.kernel import clock
from mdv.ops.reconcile import check_invariants
from refunds import services
from refunds.models import Refund, RefundAllowance
from shop.orders.models import Order
from shop.payments.services import send_payment, verify_payment
from tests.accounts.people import make_staff
from tests.ops.simulators import PAYSTACK_KEY
from tests.orders.ordering import deliver_everywhere, sell, staff
from tests.payments.notices import begun, online_order
from tests.races.crowds import at_once
from tests.races.refunders import CHANGED, ByApi, ByComposer, refund
from tests.races.test_starting_payments import paystack

__all__ = ["paystack"]  # a fixture

pytestmark = [pytest.mark.slow, pytest.mark.alone, pytest.mark.django_db(transaction=True)]

ORDERS = int(os.environ.get("REFUNDED_ORDERS", "50"))
EXCEEDS = "409 exceeds_refundable"
FULL = {"units": 4, "shipping": "400.00"}
A_COAT, TWO_COATS, SHIPPING = {"units": 1}, {"units": 2}, {"shipping": "400.00"}
BY_API = (FULL, A_COAT, SHIPPING, TWO_COATS)
BY_COMPOSER = (FULL, A_COAT, TWO_COATS, SHIPPING)
CROWD = len(BY_API) + len(BY_COMPOSER)
A_DAY = timedelta(days=1)
ENOUGH = Decimal(99_999_999)


@dataclass(frozen=True)
class PaidOrder:
    """An order of four coats for 2,400 and 400 for shipping, paid at the provider."""

    pk: int
    number: str
    line_id: int
    sku: str = "COAT"


@pytest.fixture
def shop(paystack, web):
    deliver_everywhere("400.00")
    sell("COAT", "2400.00", stock=4 * max(ORDERS, 12))
    return web


def paid_order(paystack):
    placed = online_order(("COAT", 4), total="10000.00")
    started = send_payment(reference=begun(placed).reference, at=clock.now())
    paystack.choose(started.redirect_url)
    verify_payment(reference=started.reference, at=clock.now())
    order = Order.objects.get(number=placed["number"])
    return PaidOrder(pk=order.pk, number=order.number, line_id=order.lines.get().pk)


def let(role, *, per_day):
    services.change_policy(
        role=role,
        limits=services.Limits(max_per_refund=per_day, max_per_day=per_day, may_goodwill=True),
    )


def settle():
    """Do as the jobs do, until the provider has said of each refund what became of it."""
    waiting = Refund.objects.exclude(state__in=["succeeded", "requested"])
    for days in range(1, 2 + waiting.count()):
        at = clock.now() + days * A_DAY
        services.execute_waiting_refunds(at=at)
        services.look_up_refunds(at=at)
        if not waiting.exists():
            return


def at_the_provider(paystack):
    """All refunds that the provider holds."""
    headers = {"Authorization": f"Bearer {PAYSTACK_KEY}"}
    found = paystack.client.get("/paystack/refund?perPage=100000", headers=headers).json()
    assert found["meta"]["total"] == len(found["data"])
    return found["data"]


def press_on(order, people, turn):
    """Have all eight refund an order at once; return what each came to, by their notes.

    Two of them, others in each turn, saw their plan beforehand and do exactly that or nothing.
    """
    wanted = [*BY_API, *BY_COMPOSER]
    notes = [f"{order.number} {place}" for place in range(CROWD)]
    early = {turn % CROWD, (turn + 3) % CROWD}
    seen = {place: people[place].see(order, wanted[place], notes[place])[1] for place in early}

    def act(place):
        asked = (order, wanted[place], notes[place])
        if place in seen:
            return people[place].act(*asked, seen[place])[0]
        return refund(people[place], *asked)

    came = at_once(*[lambda place=place: act(place) for place in range(CROWD)])
    return dict(zip(notes, came, strict=True))


def test_never_more_goes_back_than_came_whoever_asks_for_it(paystack, shop):
    for role in (Role.ADMIN, Role.SUPERVISOR):
        let(role, per_day=ENOUGH)
    by_api = ByApi(shop, staff(Role.SUPERVISOR).token)
    by_composer = ByComposer(shop, make_staff(Role.ADMIN))
    people = [by_api] * len(BY_API) + [by_composer] * len(BY_COMPOSER)
    orders = [paid_order(paystack) for _ in range(ORDERS)]

    came = {}
    for turn, order in enumerate(orders):
        came |= press_on(order, people, turn)
    by_composer.end()
    settle()

    told = Counter(came.values())
    print(f"\n{ORDERS} orders, {len(came)} requests: {dict(told)}")  # noqa: T201 (the drill's)
    assert set(told) <= {"201", "302", EXCEEDS, CHANGED}
    assert told["201"]
    assert told["302"]
    accepted = sorted(note for note, outcome in came.items() if outcome in {"201", "302"})
    refunds = list(Refund.objects.select_related("payment").order_by("note"))
    assert [one.note for one in refunds] == accepted
    assert {one.state for one in refunds} == {"succeeded"}
    assert_each_order_got_back_at_most_what_it_paid(orders, refunds)
    assert_the_provider_gave_exactly_that(paystack, refunds)
    assert [outcome for outcome in check_invariants() if not outcome.holds] == []


def assert_each_order_got_back_at_most_what_it_paid(orders, refunds):
    promised = defaultdict(Decimal)
    for one in refunds:
        promised[one.order_id] += one.amount
    for order in Order.objects.filter(pk__in=[order.pk for order in orders]):
        payment = order.payments.get()
        assert (order.captured_total, payment.captured) == (10_000, 10_000)
        assert promised[order.pk] <= 10_000
        assert payment.refund_committed == payment.refunded == promised[order.pk]
        assert order.refunded_total == promised[order.pk]


def assert_the_provider_gave_exactly_that(paystack, refunds):
    held = at_the_provider(paystack)
    keys = [one["merchant_note"].removeprefix("key=") for one in held]
    assert sorted(keys) == sorted(one.key for one in refunds)
    gone, booked = Counter(), Counter()
    for one in held:
        assert one["status"] == "processed"
        gone[str(one["transaction"])] += one["amount"]
    for one in refunds:
        booked[one.payment.provider_id] += int(one.amount * 100)
    assert gone == booked


def test_a_days_limit_holds_whichever_way_a_person_gives_back_at_once(paystack, shop):
    let(Role.OPERATIONS, per_day=Decimal(12_000))
    person = make_staff(Role.OPERATIONS)
    token = ApiToken.objects.create(person)[1]
    by_api, by_composer = ByApi(shop, token), ByComposer(shop, person)
    orders = [paid_order(paystack) for _ in range(12)]

    came = at_once(
        *[
            lambda order=order, by=by: refund(by, order, TWO_COATS, order.number)
            for order, by in zip(orders, [by_api, by_composer] * 6, strict=True)
        ]
    )
    by_composer.end()

    assert Counter(came) == {"201": 6, "302": 6}
    refunds = Refund.objects.values_list("approval_required", "amount")
    assert Counter(refunds) == {(False, Decimal(4800)): 2, (True, Decimal(4800)): 10}
    assert Refund.objects.filter(state="requested").count() == 10
    assert RefundAllowance.objects.get().used == 9600
    assert len(at_the_provider(paystack)) == 2
    assert [outcome for outcome in check_invariants() if not outcome.holds] == []
