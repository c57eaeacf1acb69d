"""Many people who give back the same money at the same moment, over HTTP."""

import time

import pytest

from mdv.accounts.roles import Role
from mdv.ops.reconcile import check_invariants
from refunds import services
from refunds.models import Refund
from shop.payments.models import Payment
from tests.accounts.people import PASSWORD
from tests.orders.ordering import deliver_everywhere, guest, new_key, placed, sell, staff
from tests.races.crowds import Client, at_once, outcomes
from tests.refunds.api.calling import SHIPPING, with_password
from tests.refunds.refunding import later, pay_online

pytestmark = pytest.mark.django_db(transaction=True)

BACKLOG = 128
TRIES = 500
PAUSE_S = 0.2


@pytest.fixture
def shop(live_server):
    live_server.thread.httpd.socket.listen(BACKLOG)
    return live_server


@pytest.fixture
def paid(shop, gateway):
    """The number of an order that 10,000 were paid for."""
    deliver_everywhere("500.00")
    sell("COAT", "9500.00", stock=10)
    number = placed(guest(), ("COAT", 1), total="10000.00")["number"]
    pay_online(number, "10000.00")
    return number


def planned(client, number, body):
    """The body with the hash of the present plan."""
    plan = client.send("POST", f"/staff/orders/{number}/refunds/preview", body)
    assert plan.status == 200, plan.body
    return {**body, "plan_hash": plan.json()["plan_hash"]}


def until_answered(client, path, body, *, key=None):
    """Send the same again for as long as others are in the way, as clients are told to."""
    key = key or new_key()
    for _ in range(TRIES):
        answer = client.act(path, body, key=key)
        if answer.outcome not in {"409 still_running", "503 try_again"}:
            return answer
        time.sleep(PAUSE_S)
    return answer


def finish_what_waits():
    """Do as the jobs do with what nobody could ask for, or book, in the crowd."""
    services.execute_waiting_refunds(at=later())
    services.look_up_refunds(at=later())


def assert_books_balance():
    assert [outcome for outcome in check_invariants() if not outcome.holds] == []


def test_of_twenty_refunds_of_six_thousand_one_is_accepted_and_the_rest_hear_what_is_left(
    shop, paid, gateway
):
    token = staff(Role.SUPERVISOR).token
    body = planned(Client(shop, token), paid, {"goodwill": "6000.00", "reason": "goodwill"})
    path = f"/staff/orders/{paid}/refunds"

    answers = at_once(*[lambda: until_answered(Client(shop, token), path, body) for _ in range(20)])
    finish_what_waits()

    assert outcomes(answers) == {"201": 1, "409 exceeds_refundable": 19}
    assert {answer.json()["left"] for answer in answers if answer.status == 409} == {"4000.00"}
    payment = Payment.objects.get()
    assert (payment.captured, payment.refund_committed, payment.refunded) == (10_000, 6000, 6000)
    assert gateway.asked == [f"rf-{Refund.objects.get().pk}-1"]
    assert_books_balance()


def test_one_key_sent_eight_times_at_once_is_one_refund_and_eight_equal_answers(
    shop, paid, gateway
):
    token, key = staff(Role.SUPERVISOR).token, new_key()
    body = planned(Client(shop, token), paid, SHIPPING)
    path = f"/staff/orders/{paid}/refunds"

    answers = at_once(
        *[lambda: until_answered(Client(shop, token), path, body, key=key) for _ in range(8)]
    )
    finish_what_waits()

    assert outcomes(answers) == {"201": 8}
    assert len({answer.body for answer in answers}) == 1
    assert Refund.objects.get().state == "succeeded"
    assert gateway.asked == [f"rf-{Refund.objects.get().pk}-1"]
    assert_books_balance()


def test_two_who_agree_at_once_to_one_refund_have_it_paid_once(shop, paid, gateway):
    asker = staff(Role.OPERATIONS)
    limits = services.Limits(max_per_refund=0, max_per_day=0, may_goodwill=False)
    services.change_policy(role=Role.OPERATIONS, limits=limits)
    body = planned(Client(shop, asker.token), paid, SHIPPING)
    asked = Client(shop, asker.token).act(f"/staff/orders/{paid}/refunds", body).json()["refunds"]
    path = f"/staff/refunds/{asked[0]['number']}/approve"
    people = [with_password(role) for role in (Role.ADMIN, Role.SUPERVISOR)]
    agreed = {"version": asked[0]["version"], "password": PASSWORD}

    answers = at_once(
        *[lambda one=one: until_answered(Client(shop, one.token), path, agreed) for one in people]
    )
    finish_what_waits()

    assert outcomes(answers) == {"200": 1, "409 invalid_transition": 1}
    assert len(gateway.asked) == 1
    assert_books_balance()
