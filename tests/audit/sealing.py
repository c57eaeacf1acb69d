"""Sealing in tests: until all is sealed, and past every guard."""

import time

from django.db import connection, transaction

from audit.models import AuditEntry, AuditSeal
from audit.services import record, seal_entries
from mdv.ops.reconcile import check_invariants

TRAIL = 14  # the invariant
# What other test processes have open holds up the horizon that all databases share.
PATIENCE_S = 300
POLL_S = 0.05


def empty_trail():
    """Begin without what the migrations wrote; the guards against it are off in tests."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE audit_auditentry, audit_auditseal")


def seal_all():
    """Seal until nothing waits; return the seals in the order of the chain."""
    deadline = time.monotonic() + PATIENCE_S
    while AuditEntry.objects.filter(seal=None).exists():
        assert time.monotonic() < deadline, "what was committed is not sealed"
        if not seal_entries():
            time.sleep(POLL_S)
    return seals()


def seals():
    return list(AuditSeal.objects.order_by("seq"))


def write(count):
    """Write so many entries, each in a transaction of its own; return their ids."""
    for number in range(count):
        record(f"event_{number}", label="ada@example.com", facts={"amount": "10.00"})
    return list(AuditEntry.objects.order_by("-id").values_list("id", flat=True)[:count])[::-1]


def forge(*statements):
    """Change rows as only an owner of the tables can: past every trigger."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement)
            assert cursor.rowcount, f"nothing was forged by: {statement}"


def forge_entry(entry_id, assignment):
    """Change one entry past every trigger."""
    forge(f"UPDATE audit_auditentry SET {assignment} WHERE id = {entry_id}")  # noqa: S608


def in_sql():
    """Return what the invariant finds."""
    (outcome,) = check_invariants(numbers=[TRAIL])
    return [f"{row.what}: {row.problem}" for row in outcome.rows]
