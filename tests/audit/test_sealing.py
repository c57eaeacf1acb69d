"""Each committed entry gets one place in the chain, whoever seals and whatever goes wrong."""

import sys

import pytest
from django.db import DatabaseError, transaction
from procrastinate.contrib.django import app

from audit import seal, tasks
from audit.models import AuditEntry, AuditSeal
from audit.services import record, seal_entries, verify_trail
from mdv.accounts.models import User
from tests.audit.sealing import empty_trail, forge_entry, seal_all, seals, write
from tests.audit.test_append_only import refused_by
from tests.threads import at_once

# The function of the same name hides the module.
sealer = sys.modules["audit.services.seal_entries"]

pytestmark = pytest.mark.django_db(transaction=True)

LINK = (
    "INSERT INTO audit_auditseal (seq, entry_id, transaction_id, server, digest, previous, mac, "
    "key_id, sealed_at) SELECT seq + {step}, {entry}, transaction_id, server, digest, {previous}, "
    "sha256(mac), key_id, sealed_at FROM audit_auditseal ORDER BY seq DESC LIMIT 1"
)


@pytest.fixture(autouse=True)
def _empty_trail(transactional_db):
    empty_trail()


def is_whole():
    verdict = verify_trail()
    return not verdict.count and not verdict.waiting and verdict.sealed == len(seals())


def sealed_entries():
    return [one.entry_id for one in seals()]


def test_what_was_committed_is_sealed_once_in_its_order_and_linked():
    entries = write(3)

    chain = seal_all()

    assert [one.seq for one in chain] == [1, 2, 3]
    assert [one.entry_id for one in chain] == entries
    assert [bytes(one.previous) for one in chain] == [
        seal.NO_SEAL,
        bytes(chain[0].mac),
        bytes(chain[1].mac),
    ]
    assert is_whole()
    assert seal_entries() == 0
    assert seals() == chain


def test_what_was_rolled_back_leaves_no_hole():
    first, *_ = write(1)
    with transaction.atomic():
        record("rolled_back")
        transaction.set_rollback(True)
    with transaction.atomic():
        record("kept")
        with transaction.atomic():
            record("rolled_back_to_a_savepoint")
            transaction.set_rollback(True)
    kept = AuditEntry.objects.get(event="kept")

    seal_all()

    assert sealed_entries() == [first, kept.pk]
    assert kept.pk > first + 1
    assert is_whole()


def test_a_change_of_a_row_is_sealed_as_well():
    User.objects.create(email="eve@example.com")

    (one,) = seal_all()

    assert one.entry.event == "created"


def test_what_commits_late_is_sealed_in_its_place_and_what_came_after_waits_for_it(outside):
    user = User.objects.create(email="eve@example.com")
    before = sealed_entries_of(seal_all())
    outside.execute("BEGIN")
    outside.execute("UPDATE accounts_user SET name = 'Late'")
    (after,) = write(1)

    seal_entries()
    assert sealed_entries() == before

    outside.execute("COMMIT")
    seal_all()

    late = AuditEntry.objects.of(user).first()
    assert late.pk < after
    assert sealed_entries() == [*before, late.pk, after]
    assert is_whole()


def test_a_lower_number_drawn_by_a_later_transaction_comes_after(outside):
    """Numbers of entries are drawn without regard to who began first."""
    reserved = write(1)[0] + 1
    outside.execute("SELECT nextval('audit_auditentry_id_seq')")
    (earlier,) = write(1)
    seal_all()
    record("late")
    late = AuditEntry.objects.latest()
    forge_entry(late.pk, f"id = {reserved}")

    seal_all()

    assert sealed_entries()[-2:] == [earlier, reserved]
    assert is_whole()


def sealed_entries_of(chain):
    return [one.entry_id for one in chain]


class TestTwoSealers:
    def test_at_once_they_seal_each_entry_once(self, monkeypatch):
        monkeypatch.setattr(sealer, "SEALED_AT_ONCE", 5)
        entries = write(60)

        results = at_once([seal_entries] * 4)
        seal_all()

        assert all(isinstance(result, int) for result in results), results
        assert sealed_entries() == entries
        assert is_whole()

    def test_even_without_their_lock_the_chain_has_no_fork(self, monkeypatch):
        monkeypatch.setattr(sealer, "SEALED_AT_ONCE", 2)
        monkeypatch.setattr(sealer, "has_lock", lambda _cursor: True)
        entries = write(40)

        results = at_once([seal_entries] * 4)
        seal_all()

        assert all(isinstance(result, int | DatabaseError) for result in results), results
        assert sealed_entries() == entries
        assert is_whole()

    def test_the_second_goes_away_while_the_first_is_at_it(self, outside):
        write(1)
        outside.execute("BEGIN")
        outside.execute("SELECT pg_advisory_xact_lock(%s, %s)", sealer.LOCK)

        assert seal_entries() == 0

        outside.execute("ROLLBACK")
        assert len(seal_all()) == 1


def test_who_writes_the_trail_does_not_wait_for_the_sealer(outside):
    user = User.objects.create(email="eve@example.com")
    seal_all()
    write(1)
    outside.execute("SET lock_timeout = '5s'")

    with transaction.atomic():
        while not seal_entries():
            pass
        outside.execute("UPDATE accounts_user SET name = 'Meanwhile'")

    user.refresh_from_db()
    assert user.name == "Meanwhile"
    seal_all()
    assert is_whole()


def test_killed_between_batches_the_next_one_goes_on(monkeypatch):
    entries = write(6)
    monkeypatch.setattr(sealer, "SEALED_AT_ONCE", 2)
    append, batches = sealer.append, []

    def append_or_die(*seals, **of):
        append(*seals, **of)
        batches.append(seals)
        if len(batches) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(sealer, "append", append_or_die)
    with pytest.raises(KeyboardInterrupt):
        seal_all()
    assert sealed_entries() == entries[:2]

    seal_all()

    assert sealed_entries() == entries
    assert is_whole()


def test_each_batch_says_its_head_in_the_log(monkeypatch, caplog):
    monkeypatch.setattr(sealer, "SEALED_AT_ONCE", 2)
    write(3)

    chain = seal_all()

    said = [one.msg for one in caplog.records if one.name == "mdv.audit"]
    heads = {(one["seq"], one["mac"]) for one in said if one["event"] == "audit_sealed"}
    assert heads <= {(one.seq, one.mac.hex()) for one in chain}
    assert (3, bytes(chain[-1].mac).hex()) in heads
    assert sum(one["entries"] for one in said) == 3


def test_the_worker_does_it_every_few_seconds():
    crons = [
        task.cron
        for (name, _), task in app.periodic_registry.periodic_tasks.items()
        if name == "audit.seal"
    ]
    write(1)

    while not seals():
        tasks.seal()

    assert crons == ["* * * * * */5"]
    assert is_whole()


class TestTheDatabaseRefuses:
    @pytest.fixture(autouse=True)
    def _chain(self):
        write(3)
        seal_all()
        record("not_sealed")
        self.new = AuditEntry.objects.latest().pk

    @pytest.mark.parametrize(
        ("link", "constraint"),
        [
            ({"step": 2, "previous": "mac"}, "audit_seal_continues_the_chain"),
            ({"step": 1, "previous": "previous"}, "audit_seal_continues_the_chain"),
            ({"step": 1, "previous": "decode('', 'hex')"}, "audit_seal_continues_the_chain"),
            ({"step": 0, "previous": "previous"}, "audit_auditseal_pkey"),
            ({"step": -3, "previous": "mac"}, "audit_seal_continues_the_chain"),
        ],
    )
    def test_a_seal_that_does_not_follow_the_last_one(self, link, constraint):
        before = seals()

        assert refused_by(constraint, LINK.format(entry=self.new, **link))

        assert seals() == before

    def test_an_entry_that_is_sealed_a_second_time(self):
        sealed = seals()[0].entry_id

        assert refused_by(
            "audit_auditseal_entry_id_key", LINK.format(step=1, entry=sealed, previous="mac")
        )

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE audit_auditseal SET mac = digest",
            "UPDATE audit_auditseal SET seq = seq",
            "DELETE FROM audit_auditseal WHERE seq = 3",
        ],
    )
    def test_a_change_of_a_seal(self, statement):
        before = list(AuditSeal.objects.order_by("seq").values())

        assert refused_by("audit_auditseal_is_append_only", statement)

        assert list(AuditSeal.objects.order_by("seq").values()) == before


class TestOnAnotherServer:
    """A dump restored elsewhere meets a count of transactions that begins anew."""

    AHEAD = 1_000_000_000_000

    @pytest.fixture
    def restored(self, monkeypatch):
        """Two entries sealed and one not, by a server whose count is far ahead of this one's."""
        sealed = write(2)
        for entry in sealed:
            forge_entry(entry, f"transaction_id = transaction_id + {self.AHEAD}")
        with monkeypatch.context() as there:
            there.setattr(sealer, "SERVER", "1::bigint")
            there.setattr(sealer, "FINISHED", sealer.UNSEALED.format(transactions="true"))
            seal_entries()
        assert sealed_entries() == sealed
        (left,) = write(1)
        forge_entry(left, f"transaction_id = transaction_id + {self.AHEAD}")
        return [*sealed, left]

    def test_what_was_left_there_is_sealed_first_and_what_is_new_after_it(self, restored):
        new = write(2)

        seal_all()

        assert sealed_entries() == [*restored, *new]
        assert [one.server == 1 for one in seals()] == [True, True, True, False, False]
        assert is_whole()

    def test_with_nothing_new_it_goes_on_when_there_is(self, restored):
        seal_all()
        assert sealed_entries() == restored

        new = write(1)
        seal_all()

        assert sealed_entries() == [*restored, *new]
        assert is_whole()
