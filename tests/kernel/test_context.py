"""The context belongs to one piece of work and ends with it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from asgiref.sync import async_to_sync, sync_to_async

from mdv.kernel import context
from mdv.kernel.context import GUEST, OUTSIDE, SYSTEM, Actor, Context

ADA = Actor(kind="user", id=7, label="ada@example.com")


def test_outside_of_any_work_the_system_acts_by_command():
    assert context.current() is OUTSIDE
    assert (OUTSIDE.source, OUTSIDE.actor) == ("command", SYSTEM)


def test_a_context_ends_with_its_block_even_when_that_fails():
    with pytest.raises(RuntimeError), context.use(Context(source="api")):
        raise RuntimeError

    assert context.current() is OUTSIDE


def test_an_actor_who_was_named_inside_ends_with_the_block_around():
    with context.use(Context(source="api", actor=GUEST, request_id="r")):
        context.set_actor(ADA)
        inside = context.current()

    assert (inside.actor, inside.request_id) == (ADA, "r")
    assert context.current().actor is SYSTEM


def test_without_a_block_around_nobody_is_named():
    context.set_actor(ADA)

    assert context.current() is OUTSIDE


def test_facts_are_refined_for_a_block():
    with context.use(Context(source="admin", actor=ADA)):
        with context.refined(reason="wrong size") as refined:
            assert context.current() is refined
        after = context.current()

    assert (refined.reason, refined.actor, refined.source) == ("wrong size", ADA, "admin")
    assert after.reason == ""


def test_each_context_has_facts_of_its_own():
    with context.use(Context(source="api")) as one:
        one.extra["seen"] = True

    assert Context(source="api").extra == {}


def test_a_thread_of_its_own_starts_without_a_context():
    with context.use(Context(source="api")), ThreadPoolExecutor(1) as threads:
        assert threads.submit(context.current).result() is OUTSIDE


def test_a_context_goes_along_into_coroutines_and_back_into_their_threads():
    async def seen():
        return await sync_to_async(context.current, thread_sensitive=False)()

    with context.use(Context(source="api", actor=ADA)) as used:
        assert async_to_sync(seen)() is used
