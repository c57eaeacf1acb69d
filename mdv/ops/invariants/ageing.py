"""What must not wait for long: amber, since the books are right and somebody has to look."""

from datetime import timedelta

from mdv.ops.invariants.invariant import Invariant, Level

REFUND_MAY_BE_IN_LIMBO_FOR = timedelta(hours=1)
EVENT_MAY_WAIT_FOR = timedelta(minutes=10)
ENTRY_MAY_WAIT_FOR = timedelta(minutes=10)


def _before(age: timedelta) -> str:
    """Return SQL of the moment that was `age` before the check."""
    seconds = int(age.total_seconds())
    return f"current_setting('mdv.books_at')::timestamptz - interval '{seconds} seconds'"


INVARIANTS = (
    Invariant(
        number=15,
        level=Level.AMBER,
        sentence=(
            "No refund is in limbo for an hour; no notice of a provider waits ten minutes, and no "
            "entry of the trail to be sealed."
        ),
        advice=(
            "Look the refund up at its provider by its button. Notices are applied and entries "
            "sealed by the worker: see whether it runs, which jobs failed, and whether a "
            "transaction stays open for long."
        ),
        query=f"""
            SELECT 'refund', id, number, format('%s since %s UTC', state, to_char(
                       asked_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'))
            FROM refunds_refund
            WHERE state IN ('processing', 'unknown')
              AND asked_at < {_before(REFUND_MAY_BE_IN_LIMBO_FOR)}
            UNION ALL
            SELECT 'event', p.order_id, format('%s %s', e.provider, e.kind),
                   format('%s: waits since %s UTC', coalesce(nullif(e.reference, ''), e.fact),
                          to_char(e.received_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'))
            FROM payments_gatewayevent e LEFT JOIN payments_payment p ON p.id = e.payment_id
            WHERE e.outcome = 'received'
              AND e.received_at < {_before(EVENT_MAY_WAIT_FOR)}
            UNION ALL
            SELECT 'entry', waiting.id, format('entry %s', waiting.id),
                   format('not sealed since %s UTC', to_char(
                       waiting.timestamp AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'))
            FROM (SELECT entry.id, entry.timestamp
                  FROM (SELECT * FROM audit_auditseal ORDER BY seq DESC LIMIT 1) AS head
                  JOIN audit_auditentry AS entry
                    ON (entry.transaction_id, entry.id) > (head.transaction_id, head.entry_id)
                  ORDER BY entry.transaction_id, entry.id LIMIT 1) AS waiting
            WHERE waiting.timestamp < {_before(ENTRY_MAY_WAIT_FOR)}""",  # noqa: S608 (constants)
    ),
)
