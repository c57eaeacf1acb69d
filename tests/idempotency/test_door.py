"""What was done once under a key is answered again, byte for byte, and not done again."""

import sys
import threading
from datetime import timedelta

import orjson
import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client

from mdv.accounts.roles import Role
from mdv.idempotency import services
from mdv.idempotency.models import IdempotencyKey
from mdv.kernel import clock
from mdv.ops import tasks
from shop.orders.models import Order
from shop.payments.models import Payment
from shop.stock.models import StockMovement
from tests.orders.ordering import (
    act,
    available,
    customer,
    deliver_everywhere,
    guest,
    order_of,
    place,
    placed,
    sell,
    staff,
)

KEY = "key-0123456789abcdef-01"
BODY = order_of(("SHIRT", 1), total="2000.00")
PAYMENT = {"amount": "2000.00", "channel": "cash", "reference": "TILL-1"}


@pytest.fixture
def shop(db):
    deliver_everywhere("500.00")
    sell("SHIRT", "1500.00", stock=10)


def test_the_same_request_gets_the_same_bytes_and_is_marked_as_a_replay(shop):
    first = place(guest(), BODY, key=KEY)
    second = place(guest(), BODY, key=KEY)

    assert (first.status_code, second.status_code) == (201, 201)
    assert second.content == first.content
    assert second["Location"] == first["Location"]
    assert second["Content-Type"] == first["Content-Type"] == "application/json"
    assert "Idempotent-Replayed" not in first
    assert second["Idempotent-Replayed"] == "true"
    assert Order.objects.count() == 1
    assert available("SHIRT") == 9


def test_what_lies_in_the_table_opens_no_order(shop):
    first = place(guest(), BODY, key=KEY)

    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text, encode(body, 'escape') FROM idempotency_idempotencykey t")
        (row,) = cursor.fetchall()

    assert first.json()["number"] in row[1]
    assert first.json()["access_token"] not in "".join(row)
    assert KEY not in "".join(row)
    token = {"X-Order-Token": place(guest(), BODY, key=KEY).json()["access_token"]}
    assert guest().send("GET", f"/orders/{first.json()['number']}", **token).status_code == 200


def test_an_answer_is_replayed_as_it_was_although_the_order_moved_on(shop):
    ada = customer()
    first = place(ada, BODY, key=KEY)
    act(ada, f"/orders/{first.json()['number']}/cancel")

    second = place(ada, BODY, key=KEY)

    assert second.content == first.content
    assert second.json()["status"] == "pending"


def test_the_order_of_the_fields_and_the_spaces_do_not_matter(shop):
    first = place(guest(), BODY, key=KEY)
    spread = orjson.dumps(dict(reversed(BODY.items())), option=orjson.OPT_INDENT_2)

    second = guest().client.generic(
        "POST",
        "/api/v1/orders",
        spread,
        content_type="application/json",
        headers={"Idempotency-Key": KEY},
    )

    assert second.content == first.content
    assert second["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize(
    "changes",
    [{"email": "other@example.com"}, {"lines": [{"sku": "SHIRT", "quantity": 2}]}, {"name": "X"}],
)
def test_another_body_under_the_same_key_is_refused(shop, changes):
    place(guest(), BODY, key=KEY)

    answer = place(guest(), {**BODY, **changes}, key=KEY)

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_mismatch")
    assert Order.objects.count() == 1


def test_another_order_in_the_path_under_the_same_key_is_refused(shop):
    clerk = staff(Role.OPERATIONS)
    first, second = (placed(guest(), ("SHIRT", 1), total="2000.00") for _ in range(2))
    act(clerk, f"/staff/orders/{first['number']}/payments", PAYMENT, key=KEY)

    answer = act(clerk, f"/staff/orders/{second['number']}/payments", PAYMENT, key=KEY)

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_mismatch")
    assert Payment.objects.get().order.number == first["number"]


def test_a_key_is_its_owners_alone(shop):
    ada, eve = customer(), customer("eve@example.com")

    numbers = {place(caller, BODY, key=KEY).json()["number"] for caller in (ada, eve, guest())}

    assert len(numbers) == 3


def test_a_guest_who_changes_networks_gets_the_answer_again_and_no_second_order(shop):
    at_home, on_the_road = guest(), guest()
    at_home.client = Client(REMOTE_ADDR="198.51.100.7")
    on_the_road.client = Client(REMOTE_ADDR="2001:db8:1:2::1")

    first, second = (place(caller, BODY, key=KEY) for caller in (at_home, on_the_road))

    assert second.content == first.content
    assert second["Idempotent-Replayed"] == "true"
    assert Order.objects.count() == 1


def test_who_guessed_a_guests_key_learns_nothing_without_the_whole_body(shop):
    first = place(guest(), BODY, key=KEY)
    guessed = {**BODY, "shipping_address": {**BODY["shipping_address"], "phone": "+2348010000000"}}

    answer = place(guest(), guessed, key=KEY)

    assert answer.status_code == 422
    assert first.json()["number"] not in answer.content.decode()


def test_a_short_key_is_enough_for_who_is_logged_in_and_not_for_a_guest(shop):
    refused = place(guest(), BODY, key="k" * 21)
    ordered = place(customer(), BODY, key="k" * 16)

    assert (refused.status_code, refused.json()["code"]) == (400, "idempotency_key_required")
    assert "22 random characters" in refused.json()["detail"]
    assert ordered.status_code == 201
    assert Order.objects.count() == 1


@pytest.mark.parametrize(
    "key",
    [
        "",
        "short",
        "a" * 15,
        "a" * 129,
        "with spaces in it 0123",
        "ключ-0123456789abcdef",
        "key\x000123456789abcdef",
        "0123456789abcdef;drop",
    ],
)
def test_a_key_that_cannot_be_one_is_refused(shop, key):
    answer = guest().send("POST", "/orders", BODY, **{"Idempotency-Key": key})

    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_required")
    assert not Order.objects.exists()


def test_without_a_key_nothing_is_ordered(shop):
    answer = guest().send("POST", "/orders", BODY)

    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_required")
    assert not Order.objects.exists()


@pytest.mark.parametrize("key", ["a" * 22, "A.b_c-9" * 10, "0" * 128])
def test_twenty_two_to_a_hundred_and_twenty_eight_plain_characters_are_a_key(shop, key):
    assert place(guest(), BODY, key=key).status_code == 201


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({**BODY, "email": "nobody"}, 400),
        ({**BODY, "expected_total": "1.00"}, 409),
        ({**BODY, "cart": "x" * 32, "lines": None}, 400),
    ],
)
def test_a_refusal_is_not_kept(shop, body, status):
    refused = place(guest(), body, key=KEY)

    assert refused.status_code == status
    assert not IdempotencyKey.objects.exists()
    assert place(guest(), BODY, key=KEY).status_code == 201


def test_a_key_says_who_used_it_and_in_which_request(shop):
    ada = customer()
    place(ada, BODY, key=KEY, **{"X-Request-ID": "request-of-ada"})

    row = IdempotencyKey.objects.get()

    assert (row.principal, row.actor_id) == (f"user:{ada.user.pk}", ada.user.pk)
    assert (row.route, row.status) == ("POST api/v1/orders", 201)
    assert row.key == services.stored_key(KEY)
    assert row.request_id == "request-of-ada"


def test_keys_are_kept_for_seven_days(shop, run_jobs, monkeypatch):
    monkeypatch.setattr(services, "FORGOTTEN_AT_ONCE", 2)
    for number, days in enumerate([8, 8, 8, 8, 8, 6]):
        with time_machine.travel(clock.now() - timedelta(days=days)):
            place(guest(), BODY, key=f"{KEY}{number}")

    tasks.forget_old_keys.defer()
    run_jobs()

    assert [row.key for row in IdempotencyKey.objects.all()] == [services.stored_key(f"{KEY}5")]


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ("SET digest = 'x'", "idempotency_claim_is_fixed"),
        ("SET principal = 'user:1'", "idempotency_claim_is_fixed"),
        ("SET created_at = now() - interval '8 days'", "idempotency_claim_is_fixed"),
        ("SET body = 'x'", "idempotency_answer_is_given_once"),
        ("SET status = NULL", "idempotency_answer_is_given_once"),
        ("", "idempotency_key_is_kept"),
    ],
)
def test_what_was_claimed_and_answered_stays_so(shop, change, refusal):
    first = place(guest(), BODY, key=KEY)
    verb = f"UPDATE idempotency_idempotencykey {change}"
    statement = verb if change else "DELETE FROM idempotency_idempotencykey"

    with (
        pytest.raises(IntegrityError) as refused,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    assert refused.value.__cause__.diag.constraint_name == refusal
    assert place(guest(), BODY, key=KEY).content == first.content


@pytest.mark.django_db(transaction=True)
def test_what_the_database_refuses_at_commit_is_a_409_by_its_name_and_leaves_nothing(
    transactional_db, monkeypatch
):
    deliver_everywhere("500.00")
    sell("SHIRT", "1500.00", stock=10)
    clerk = staff(Role.OPERATIONS)
    order = placed(guest(), ("SHIRT", 1), total="2000.00")
    path = f"/staff/orders/{order['number']}/payments"
    booking = sys.modules["shop.payments.services.record_payment"]
    with monkeypatch.context() as broken:
        # A service that forgets to show the money on its order: only COMMIT can tell.
        broken.setattr(booking, "add_captured", lambda order, **_: order)
        refused = act(clerk, path, PAYMENT, key=KEY)

    assert (refused.status_code, refused.json()["code"]) == (
        409,
        "order_captured_equals_its_payments",
    )
    assert not Payment.objects.exists()
    assert not IdempotencyKey.objects.filter(key=services.stored_key(KEY)).exists()

    again = act(clerk, path, PAYMENT, key=KEY)
    assert (again.status_code, again.json()["status"]) == (201, "confirmed")


@pytest.mark.django_db(transaction=True)
def test_a_twin_that_does_not_end_is_answered_after_two_seconds_and_may_be_asked_for_again(
    transactional_db,
):
    deliver_everywhere("500.00")
    sell("SHIRT", "1500.00", stock=10)
    taken, done = threading.Event(), threading.Event()

    def hold_the_key():
        with transaction.atomic():
            services.claim_key(principal="guest", route="POST api/v1/orders", key=KEY, body=[])
            taken.set()
            done.wait(30)
            transaction.set_rollback(True)
        connection.close()

    twin = threading.Thread(target=hold_the_key)
    twin.start()
    taken.wait(10)
    waiting = place(guest(), BODY, key=KEY)
    done.set()
    twin.join()
    afterwards = place(guest(), BODY, key=KEY)

    assert (waiting.status_code, waiting.json()["code"]) == (409, "still_running")
    assert waiting["Retry-After"] == "1"
    assert afterwards.status_code == 201
    assert Order.objects.count() == 1
    assert StockMovement.objects.filter(kind="reserve").count() == 1
