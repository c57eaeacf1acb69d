"""On a database as `migrate` leaves it for two roles: what neither of them can do to the trail."""

import os
from urllib.parse import quote

import psycopg
import pytest
from psycopg import sql

from audit.registry import TRACKED
from tests.architecture.test_trail import MODELS
from tests.audit.forgeries import AN_ENTRY_ABOUT_A_ROW
from tests.ops.databases import database, manage, name_of
from tests.ops.production import variables

PASSWORD = "it's: a/secret"  # what breaks statements and addresses that are not careful
FACTS = ("audit_auditentry", "audit_auditseal", "stock_stockmovement")
GUARDED = sorted({MODELS[label]._meta.db_table for label in TRACKED} | set(FACTS))


class Shop:
    """A migrated database, its owner, and the role that the shop works as."""

    def __init__(self, url):
        self.admin_url = url
        self.owner = f"owner_{os.getpid()}"
        self.role = f"shop_{os.getpid()}"

    def url_of(self, role):
        return self.admin_url.replace("postgres@", f"{role}:{quote(PASSWORD, safe='')}@", 1)

    def migrate(self, **variables):
        addresses = {
            "DATABASE_URL": self.url_of(self.role),
            "MIGRATE_DATABASE_URL": self.url_of(self.owner),
        }
        return manage("migrate", "--verbosity=0", **{**addresses, **variables})

    def as_admin(self, *statements):
        with psycopg.connect(self.admin_url, autocommit=True) as session:
            for statement in statements:
                session.execute(statement)

    def as_role(self, *statements):
        with psycopg.connect(self.url_of(self.role)) as session:
            for statement in statements:
                cursor = session.execute(statement)
            return cursor.fetchall() if cursor.description else cursor.rowcount


@pytest.fixture(scope="module")
def shop():
    with database("two_roles") as url:
        shop = Shop(url)
        shop.as_admin(
            # CREATEROLE, so that it can make the other one.
            sql.SQL("CREATE ROLE {} LOGIN CREATEROLE PASSWORD {}").format(
                sql.Identifier(shop.owner), sql.Literal(PASSWORD)
            ),
            f"ALTER DATABASE {name_of(url)} OWNER TO {shop.owner}",
        )
        migrated = shop.migrate()
        assert migrated.returncode == 0, migrated.stderr
        yield shop


# Other databases of this server may hold the horizon up.
SEAL_ALL = """
import time
from audit.models import AuditEntry
from audit.services import seal_entries
for _ in range(6000):
    if not AuditEntry.objects.filter(seal=None).exists():
        break
    seal_entries() or time.sleep(0.05)
"""
FORGERIES = [
    "UPDATE audit_auditentry SET reason = 'x'",
    "DELETE FROM audit_auditentry",
    "TRUNCATE audit_auditentry",
    "UPDATE audit_auditseal SET key_id = 'x'",
    "DELETE FROM audit_auditseal",
    "TRUNCATE audit_auditseal",
    "ALTER TABLE audit_auditseal DISABLE TRIGGER ALL",
    "TRUNCATE stock_stockitem CASCADE",
    "UPDATE stock_stockmovement SET reason = 'x'",
    "DELETE FROM stock_stockmovement",
    "ALTER TABLE audit_auditentry ADD COLUMN x int",
    "ALTER TABLE audit_auditentry DISABLE TRIGGER ALL",
    "ALTER TABLE accounts_user DISABLE TRIGGER ALL",
    "ALTER TABLE audit_auditentry OWNER TO CURRENT_USER",
    "DROP TABLE audit_auditentry",
    "DROP FUNCTION audit_capture() CASCADE",
    "CREATE OR REPLACE FUNCTION audit_capture() RETURNS trigger LANGUAGE sql AS ''",
    "CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS 'SELECT now()'",
    "SET session_replication_role = replica",
    "SELECT set_config('session_replication_role', 'replica', false)",
    "SELECT audit_capture()",
    "CREATE RULE forget AS ON INSERT TO audit_auditentry DO INSTEAD NOTHING",
    "UPDATE django_migrations SET name = 'x'",
    "SELECT setval('audit_auditentry_id_seq', 1)",
]


@pytest.mark.parametrize("statement", FORGERIES)
def test_the_shops_own_role_is_refused_what_would_bend_the_trail(shop, statement):
    with pytest.raises(psycopg.Error) as refusal:
        shop.as_role(statement)

    assert isinstance(
        refusal.value,
        psycopg.errors.InsufficientPrivilege
        | psycopg.errors.FeatureNotSupported
        | psycopg.errors.WrongObjectType,
    ), refusal.value


def test_it_cannot_write_through_the_trails_own_function(shop):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        shop.as_role(
            "CREATE TEMPORARY TABLE fake (id bigint)",
            "CREATE TRIGGER forge AFTER INSERT ON fake FOR EACH ROW EXECUTE FUNCTION "
            'audit_capture(\'{"app": "orders", "model": "order", "pk": "id"}\')',
        )


def test_it_cannot_write_an_entry_about_a_row_from_a_trigger_of_its_own_either(shop):
    with pytest.raises(psycopg.errors.CheckViolation, match="only the trail's own triggers"):
        shop.as_role(
            "CREATE TEMPORARY TABLE fake (id bigint)",
            "CREATE FUNCTION pg_temp.forge() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN {AN_ENTRY_ABOUT_A_ROW}; RETURN NEW; END $$",
            "CREATE TRIGGER forge BEFORE INSERT ON fake FOR EACH ROW "
            "EXECUTE FUNCTION pg_temp.forge()",
            "INSERT INTO fake VALUES (1)",
        )


def test_what_it_changes_is_written_down_although_it_may_not_touch_what_was_written(shop):
    before = shop.as_role("SELECT count(*) FROM audit_auditentry")[0][0]

    shop.as_role("UPDATE store_storesettings SET tax_id = 'TIN-1'")

    assert shop.as_role("SELECT count(*) FROM audit_auditentry") == [(before + 1,)]


@pytest.mark.parametrize("table", GUARDED)
@pytest.mark.parametrize("door", ["", "SET mdv.allow_truncate = on"])
def test_not_even_the_owner_truncates_what_the_trail_follows(shop, table, door):
    with (
        psycopg.connect(shop.url_of(shop.owner)) as owner,
        pytest.raises(psycopg.errors.CheckViolation, match="is never truncated"),
    ):
        owner.execute(f"{door}; TRUNCATE {table} CASCADE")


def test_the_next_release_grants_again_and_takes_what_was_given_in_between(shop):
    shop.as_admin(
        f"GRANT ALL ON audit_auditentry, audit_auditseal, orders_order TO {shop.role}",
        "GRANT TRUNCATE ON stock_stockmovement TO PUBLIC",
    )

    again = shop.migrate()

    assert (again.returncode, again.stderr) == (0, "")
    rights = shop.as_role(
        "SELECT table_name, string_agg(privilege_type, ' ' ORDER BY privilege_type) "
        "FROM information_schema.table_privileges WHERE grantee = current_user "
        "AND table_name IN ('audit_auditentry', 'audit_auditseal', 'orders_order', "
        "'stock_stockmovement', 'django_migrations') GROUP BY 1 ORDER BY 1"
    )
    assert rights == [
        ("audit_auditentry", "INSERT SELECT"),
        ("audit_auditseal", "INSERT SELECT"),
        ("django_migrations", "SELECT"),
        ("orders_order", "DELETE INSERT SELECT UPDATE"),
        ("stock_stockmovement", "INSERT SELECT"),
    ]


def test_it_seals_what_it_wrote_and_cannot_make_a_fork(shop):
    url = shop.url_of(shop.role)

    sealed = manage("shell", "--no-imports", "-c", SEAL_ALL, DATABASE_URL=url)
    verified = manage("verify_audit", DATABASE_URL=url)

    assert (sealed.returncode, sealed.stderr) == (0, "")
    assert (verified.returncode, verified.stderr) == (0, "")
    assert ", 0 waiting." in verified.stdout
    assert shop.as_role("SELECT max(seq) - count(*) FROM audit_auditseal") == [(0,)]
    with pytest.raises(psycopg.errors.CheckViolation, match="does not follow the last one"):
        shop.as_role(
            "INSERT INTO audit_auditseal (seq, entry_id, transaction_id, server, digest, "
            "previous, mac, key_id, sealed_at) SELECT seq + 1, -1, transaction_id, server, "
            "digest, previous, mac, key_id, sealed_at "
            "FROM audit_auditseal ORDER BY seq DESC LIMIT 1"
        )


def test_the_books_can_be_checked_by_the_shops_own_role(shop):
    checked = manage("reconcile", DATABASE_URL=shop.url_of(shop.role))

    assert (checked.returncode, checked.stderr) == (0, "")


def test_a_check_warns_while_the_shop_works_as_a_role_that_owns_the_tables(shop, tmp_path):
    for role, is_warned in ((shop.role, False), (shop.owner, True), ("postgres", True)):
        url = shop.admin_url if role == "postgres" else shop.url_of(role)
        checked = manage("check", "--database=default", **variables(tmp_path, DATABASE_URL=url))
        assert ("mdv.W010" in checked.stderr) == is_warned, checked.stderr


def test_tables_that_the_shops_role_owns_are_not_migrated_by_another(shop):
    with database("owned_by_the_shop") as url:
        theirs = Shop(url)
        theirs.as_admin(f"ALTER DATABASE {name_of(url)} OWNER TO {shop.owner}")
        theirs.as_admin("CREATE TABLE old (id int)", f"ALTER TABLE old OWNER TO {shop.role}")

        refused = theirs.migrate()

    assert refused.returncode == 1
    assert f"REASSIGN OWNED BY {shop.role} TO {shop.owner};" in refused.stderr
