"""A database that takes questions and gives no answers is given up, and asked anew later."""

import time

import psycopg
import pytest
from django.db import OperationalError, connection, transaction

from mdv.http.problems import problem_for
from mdv.ops.hung_database import PATIENCE_S, give_up_after
from mdv.settings import STATEMENT_TIMEOUT_MS

pytestmark = pytest.mark.django_db(transaction=True)

SLOW = "SELECT pg_sleep(4)"


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(psycopg.Connection, "wait", psycopg.Connection.wait)
    give_up_after(0.5)


def ask(question):
    with connection.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchone()[0]


def test_whoever_is_well_has_cancelled_before():
    assert PATIENCE_S * 1000 > STATEMENT_TIMEOUT_MS + 2_000


@pytest.mark.parametrize("in_transaction", [False, True])
def test_a_question_without_an_answer_is_a_503_and_the_next_one_is_asked_anew(
    impatient, in_transaction
):
    started = time.monotonic()
    ask_it = transaction.atomic(ask) if in_transaction else ask
    with pytest.raises(OperationalError) as caught:
        ask_it(SLOW)

    assert time.monotonic() - started < 2
    assert problem_for(caught.value).status == 503
    connection.close_if_unusable_or_obsolete()
    assert ask("SELECT 7") == 7


def test_answers_that_come_in_time_are_taken(impatient):
    assert [ask("SELECT 1 FROM pg_sleep(0.2)") for _ in range(4)] == [1] * 4
