"""What of an entry is sealed, as SQL: one definition for sealing, verifying and reconciling.

The digest is SHA-256 over a JSON array of all columns in a fixed order. The columns that can name
a person come in as a digest of their own, so that they could be kept elsewhere, and erased, without
a seal of the rest losing its meaning. FORM changes whenever the arrays do: then each seal has to
say which form its digest has, and the one before stays here for the older ones.
"""

FORM = 1
PERSONAL = (
    "object_repr",
    "serialized_data",
    "changes_text",
    "changes",
    "remote_addr",
    "remote_port",
    "additional_data",
    "actor_email",
    "user_agent",
    "reason",
)
OTHERS = (
    "id",
    "transaction_id",
    "timestamp",
    "event",
    "action",
    "outcome",
    "content_type_id",
    "object_pk",
    "object_id",
    "order_id",
    "actor_id",
    "actor_kind",
    "actor_role",
    "source",
    "cid",
    "command",
)


def microseconds_of(column: str) -> str:
    """Return a moment as microseconds since 1970: as text it would depend on the session."""
    return f"(extract(epoch FROM {column}) * 1000000)::bigint"


WRITTEN_AS = {
    "timestamp": microseconds_of("entry.timestamp"),
    "remote_addr": "entry.remote_addr::text",
}


def _array(*elements: str) -> str:
    return f"sha256(convert_to(json_build_array({', '.join(elements)})::text, 'UTF8'))"


def _columns(names: tuple[str, ...]) -> list[str]:
    return [WRITTEN_AS.get(name, f"entry.{name}") for name in names]


# Of the row that is called `entry`.
DIGEST = _array(str(FORM), *_columns(OTHERS), f"encode({_array(*_columns(PERSONAL))}, 'hex')")

# Which PostgreSQL counts the transactions: a dump that is restored elsewhere meets another count.
SERVER = "(SELECT system_identifier FROM pg_control_system())"

# Entries that should have been sealed before the head was: `head` is the last seal, `entry` the
# entry. Of a head from another server nothing can be said.
PASSED_OVER = f"""
    FROM (SELECT * FROM audit_auditseal ORDER BY seq DESC LIMIT 1) AS head
    JOIN audit_auditentry AS entry
      ON (entry.transaction_id, entry.id) < (head.transaction_id, head.entry_id)
    LEFT JOIN audit_auditseal AS seal ON seal.entry_id = entry.id
    WHERE seal.seq IS NULL AND head.server = {SERVER}
"""  # noqa: S608  (constants)
