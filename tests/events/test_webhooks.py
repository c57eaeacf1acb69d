"""Delivering events to servers outside: signed, again and again, and at last given up."""

import hashlib
import hmac
import json
import re
import threading
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.db import IntegrityError, connections, transaction

from mdv.events import gateways, services, tasks
from mdv.events.models import WebhookAttempt, WebhookTarget
from mdv.events.services.deliver import CLAIMED_FOR
from mdv.events.services.keep_targets import BOTH_VALID_FOR
from mdv.events.signing import secret_of
from mdv.kernel import clock
from tests.events.happenings import DIMMED, LIT, deliveries, happen, hook, later, numbered

pytestmark = pytest.mark.django_db

DOCS = Path(__file__).parents[2] / "docs/events.md"


def work_for(target):
    return services.deliver_to(target_id=target.pk)


def test_an_event_arrives_with_what_happened_and_nothing_else(receiver):
    target = hook(receiver.url)
    event = numbered("L-1", brightness="40.00")

    assert work_for(target) == 1

    (received,) = receiver.received
    assert received.path == "/hook"
    assert received.headers["Host"] == f"127.0.0.1:{receiver.port}"
    assert received.headers["Content-Type"] == "application/json"
    assert (received.headers["Mdv-Event"], received.headers["Mdv-Attempt"]) == ("1", "1")
    assert json.loads(received.body) == {
        "seq": 1,
        "kind": "lamp.lit",
        "about": "store.StoreSettings",
        "number": "L-1",
        "created_at": event.created_at.isoformat().replace("+00:00", "Z"),
        "payload": {"brightness": "40.00"},
    }
    (delivery,) = deliveries()
    attempt = WebhookAttempt.objects.get()
    assert (delivery.state, delivery.tries, delivery.next_try_at) == ("delivered", 1, None)
    assert (attempt.number, attempt.status, attempt.error) == (1, 200, "")


def test_the_signature_is_an_hmac_over_the_time_and_the_body(receiver):
    target = hook(receiver.url)
    numbered()
    at = clock.now()

    with time_machine.travel(at, tick=False):
        work_for(target)

    (received,) = receiver.received
    seconds = int(at.timestamp())
    signed = f"{seconds}.".encode() + received.body
    proof = hmac.new(secret_of(target.salt).encode(), signed, hashlib.sha256).hexdigest()
    assert received.headers["Mdv-Signature"] == f"t={seconds},v1={proof}"


def snippet():
    """What docs/events.md tells receivers to run."""
    (code,) = re.findall(r"```python\n(.*?)```", DOCS.read_text(), re.DOTALL)
    names = {}
    exec(code, names)  # noqa: S102  (our own documentation)
    return names["is_from_the_shop"]


def test_the_check_in_the_documentation_accepts_ours_and_refuses_all_else(receiver):
    target = hook(receiver.url)
    numbered()
    work_for(target)
    (received,) = receiver.received
    header, secret = received.headers["Mdv-Signature"], secret_of(target.salt)
    check = snippet()

    assert check(received.body, header, secret)
    assert not check(received.body + b" ", header, secret)
    assert not check(received.body, header, secret_of("other"))
    assert not check(received.body, header.replace("v1=", "v0="), secret)
    assert not check(received.body, "", secret)
    assert not check(received.body, "t=x,v1=é", secret)
    with time_machine.travel(later(minutes=6)):
        assert not check(received.body, header, secret)


def test_after_a_rotation_both_secrets_sign_for_a_day_and_then_the_new_one_alone(receiver):
    target = hook(receiver.url)
    old = secret_of(target.salt)
    rotated = services.rotate_secret(target_id=target.pk, at=clock.now())
    new, check = secret_of(rotated.salt), snippet()
    moments = [
        later(minutes=1),
        later(hours=23),
        clock.now() + BOTH_VALID_FOR + timedelta(minutes=1),
    ]

    accepted = []
    for moment in moments:
        numbered()
        with time_machine.travel(moment, tick=False):
            work_for(target)
            last = receiver.received[-1]
            header = last.headers["Mdv-Signature"]
            accepted.append([check(last.body, header, secret) for secret in (old, new)])

    assert old != new
    assert accepted == [[True, True], [True, True], [False, True]]


def test_the_secret_is_not_in_the_database():
    target = hook("http://127.0.0.1:9/")

    stored = [str(value) for value in WebhookTarget.objects.filter(pk=target.pk).values_list()[0]]

    assert not [value for value in stored if secret_of(target.salt).removeprefix("whsec_") in value]


def test_each_webhook_is_told_of_the_kinds_that_it_wants(receiver):
    everything = hook(receiver.url, "All")
    dimmed = hook(receiver.url, "Dimmed", kinds=[DIMMED])
    off = hook(receiver.url, "Off", is_active=False)
    numbered("A", kind=LIT)
    numbered("B", kind=DIMMED)

    wanted = {
        target.name: [d.event.number for d in target.deliveries.order_by("id")]
        for target in (everything, dimmed, off)
    }

    assert wanted == {"All": ["A", "B"], "Dimmed": ["B"], "Off": []}


def test_an_event_goes_to_a_webhook_once(receiver):
    target = hook(receiver.url)
    event = numbered()

    with (
        pytest.raises(IntegrityError, match="an_event_goes_to_a_target_once"),
        transaction.atomic(),
    ):
        target.deliveries.create(event=event, next_try_at=clock.now(), created_at=clock.now())


def test_deliveries_leave_in_the_order_of_their_events(receiver):
    target = hook(receiver.url)
    for _ in range(5):
        numbered()

    assert work_for(target) == 5
    assert receiver.places == [1, 2, 3, 4, 5]


def test_what_is_not_committed_is_not_delivered(receiver):
    target = hook(receiver.url)
    happen()

    assert (work_for(target), receiver.received) == (0, [])


def test_a_failure_does_not_hold_up_what_comes_behind_it(receiver):
    receiver.answers = [500, 200]
    target = hook(receiver.url)
    numbered(), numbered()

    first, second = work_for(target), work_for(target)

    assert (first, second) == (0, 1)
    assert receiver.places == [1, 2]
    assert [d.state for d in deliveries()] == ["queued", "delivered"]


def test_a_ping_goes_to_the_one_webhook_whatever_it_wants(receiver):
    target = hook(receiver.url, kinds=[DIMMED])
    other = hook(receiver.url, "Other")

    services.ping_target(target_id=target.pk)
    services.number_events()
    work_for(target), work_for(other)

    (received,) = receiver.received
    told = json.loads(received.body)
    assert (told["kind"], told["payload"]) == ("webhook.ping", {"name": "Books"})


def test_an_attempt_is_a_fact(receiver):
    target = hook(receiver.url)
    numbered()
    work_for(target)

    for change in (
        lambda rows: rows.update(status=500),
        lambda rows: rows.delete(),
    ):
        with pytest.raises(IntegrityError, match="an attempt is a fact"), transaction.atomic():
            change(WebhookAttempt.objects.all())

    assert WebhookAttempt.objects.get().status == 200


def test_the_log_is_forgotten_with_its_events(receiver):
    target = hook(receiver.url)
    with time_machine.travel(clock.now() - timedelta(days=92), tick=False):
        numbered()
        work_for(target)
    numbered()

    services.forget_events(at=clock.now())

    assert [d.event.seq for d in deliveries()] == [2]
    assert WebhookAttempt.objects.count() == 0


def test_at_most_two_webhooks_are_spoken_to_at_once_those_that_wait_longest_first(receiver):
    hooks = [hook(receiver.url, str(n)) for n in range(4)]
    numbered()
    for minutes, target in enumerate(reversed(hooks)):
        target.deliveries.update(next_try_at=clock.now() - timedelta(minutes=9 - minutes))

    first = services.due_targets(at=clock.now())
    hooks[3].deliveries.update(claimed_until=later(seconds=30))
    then = services.due_targets(at=clock.now())

    assert first == [hooks[3].pk, hooks[2].pk]
    assert then == [hooks[2].pk]


def test_a_claim_outlasts_the_longest_call():
    longest = gateways.CONNECT_TIMEOUT_S + gateways.READ_TIMEOUT_S
    assert longest < gateways.TOTAL_TIMEOUT_S < CLAIMED_FOR.total_seconds()


def test_the_job_numbers_and_has_delivered_whatever_is_due(receiver, run_jobs):
    hook(receiver.url)
    happen("A")

    tasks.number.defer()
    names = run_jobs()

    assert names == ["events.number", "events.deliver"]
    assert receiver.places == [1]


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_speak_to_one_webhook_at_once(receiver):
    target = hook(receiver.url)
    numbered(), numbered()
    receiver.may_answer.clear()
    first = threading.Thread(target=in_thread(work_for, target))
    first.start()
    assert receiver.arrived.acquire(timeout=10)

    second = work_for(target)
    places_by_then = receiver.places
    receiver.may_answer.set()
    first.join(10)

    assert (second, places_by_then) == (0, [1])
    assert receiver.places == [1, 2]
    assert [d.tries for d in deliveries()] == [1, 1]


@pytest.mark.django_db(transaction=True)
def test_while_a_server_takes_its_time_no_transaction_is_open(receiver):
    target = hook(receiver.url)
    numbered()
    receiver.may_answer.clear()
    slow = threading.Thread(target=in_thread(work_for, target))
    slow.start()
    assert receiver.arrived.acquire(timeout=10)

    changed = services.update_target(target_id=target.pk, name="Renamed")
    receiver.may_answer.set()
    slow.join(10)

    assert changed.name == "Renamed"
    assert deliveries()[0].state == "delivered"


def in_thread(work, *args):
    def run():
        try:
            work(*args)
        finally:
            connections.close_all()

    return run
