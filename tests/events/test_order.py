"""The order of events: by commit, without gaps, whoever reads, rolls back or dawdles."""

import sys
import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection, connections, transaction
from django.db.models import F

from mdv.events import services
from mdv.events.models import Event
from mdv.kernel import clock, context
from mdv.kernel.context import Actor, Context
from tests.events.happenings import happen, numbered, told, unnumbered
from tests.threads import at_once

# The function of the same name hides the module.
FORGETTING = sys.modules["mdv.events.services.forget_events"]
WAIT_S = 10
WRITERS, EACH = 8, 25


class Hand(threading.Thread):
    """A transaction on a connection of its own that is led step by step."""

    def __init__(self):
        super().__init__(daemon=True)
        self.todo, self.step_done = [], threading.Semaphore(0)
        self.wake = threading.Semaphore(0)
        self.start()

    def run(self):
        try:
            with transaction.atomic():
                while True:
                    self.wake.acquire()
                    step = self.todo.pop(0)
                    if step == "commit":
                        break
                    if step == "rollback":
                        transaction.set_rollback(True)
                        break
                    step()
                    self.step_done.release()
        finally:
            connections.close_all()

    def does(self, step):
        self.todo.append(step)
        self.wake.release()
        assert self.step_done.acquire(timeout=WAIT_S)

    def ends(self, how="commit"):
        self.todo.append(how)
        self.wake.release()
        self.join(WAIT_S)
        assert not self.is_alive()


@pytest.mark.django_db
def test_an_event_says_what_happened_to_what_and_who_did_it():
    who = Context(source="api", actor=Actor(kind="user", id=7), request_id="req-00000001")
    with context.use(who):
        event = happen("L-9", brightness="40.00")

    event.refresh_from_db()
    assert (event.kind, event.about, event.number) == ("lamp.lit", "store.StoreSettings", "L-9")
    assert (event.payload, event.seq) == ({"brightness": "40.00"}, None)
    assert (event.actor_id, event.request_id) == (7, "req-00000001")


@pytest.mark.django_db
def test_emitting_is_one_statement(django_assert_num_queries):
    subject = numbered()

    with django_assert_num_queries(1):
        services.emit("lamp.lit", subject, number="L-2", payload={})


@pytest.mark.django_db
def test_a_reader_goes_on_where_it_stopped():
    for number in "ABC":
        happen(number)

    first = services.read_events(after=0, limit=2)
    then = services.read_events(after=first[-1].seq, limit=2)
    nothing = services.read_events(after=then[-1].seq, limit=2)

    assert [(e.seq, e.number) for e in first] == [(1, "A"), (2, "B")]
    assert [(e.seq, e.number) for e in then] == [(3, "C")]
    assert nothing == []


@pytest.mark.django_db(transaction=True)
def test_who_commits_first_comes_first_whoever_began_first():
    early, late = Hand(), Hand()
    early.does(lambda: happen("began first"))
    late.does(lambda: happen("committed first"))

    late.ends()
    seen = told()
    early.ends()

    assert seen == [(1, "committed first")]
    assert told() == [(1, "committed first"), (2, "began first")]


@pytest.mark.django_db(transaction=True)
def test_what_follows_from_a_commit_comes_after_it_though_its_transaction_is_older():
    older, younger, bystander = Hand(), Hand(), Hand()
    older.does(lambda: connection.cursor().execute("SELECT pg_current_xact_id()"))
    bystander.does(lambda: connection.cursor().execute("SELECT pg_current_xact_id()"))
    younger.does(lambda: happen("cause"))
    younger.ends()
    older.does(lambda: happen("effect"))
    older.ends()

    assert told() == [(1, "cause"), (2, "effect")]
    bystander.ends()


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_stays_open_holds_up_nobody_and_is_not_lost():
    dawdler = Hand()
    dawdler.does(lambda: happen("dawdled"))
    for number in "AB":
        happen(number)
        assert told()[-1][1] == number

    dawdler.ends()

    assert told() == [(1, "A"), (2, "B"), (3, "dawdled")]


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_did_not_happen_and_leaves_no_gap():
    happen("A")
    undone = Hand()
    undone.does(lambda: happen("undone"))
    happen("B")
    undone.ends("rollback")
    happen("C")

    assert told() == [(1, "A"), (2, "B"), (3, "C")]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_reader_among_writers_misses_nothing_and_no_place_is_filled_later():
    seen, is_over = [], threading.Event()

    def write(writer):
        for n in range(EACH):
            with transaction.atomic():
                happen(f"{writer}-{n}")
                happen(f"{writer}-{n}b")
                if n % 5 == 4:
                    transaction.set_rollback(True)

    def read():
        """Read on and on; what it has seen never changes behind its back."""
        while True:
            was_over = is_over.is_set()
            after = seen[-1][0] if seen else 0
            fresh = services.read_events(after=after, limit=7)
            seen.extend((e.seq, e.number) for e in fresh)
            if was_over and not fresh and not unnumbered():
                return

    reader = threading.Thread(target=lambda: (read(), connections.close_all()))
    reader.start()
    problems = at_once([lambda w=w: write(w) for w in range(WRITERS)] + [told] * 2)
    is_over.set()
    reader.join(60)

    kept = WRITERS * EACH * 4 // 5 * 2
    assert not [p for p in problems if isinstance(p, Exception)]
    assert [place for place, _ in seen] == list(range(1, kept + 1))
    assert seen == told()
    for writer in range(WRITERS):
        own = [number for _, number in seen if number.startswith(f"{writer}-")]
        assert own == [f"{writer}-{n}{b}" for n in range(EACH) if n % 5 != 4 for b in ("", "b")]


@pytest.mark.django_db(transaction=True)
def test_while_somebody_is_numbering_others_read_what_there_is():
    numbered("A")
    happen("B")
    numbering = Hand()
    numbering.does(services.number_events)

    meanwhile = told()
    numbering.ends()

    assert meanwhile == [(1, "A")]
    assert told() == [(1, "A"), (2, "B")]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        lambda rows: rows.update(payload={"forged": True}),
        lambda rows: rows.update(seq=F("seq") + 1),
        lambda rows: rows.update(seq=None),
        lambda rows: rows.update(created_at=clock.now()),
        lambda rows: rows.delete(),
        lambda rows: rows.create(seq=7, kind="lamp.lit", created_at=clock.now()),
    ],
)
def test_the_database_refuses_to_change_a_fact_or_to_number_it_twice(change):
    event = numbered()

    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        change(Event.objects.filter(pk=event.pk))

    assert refused.value.__cause__.diag.constraint_name == "an_event_is_a_fact"
    event.refresh_from_db()
    assert (event.seq, event.payload, Event.objects.count()) == (1, {}, 1)


@pytest.mark.django_db
def test_old_events_are_forgotten_but_for_the_last_so_that_counting_goes_on():
    with time_machine.travel(clock.now() - timedelta(days=92), tick=False):
        for number in "ABC":
            numbered(number)

    forgotten = services.forget_events(at=clock.now())
    numbered("D")

    assert forgotten == 2
    assert told() == [(3, "C"), (4, "D")]


@pytest.mark.django_db
def test_young_events_are_kept():
    with time_machine.travel(clock.now() - timedelta(days=89), tick=False):
        numbered("A")
    numbered("B")

    assert services.forget_events(at=clock.now()) == 0
    assert told() == [(1, "A"), (2, "B")]


@pytest.mark.django_db
def test_old_events_are_forgotten_in_portions(monkeypatch):
    monkeypatch.setattr(FORGETTING, "FORGOTTEN_AT_ONCE", 2)
    with time_machine.travel(clock.now() - timedelta(days=92), tick=False):
        for number in "ABCDE":
            numbered(number)
    numbered("F")

    assert services.forget_events(at=clock.now()) == 5
    assert told() == [(6, "F")]
