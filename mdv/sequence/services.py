"""Numbers without gaps: taken inside the transaction that uses them, and given back with it.

A PostgreSQL sequence would lose the number of every transaction that is rolled back.
"""

from django.db import connection, transaction

# One statement: it makes the row of a kind's first number or locks the one that is there, so that
# two who are the first are one after the other like everybody else.
TAKE = """
    INSERT INTO sequence_sequence (kind, last) VALUES (%s, 1)
    ON CONFLICT (kind) DO UPDATE SET last = sequence_sequence.last + 1
    RETURNING last
"""


def next_number(*, kind: str) -> int:
    """Take the next number of a kind, from 1 on, for the rest of the transaction.

    Everybody else who wants one of that kind waits until this transaction ends: take it last, after
    every other lock. If it is rolled back, the next one gets the same number.

    Raises:
        TransactionManagementError: outside of a transaction, where it would be taken for nothing.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("A number is taken inside a transaction.")
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [kind])
        (number,) = cursor.fetchone()
    return int(number)
