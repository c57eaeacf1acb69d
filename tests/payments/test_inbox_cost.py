"""What a delivery costs: most of them repeat what is stored, and many come at once."""

import threading

import pytest
from django.db import OperationalError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from mdv.kernel import clock
from shop.payments import services
from shop.payments.models import GatewayEvent
from shop.payments.services import take_events
from tests.ops.shops import wait_until
from tests.payments.notices import begun, event, now, online_order, send, told

FIRST_AT_MOST = 25  # one of them looks for refunds of it that were told before it
PATIENCE_S = 30


def be_patient():
    """Let this thread's connection wait and idle for as long as a slow machine needs."""
    with connection.cursor() as cursor:
        for name in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"):
            cursor.execute(f"SET {name} = 0")


def statements(notice):
    with CaptureQueriesContext(connection) as captured:
        assert send(notice).status_code == 200
    return len(captured)


@pytest.mark.django_db
def test_a_repeat_costs_one_look(order, payment):
    notice = told(payment)
    send(notice)

    assert statements(notice) == 1


@pytest.mark.django_db
def test_the_first_delivery_costs_no_more_than_it_did(order, payment):
    send(told(begun(online_order(("SHIRT", 1), total="2000.00"))))  # what is read once is read

    assert statements(told(payment)) <= FIRST_AT_MOST


@pytest.mark.django_db(transaction=True)
def test_whoever_is_stored_between_the_look_and_the_insert_counts_once(order, payment):
    notice = told(payment)
    is_inserted, is_over = threading.Event(), threading.Event()

    def come_first():
        be_patient()
        with transaction.atomic():
            GatewayEvent.objects.create(
                provider="paystack",
                fact=f"charge.success:{notice['data']['id']}",
                kind="charge.success",
                source="webhook",
                reference=payment.reference,
                provider_id="1",
                result="succeeded",
                amount=2000,
                currency="NGN",
                is_live=False,
                received_at=clock.now(),
            )
            is_inserted.set()
            is_over.wait()
        connections.close_all()

    answers = []

    def come_second():
        be_patient()
        answers.append(send(notice).status_code)
        connections.close_all()

    first, second = threading.Thread(target=come_first), threading.Thread(target=come_second)
    first.start()
    is_inserted.wait()
    second.start()
    try:
        wait_until(somebody_waits_for_a_lock, PATIENCE_S)
    finally:
        is_over.set()
        first.join()
        second.join()

    assert answers == [200]
    assert (event().outcome, event().provider_id) == ("applied", "1")
    assert now(order).captured_total == 2000


def somebody_waits_for_a_lock():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        return cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
def test_a_delivery_does_not_wait_for_another_that_is_being_applied(order, payment, monkeypatch):
    notice = told(payment)
    with monkeypatch.context() as patched:
        patched.setattr(take_events, "apply_event", lambda **_: event())
        send(notice)
    stored = event()
    is_locked, is_over = threading.Event(), threading.Event()

    def hold():
        be_patient()
        with transaction.atomic():
            GatewayEvent.objects.select_for_update().get(pk=stored.pk)
            is_locked.set()
            is_over.wait()
        connections.close_all()

    holder = threading.Thread(target=hold)
    holder.start()
    is_locked.wait()
    try:
        left = services.apply_event(event_id=stored.pk, at=clock.now(), skip_locked=True)
        with pytest.raises(OperationalError):
            services.apply_event(event_id=stored.pk, at=clock.now())
        with monkeypatch.context() as patched:
            patched.setattr(take_events.log, "warning", pytest.fail)
            assert send(notice).status_code == 200
    finally:
        is_over.set()
        holder.join()

    assert left.outcome == "received"
    assert services.apply_waiting_events(at=clock.now()) == 1
    assert now(order).captured_total == 2000
