"""What somebody would do to the trail by hand, past its guards."""

from dataclasses import dataclass

from audit.digest import DIGEST

AN_ENTRY_ABOUT_A_ROW = """
    INSERT INTO audit_auditentry (event, action, outcome, object_pk, object_repr, changes_text,
        timestamp, actor_kind, actor_role, source, cid, user_agent, command, reason)
    VALUES ('changed', 1, 'ok', '1', '', '', now(), 'user', '', 'api', '', '', '', '')
"""

# In braces: the ids of the entries that were sealed.
A_COPY_OF_AN_ENTRY = """
    INSERT INTO audit_auditentry (id, transaction_id, event, action, outcome, object_pk,
        object_repr, changes_text, timestamp, actor_kind, actor_role, source, cid, user_agent,
        command, reason)
    SELECT -1, transaction_id, event, action, outcome, object_pk, object_repr, changes_text,
        timestamp, actor_kind, actor_role, source, cid, user_agent, command, reason
    FROM audit_auditentry WHERE id = {e[4]}
"""
A_SEAL_WITHOUT_THE_KEY = """
    INSERT INTO audit_auditseal (seq, entry_id, transaction_id, server, digest, previous, mac,
        key_id, sealed_at)
    SELECT 11, (SELECT max(id) FROM audit_auditentry), transaction_id, server, digest, mac,
        sha256(mac), key_id, sealed_at
    FROM audit_auditseal WHERE seq = 10
"""


@dataclass(frozen=True, kw_only=True)
class Forgery:
    """What is done to ten sealed entries; what is named first, and what SQL says of it."""

    by: tuple[str, ...]
    named: str
    in_sql: str = ""  # empty: without the key nobody can see it


FORGERIES = {
    "a figure of an entry was changed": Forgery(
        by=(
            (
                'UPDATE audit_auditentry SET additional_data = \'{{"amount": "1.00"}}\' '
                "WHERE id = {e[4]}"
            ),
        ),
        named="entry {e[4]}: changed since it was sealed as 5",
        in_sql="seal 5 of entry {e[4]}: the entry was changed since",
    ),
    "an entry was taken away": Forgery(
        by=("DELETE FROM audit_auditentry WHERE id = {e[4]}",),
        named="entry {e[4]}: missing; it was sealed as 5",
        in_sql="seal 5 of entry {e[4]}: the entry is missing",
    ),
    "an entry was taken away with its seal": Forgery(
        by=(
            "DELETE FROM audit_auditentry WHERE id = {e[4]}",
            "DELETE FROM audit_auditseal WHERE seq = 5",
        ),
        named="seal 5: missing",
        in_sql="seal 6 of entry {e[5]}: follows seal 4",
    ),
    "several were, with theirs": Forgery(
        by=(
            "DELETE FROM audit_auditentry WHERE id BETWEEN {e[2]} AND {e[4]}",
            "DELETE FROM audit_auditseal WHERE seq BETWEEN 3 AND 5",
        ),
        named="seal 3 to 5: missing",
        in_sql="seal 6 of entry {e[5]}: follows seal 2",
    ),
    "the first was, with its seal": Forgery(
        by=(
            "DELETE FROM audit_auditentry WHERE id = {e[0]}",
            "DELETE FROM audit_auditseal WHERE seq = 1",
        ),
        named="seal 1: missing",
        in_sql="seal 2 of entry {e[1]}: follows seal 0",
    ),
    "an entry was changed and its digest too": Forgery(
        by=(
            "UPDATE audit_auditentry SET actor_id = 1 WHERE id = {e[4]}",
            (
                f"UPDATE audit_auditseal SET digest = (SELECT {DIGEST} "  # noqa: S608
                "FROM audit_auditentry AS entry WHERE entry.id = entry_id) WHERE seq = 5"
            ),
        ),
        named="seal 5 of entry {e[4]}: its code is wrong: the seal was changed or forged",
    ),
    "a seal says another moment": Forgery(
        by=("UPDATE audit_auditseal SET sealed_at = sealed_at - interval '1 day' WHERE seq = 5",),
        named="seal 5 of entry {e[4]}: its code is wrong: the seal was changed or forged",
    ),
    "a seal has another code, and so its follower": Forgery(
        by=(
            "UPDATE audit_auditseal SET mac = digest WHERE seq = 5",
            (
                "UPDATE audit_auditseal SET previous = (SELECT digest FROM audit_auditseal "
                "WHERE seq = 5) WHERE seq = 6"
            ),
        ),
        named="seal 5 of entry {e[4]}: its code is wrong: the seal was changed or forged",
    ),
    "the end of the chain was put on without the key": Forgery(
        by=(AN_ENTRY_ABOUT_A_ROW, A_SEAL_WITHOUT_THE_KEY),
        named="seal 11 of entry {new}: its code is wrong: the seal was changed or forged",
        in_sql="seal 11 of entry {new}: the entry was changed since",
    ),
    "two seals changed places": Forgery(
        by=(
            "UPDATE audit_auditseal SET seq = -5 WHERE seq = 5",
            "UPDATE audit_auditseal SET seq = 5 WHERE seq = 6",
            "UPDATE audit_auditseal SET seq = 6 WHERE seq = -5",
        ),
        named="seal 5 of entry {e[5]}: it does not follow the one before: "
        "the chain is forked or was written anew",
        in_sql="seal 5 of entry {e[5]}: not linked to the seal before it",
    ),
    "an entry was written afterwards, as if it were old": Forgery(
        by=(A_COPY_OF_AN_ENTRY,),
        named="entry -1: inserted afterwards: later ones were sealed before it",
        in_sql="entry -1: inserted afterwards: later ones were sealed before it",
    ),
    "a seal was taken away and the rest counted anew": Forgery(
        by=(
            "DELETE FROM audit_auditseal WHERE seq = 5",
            *(
                f"UPDATE audit_auditseal SET seq = {seq - 1} WHERE seq = {seq}"  # noqa: S608
                for seq in range(6, 11)
            ),
        ),
        named="seal 5 of entry {e[5]}: it does not follow the one before: "
        "the chain is forked or was written anew",
        in_sql="entry {e[4]}: inserted afterwards: later ones were sealed before it",
    ),
}
