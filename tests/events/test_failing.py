"""Deliveries that fail: tried again for a day, given up, asked for again, switched off."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.core import mail as outgoing

from mdv.events import gateways, services
from mdv.events.models import WebhookAttempt
from mdv.events.services.deliver import JITTER, WAITS
from mdv.events.services.keep_targets import WebhookIsOff
from mdv.events.services.switch_off import SWITCHED_OFF_AFTER
from mdv.kernel import clock
from mdv.kernel.errors import NotFound
from tests.events.happenings import deliveries, hook, numbered

pytestmark = pytest.mark.django_db


def work_for(target):
    return services.deliver_to(target_id=target.pk)


def failures(target, receiver, count):
    """Let `count` tries fail, each when it is due; return how long the shop waited before each."""
    waited, now = [], clock.now()
    for _ in range(count):
        with time_machine.travel(now, tick=False):
            work_for(target)
        (delivery,) = deliveries()
        if delivery.next_try_at is None:
            break
        waited.append(delivery.next_try_at - now)
        now = delivery.next_try_at
    return waited


def test_a_webhook_that_fails_is_tried_for_a_day_ever_more_seldom_and_then_given_up(receiver):
    receiver.answers = [503]
    target = hook(receiver.url)
    numbered()

    waited = failures(target, receiver, len(WAITS) + 5)

    assert len(receiver.received) == len(WAITS) + 1
    for was, meant in zip(waited, WAITS, strict=True):
        assert meant * (1 - JITTER) <= was <= meant * (1 + JITTER)
    assert timedelta(hours=24) <= sum(WAITS, timedelta()) <= timedelta(hours=27)
    (delivery,) = deliveries()
    assert (delivery.state, delivery.tries) == ("failed", len(WAITS) + 1)
    attempts = WebhookAttempt.objects.order_by("number").values_list("number", "status", "error")
    assert list(attempts) == [(n, 503, "refused") for n in range(1, len(WAITS) + 2)]


def test_waits_differ_so_that_not_all_come_back_at_once(receiver):
    receiver.answers = [500]
    hooks = [hook(receiver.url, str(n)) for n in range(5)]
    numbered()

    with time_machine.travel(clock.now(), tick=False):
        for target in hooks:
            work_for(target)

    assert len({delivery.next_try_at for delivery in deliveries()}) > 1


@pytest.mark.parametrize(
    ("status", "error"), [(301, "redirected"), (302, "redirected"), (404, "refused"), (204, "")]
)
def test_an_answer_counts_when_it_says_that_all_went_well(receiver, status, error):
    receiver.answers, receiver.location = [status], receiver.url
    target = hook(receiver.url)
    numbered()

    work_for(target)

    assert len(receiver.received) == 1
    attempt = WebhookAttempt.objects.get()
    assert (attempt.status, attempt.error) == (status, error)


def test_a_server_that_is_gone_is_no_harm(receiver):
    target = hook(receiver.url)
    receiver.stop()
    numbered()

    assert work_for(target) == 0

    attempt = WebhookAttempt.objects.get()
    assert (attempt.status, attempt.error) == (None, "unreachable")


def test_a_server_that_does_not_answer_is_waited_for_in_vain_but_not_for_long(
    receiver, monkeypatch
):
    monkeypatch.setattr("mdv.events.gateways.READ_TIMEOUT_S", 0.2)
    receiver.may_answer.clear()
    target = hook(receiver.url)
    numbered()

    assert work_for(target) == 0

    attempt = WebhookAttempt.objects.get()
    assert (attempt.status, attempt.error) == (None, "timed_out")
    assert 200 <= attempt.took_ms < 5_000


def test_asked_for_again_while_it_is_under_way_it_waits_no_longer_than_a_new_one(
    receiver, monkeypatch
):
    receiver.answers = [503]
    target = hook(receiver.url)
    numbered()
    (delivery,) = deliveries()
    send = gateways.post

    def send_meanwhile(*args, **kwargs):
        services.redeliver(target_id=target.pk, delivery_id=delivery.pk, at=clock.now())
        return send(*args, **kwargs)

    monkeypatch.setattr(gateways, "post", send_meanwhile)
    work_for(target)

    (delivery,) = deliveries()
    assert delivery.state == "queued"
    assert delivery.next_try_at - clock.now() <= WAITS[0] * (1 + JITTER)


def test_a_delivery_that_was_given_up_is_made_again_when_somebody_asks(receiver):
    receiver.answers = [500]
    target = hook(receiver.url)
    numbered()
    failures(target, receiver, len(WAITS) + 1)
    (failed,) = deliveries()
    receiver.answers = [200]

    services.redeliver(target_id=target.pk, delivery_id=failed.pk, at=clock.now())
    work_for(target)

    (delivery,) = deliveries()
    assert (failed.state, delivery.state) == ("failed", "delivered")
    assert receiver.received[-1].body == receiver.received[0].body
    assert receiver.received[-1].headers["Mdv-Attempt"] == str(len(WAITS) + 2)


def test_asked_for_again_it_has_as_many_tries_as_a_new_one(receiver):
    receiver.answers = [500]
    target = hook(receiver.url)
    numbered()
    failures(target, receiver, len(WAITS) + 1)
    (failed,) = deliveries()

    services.redeliver(target_id=target.pk, delivery_id=failed.pk, at=clock.now())
    waited = failures(target, receiver, 3)

    assert len(waited) == 3
    assert waited[0] <= WAITS[0] * (1 + JITTER)


def test_another_webhooks_delivery_is_not_redelivered_nor_one_of_a_webhook_that_is_off(receiver):
    target, other = hook(receiver.url), hook(receiver.url, "Other")
    numbered()
    own = target.deliveries.get()

    with pytest.raises(NotFound):
        services.redeliver(target_id=other.pk, delivery_id=own.pk, at=clock.now())
    services.update_target(target_id=target.pk, is_active=False)
    with pytest.raises(WebhookIsOff):
        services.redeliver(target_id=target.pk, delivery_id=own.pk, at=clock.now())

    own.refresh_from_db()
    assert (own.state, own.tries_before) == ("queued", 0)


def test_a_webhook_that_is_off_is_told_nothing_and_hears_the_rest_when_it_is_on(receiver):
    target = hook(receiver.url)
    numbered("queued")
    services.update_target(target_id=target.pk, is_active=False)
    numbered("missed")
    silent = (work_for(target), services.due_targets(at=clock.now()))

    services.update_target(target_id=target.pk, is_active=True)
    work_for(target)

    assert silent == (0, [])
    assert [json.loads(r.body)["number"] for r in receiver.received] == ["queued"]


def test_days_of_failure_switch_it_off_and_tell_who_looks_after_it(receiver, run_jobs):
    receiver.answers = [500]
    target = hook(receiver.url)
    begun = clock.now()
    for age in (timedelta(), SWITCHED_OFF_AFTER - timedelta(minutes=1), SWITCHED_OFF_AFTER):
        numbered()
        with time_machine.travel(begun + age + timedelta(seconds=1), tick=False):
            work_for(target)
            work_for(target)
        target.refresh_from_db()
        if age < SWITCHED_OFF_AFTER:
            assert target.is_active
    run_jobs()

    assert not target.is_active
    (mail,) = outgoing.outbox
    assert mail.to == ["it@example.com"]
    assert 'the webhook "Books"' in mail.body


def test_one_success_and_the_days_are_counted_anew(receiver):
    receiver.answers = [500, 200]
    target = hook(receiver.url)
    numbered(), numbered()

    work_for(target)
    target.refresh_from_db()
    failing = target.failing_since
    work_for(target)
    target.refresh_from_db()

    assert failing is not None
    assert target.failing_since is None
