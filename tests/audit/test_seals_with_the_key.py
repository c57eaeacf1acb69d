"""Who has the key can make seals: what order, numbers and keys say is still seen."""

import pytest
from django.db import connection

from audit import seal
from audit.models import AuditSeal
from tests.audit.sealing import forge, in_sql, seal_all, seals, write

pytestmark = pytest.mark.django_db(transaction=True)

NEW_KEY = "the-new-key-0123456789-abcdefghijk"


class TestWithTheKey:
    """Who has the key can make seals, and what order and numbers say is still seen."""

    @pytest.fixture
    def write_anew(self, sealed):
        """Write the chain anew with its entries in another order; past the unique index."""

        def anew(order):
            links = [seals()[index] for index in order]
            with connection.cursor() as cursor:
                cursor.execute("TRUNCATE audit_auditseal")
                cursor.execute(
                    "ALTER TABLE audit_auditseal DROP CONSTRAINT audit_auditseal_entry_id_key"
                )
            previous = seal.NO_SEAL
            ((key_id, key),) = seal.keys_by_id().items()
            for seq, link in enumerate(links, 1):
                link.seq, link.previous, link.key_id = seq, previous, key_id
                link.mac = previous = seal.seal_code(
                    key,
                    previous=previous,
                    seq=seq,
                    digest=bytes(link.digest),
                    place=seal.Place(
                        server=link.server,
                        transaction_id=link.transaction_id,
                        entry_id=link.entry_id,
                    ),
                    at_us=seal.microseconds(link.sealed_at),
                )
            AuditSeal.objects.bulk_create(links)

        yield anew
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE audit_auditseal")
            cursor.execute(
                "ALTER TABLE audit_auditseal ADD CONSTRAINT audit_auditseal_entry_id_key "
                "UNIQUE (entry_id)"
            )

    def test_in_the_same_order_nothing_is_wrong(self, write_anew, verify):
        write_anew(range(10))

        assert verify()[0] == 0
        assert in_sql() == []

    def test_entries_in_another_order(self, write_anew, sealed, verify):
        write_anew([0, 2, 1, *range(3, 10)])

        code, lines = verify()

        assert (code, lines) == (
            1,
            [
                (
                    f"seal 3 of entry {sealed[1]}: reordered: it was written before the one "
                    "that was sealed before it"
                )
            ],
        )
        assert in_sql() == [f"seal 3 of entry {sealed[1]}: out of order or sealed twice"]

    def test_an_entry_sealed_twice(self, write_anew, sealed, verify):
        write_anew([*range(10), 3])

        code, lines = verify()

        assert (code, lines) == (
            1,
            [f"seal 11 of entry {sealed[3]}: the entry is sealed twice, first as 4"],
        )
        assert in_sql() == [f"seal 11 of entry {sealed[3]}: out of order or sealed twice"]

    def test_a_fork_is_seen_where_even_the_primary_key_was_dropped(self, sealed, verify):
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE audit_auditseal DROP CONSTRAINT audit_auditseal_pkey")
            cursor.execute(
                "ALTER TABLE audit_auditseal DROP CONSTRAINT audit_auditseal_entry_id_key"
            )
        try:
            forge("INSERT INTO audit_auditseal SELECT * FROM audit_auditseal WHERE seq = 5")
            code, lines = verify()
            found = in_sql()
        finally:
            with connection.cursor() as cursor:
                cursor.execute("TRUNCATE audit_auditseal")
                cursor.execute("ALTER TABLE audit_auditseal ADD PRIMARY KEY (seq)")
                cursor.execute("ALTER TABLE audit_auditseal ADD UNIQUE (entry_id)")

        assert code == 1
        assert lines[0].endswith("there are two of this number: the chain is forked")
        assert found == [f"seal 5 of entry {sealed[4]}: follows seal 5"]


class TestKeys:
    def test_a_new_key_seals_and_the_one_before_still_verifies(self, sealed, verify, settings):
        (old,) = settings.AUDIT_HMAC_KEYS
        settings.AUDIT_HMAC_KEYS = [NEW_KEY, old]
        write(2)
        seal_all()

        assert verify()[0] == 0
        assert {one.key_id for one in seals()[:10]} == {seal.id_of_key(old.encode())}
        assert {one.key_id for one in seals()[10:]} == {seal.id_of_key(NEW_KEY.encode())}

    def test_a_key_that_is_not_listed_is_named(self, sealed, verify, settings):
        (old,) = settings.AUDIT_HMAC_KEYS
        settings.AUDIT_HMAC_KEYS = [NEW_KEY]

        code, lines = verify()

        name = seal.id_of_key(old.encode())
        assert code == 1
        assert lines[0] == (
            f"seal 1 of entry {sealed[0]}: AUDIT_HMAC_KEY does not list its key {name}"
        )
        assert old not in "".join(lines)

    def test_no_older_key_seals_after_a_newer_one(self, sealed, verify, settings):
        (old,) = settings.AUDIT_HMAC_KEYS
        settings.AUDIT_HMAC_KEYS = [NEW_KEY, old]
        write(1)
        seal_all()
        settings.AUDIT_HMAC_KEYS = [old]
        (forged,) = write(1)
        seal_all()

        settings.AUDIT_HMAC_KEYS = [NEW_KEY, old]

        assert verify() == (
            1,
            [f"seal 12 of entry {forged}: sealed with an older key than the one before"],
        )
