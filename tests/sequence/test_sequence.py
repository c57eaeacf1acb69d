"""Numbers without gaps: one row per kind, locked by who takes a number, given back if undone."""

import random

import pytest
from django.db import IntegrityError, connection, transaction

from mdv.sequence.models import Sequence
from mdv.sequence.services import next_number
from tests.threads import at_once

THREADS, TURNS = 8, 50
SHARE_ROLLED_BACK = 0.4


class Undone(Exception):
    """Somebody changes their mind after they took a number."""


def take(kind="test", *, is_kept=True):
    """Take a number in a transaction of its own, and keep it or not."""
    with transaction.atomic():
        number = next_number(kind=kind)
        if not is_kept:
            raise Undone
    return number


def take_and_undo(kind="test"):
    with pytest.raises(Undone):
        take(kind, is_kept=False)


@pytest.mark.django_db
class TestOneAfterTheOther:
    def test_numbers_start_at_one_and_each_kind_has_its_own(self):
        taken = [take("a"), take("a"), take("b"), take("a")]

        assert taken == [1, 2, 1, 3]
        assert dict(Sequence.objects.values_list("kind", "last")) == {"a": 3, "b": 1}

    def test_a_number_that_is_not_kept_is_the_next_ones(self):
        take()
        take_and_undo()
        take_and_undo()

        assert take() == 2

    def test_a_first_number_that_is_not_kept_leaves_nothing(self):
        take_and_undo()

        assert not Sequence.objects.exists()
        assert take() == 1

    @pytest.mark.parametrize("last", [0, 1, 3, 17])
    def test_the_database_refuses_to_skip_to_stay_and_to_go_back(self, last):
        take()

        with pytest.raises(IntegrityError, match="follow each other"), transaction.atomic():
            Sequence.objects.update(last=last)

        assert Sequence.objects.get().last == 1

    def test_the_database_refuses_to_forget_a_count_and_to_begin_in_the_middle(self):
        take()

        with pytest.raises(IntegrityError, match="follow each other"), transaction.atomic():
            Sequence.objects.all().delete()
        with pytest.raises(IntegrityError, match="follow each other"), transaction.atomic():
            Sequence.objects.create(kind="other", last=7)

        assert [(row.kind, row.last) for row in Sequence.objects.all()] == [("test", 1)]


@pytest.mark.django_db(transaction=True)
def test_no_number_is_taken_outside_of_a_transaction():
    with pytest.raises(transaction.TransactionManagementError):
        next_number(kind="test")

    assert not Sequence.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_with_forty_percent_rolling_back_the_numbers_kept_are_one_to_n():
    def take_turns(seed):
        chance = random.Random(seed)  # noqa: S311  (no secret)
        kept, undone = [], 0
        for _ in range(TURNS):
            try:
                kept.append(take(is_kept=chance.random() >= SHARE_ROLLED_BACK))
            except Undone:
                undone += 1
        return kept, undone

    results = at_once([lambda seed=seed: take_turns(seed) for seed in range(THREADS)])

    kept = sorted(number for numbers, _ in results for number in numbers)
    undone = sum(count for _, count in results)
    assert len(kept) + undone == THREADS * TURNS
    assert 0.35 < undone / (THREADS * TURNS) < 0.45
    assert kept == list(range(1, len(kept) + 1))
    assert Sequence.objects.get().last == len(kept)


@pytest.mark.django_db(transaction=True)
def test_of_many_who_are_the_first_of_a_kind_each_gets_a_number_and_none_fails():
    for turn in range(20):
        numbers = at_once([lambda turn=turn: take(f"kind {turn}")] * THREADS)

        assert sorted(numbers) == list(range(1, THREADS + 1))


@pytest.mark.django_db(transaction=True)
def test_one_statement_takes_a_number():
    with transaction.atomic():
        connection.force_debug_cursor = True
        connection.queries_log.clear()
        next_number(kind="test")
        statements = [query["sql"] for query in connection.queries]
        connection.force_debug_cursor = False

    assert len(statements) == 1
