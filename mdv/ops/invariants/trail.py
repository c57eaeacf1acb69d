"""What must always be true of the audit trail, as far as the database can tell.

Whether the seals are made with the shop's own key only `manage.py verify_audit` can tell.
"""

from audit.digest import DIGEST, PASSED_OVER
from mdv.ops.invariants.invariant import Invariant

INVARIANTS = (
    Invariant(
        number=14,
        sentence="Every entry of the audit trail is sealed once, in order, and is as it was then.",
        advice=(
            "Nothing is put right here: it would be forging the trail. Keep a copy of the database "
            "and the log as they are, run manage.py verify_audit --head with the last head that "
            "the log tells of (audit_sealed), compare the entry with a backup, and find out who "
            "could work as the owner of the tables."
        ),
        query=f"""
            SELECT 'entry', link.found, format('seal %s of entry %s', link.seq, link.entry_id),
                   CASE WHEN link.seq <> link.seq_before + 1
                        THEN format('follows seal %s', link.seq_before)
                        WHEN link.previous <> link.mac_before
                        THEN 'not linked to the seal before it'
                        WHEN link.found IS NULL THEN 'the entry is missing'
                        WHEN link.digest <> link.digest_now THEN 'the entry was changed since'
                        ELSE 'out of order or sealed twice' END
            FROM (SELECT seal.*, entry.id AS found, {DIGEST} AS digest_now
                  FROM (SELECT seq, entry_id, previous, digest,
                               lag(seq, 1, 0::bigint) OVER chain AS seq_before,
                               lag(mac, 1, decode(repeat('00', 32), 'hex')) OVER chain
                                   AS mac_before,
                               server = lag(server) OVER chain
                                   AND (transaction_id, entry_id)
                                       <= (lag(transaction_id) OVER chain, lag(entry_id) OVER chain)
                                   AS is_out_of_order
                        FROM audit_auditseal WINDOW chain AS (ORDER BY seq)) AS seal
                  LEFT JOIN audit_auditentry AS entry ON entry.id = seal.entry_id) AS link
            WHERE link.seq <> link.seq_before + 1 OR link.previous <> link.mac_before
               OR link.found IS NULL OR link.digest <> link.digest_now OR link.is_out_of_order
            UNION ALL
            SELECT 'entry', entry.id, format('entry %s', entry.id),
                   'inserted afterwards: later ones were sealed before it' {PASSED_OVER}""",  # noqa: S608 (constants)
    ),
)
