"""Whatever is done to the trail past its guards is named, by verify_audit and by invariant 14."""

import re
import sys

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from audit.models import AuditEntry
from audit.services import Head, verify_trail
from mdv.kernel import clock
from mdv.ops.reconcile import check_invariants
from tests.audit.forgeries import FORGERIES
from tests.audit.sealing import (
    TRAIL,
    empty_trail,
    forge,
    forge_entry,
    in_sql,
    seal_all,
    seals,
    write,
)

pytestmark = pytest.mark.django_db(transaction=True)

NINE, TEXT = "9", "'forged'"
NUMBERS = {"object_id", "order_id", "actor_id", "content_type_id", "transaction_id", "remote_port"}
CHANGED = {
    "action": "2",
    "remote_addr": "'192.0.2.9'",
    "timestamp": "timestamp + interval '1 microsecond'",
    "serialized_data": "'{}'",
    "changes": "'{}'",
    "additional_data": '\'{"amount": "10.000"}\'',
}
verifier = sys.modules["audit.services.verify_trail"]


def head_of(seal):
    return f"{seal.seq}:{bytes(seal.mac).hex()}"


def test_what_was_not_touched_is_as_it_was_written(sealed, verify):
    write(2)

    code, lines = verify()

    head = head_of(seals()[-1])
    assert (code, lines) == (
        0,
        ["The trail is as it was written: 10 entries sealed, 2 waiting.", f"Head: {head}"],
    )
    assert in_sql() == []
    assert verify("--head", head)[0] == 0


def test_a_shop_where_nothing_was_sealed_yet_is_well(transactional_db, verify):
    empty_trail()
    write(1)

    assert verify() == (0, ["The trail is as it was written: 0 entries sealed, 1 waiting."])
    assert in_sql() == []


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES)
def test_a_forgery_is_named(forgery, sealed, verify):
    forge(*(statement.format(e=sealed) for statement in forgery.by))

    code, lines = verify()

    new = AuditEntry.objects.latest().pk
    assert code == 1
    assert lines[0] == forgery.named.format(e=sealed, new=new)
    found = in_sql()
    if forgery.in_sql:
        assert forgery.in_sql.format(e=sealed, new=new) in found
    else:
        assert found == []


def test_no_column_of_an_entry_can_be_changed_unseen(transactional_db, monkeypatch):
    empty_trail()
    columns = [one.column for one in AuditEntry._meta.concrete_fields if not one.primary_key]
    entries = write(len(columns))
    seal_all()
    for entry, column in zip(entries, columns, strict=True):
        forge_entry(entry, f"{column} = {CHANGED.get(column, NINE if column in NUMBERS else TEXT)}")
    monkeypatch.setattr(verifier, "PROBLEMS_NAMED", len(columns))

    verdict = verify_trail()

    assert [str(problem) for problem in verdict.problems] == [
        f"entry {entry}: changed since it was sealed as {seq}"
        for seq, entry in enumerate(entries, 1)
    ]
    (outcome,) = check_invariants(numbers=[TRAIL])
    assert outcome.count == len(columns)


def test_what_stands_in_one_column_is_not_taken_for_another(sealed, verify):
    forge_entry(sealed[4], "command = 'a', cid = 'bc'")
    forge_entry(sealed[5], "reason = '', user_agent = 'x'")
    empty_seals()
    seal_all()
    forge_entry(sealed[4], "command = 'ab', cid = 'c'")
    forge_entry(sealed[5], "reason = 'x', user_agent = ''")

    _, lines = verify()

    assert lines == [
        f"entry {sealed[4]}: changed since it was sealed as 5",
        f"entry {sealed[5]}: changed since it was sealed as 6",
    ]


def empty_seals():
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE audit_auditseal")


def test_the_digest_does_not_depend_on_the_session(sealed, verify):
    with connection.cursor() as cursor:
        cursor.execute(
            "SET timezone = 'Africa/Lagos'; SET bytea_output = 'escape'; SET extra_float_digits = 0"
        )
    try:
        assert verify()[0] == 0
        assert in_sql() == []
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET timezone; RESET bytea_output; RESET extra_float_digits")


class TestTheEnd:
    """A chain that was cut off is whole; only who noted its head elsewhere can tell."""

    def test_cut_off_with_its_entries_it_is_seen_by_the_head(self, sealed, verify):
        noted = head_of(seals()[8])
        forge(
            "DELETE FROM audit_auditentry WHERE id IN "
            "(SELECT entry_id FROM audit_auditseal WHERE seq > 7)",
            "DELETE FROM audit_auditseal WHERE seq > 7",
        )

        assert verify()[0] == 0
        assert in_sql() == []

        assert verify("--head", noted) == (
            1,
            ["seal 9: noted outside and not there: the end was cut off"],
        )

    def test_written_anew_it_is_seen_by_the_head(self, sealed, verify):
        noted = head_of(seals()[8])
        forge_entry(sealed[7], "reason = 'forged'")
        forge("DELETE FROM audit_auditseal WHERE seq > 7")
        seal_all()

        assert verify()[0] == 0

        assert verify("--head", noted) == (
            1,
            ["seal 9: not the one that was noted: the chain was written anew"],
        )

    @pytest.mark.parametrize("head", ["9", "9:abc", "0:" + "a" * 64, ":" + "a" * 64])
    def test_what_is_no_head_is_refused(self, head, verify):
        with pytest.raises((CommandError, SystemExit)) as refusal:
            call_command("verify_audit", f"--head={head}")

        assert "a head looks like" in str(refusal.value)


def test_of_many_problems_the_first_are_named_and_the_others_counted(transactional_db, verify):
    empty_trail()
    sealed = write(25)
    seal_all()
    forge("UPDATE audit_auditentry SET reason = 'forged'")

    code, lines = verify()

    assert code == 1
    assert lines[0] == f"entry {sealed[0]}: changed since it was sealed as 1"
    assert len(lines) == 21
    assert lines[-1] == "and 5 more"


def test_a_chain_longer_than_what_is_read_at_once_is_walked_to_its_end(sealed, monkeypatch):
    monkeypatch.setattr(verifier, "ROWS_AT_ONCE", 3)
    forge_entry(sealed[9], "reason = 'forged'")

    verdict = verify_trail()

    assert verdict.sealed == 10
    assert [str(problem) for problem in verdict.problems] == [
        f"entry {sealed[9]}: changed since it was sealed as 10"
    ]
    assert verdict.head == Head(10, bytes(seals()[-1].mac).hex())


def test_an_entry_that_waits_for_long_is_amber(sealed):
    (ageing,) = check_invariants(numbers=[15])
    assert ageing.holds
    (waiting,) = write(1)
    forge_entry(waiting, "timestamp = timestamp - interval '11 minutes'")

    (ageing,) = check_invariants(numbers=[15], at=clock.now())

    assert not ageing.holds
    assert not ageing.is_red
    assert ageing.rows[0].what == f"entry {waiting}"
    assert re.fullmatch(r"not sealed since \d{4}-\d\d-\d\d \d\d:\d\d UTC", ageing.rows[0].problem)

    seal_all()
    (ageing,) = check_invariants(numbers=[15])
    assert ageing.holds
