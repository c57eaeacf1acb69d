"""The rows that migrations wrote: kept aside once, put back after a flush has taken them.

For the flush itself the guards against TRUNCATE do nothing in the tests' own database. They are
tried on a database that was only migrated, in tests/audit/test_own_role.py.

Django's own ``serialized_rollback`` saves them one by one, and so runs into every trigger.
"""

LET_FLUSHES_TRUNCATE = """
DO $$
DECLARE name text;
BEGIN
    FOR name IN SELECT proname FROM pg_proc WHERE proname LIKE 'pgtrigger_refuses_truncate%' LOOP
        EXECUTE format(
            'CREATE OR REPLACE FUNCTION %I() RETURNS trigger LANGUAGE plpgsql '
            'SET search_path = public, pg_temp AS $body$ BEGIN RETURN NULL; END $body$', name);
    END LOOP;
END $$
"""

KEEP_ASIDE = """
DO $$
DECLARE
    name text;
    is_filled boolean;
BEGIN
    IF to_regnamespace('made_by_migrations') IS NOT NULL THEN RETURN; END IF;
    CREATE SCHEMA made_by_migrations;
    FOR name IN
        SELECT tablename FROM pg_tables
        WHERE schemaname = 'public' AND tablename NOT IN ('audit_auditentry', 'django_migrations')
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %I)', name) INTO is_filled;
        IF is_filled THEN
            EXECUTE format('CREATE TABLE made_by_migrations.%1$I AS TABLE %1$I', name);
        END IF;
    END LOOP;
END $$
"""

# As a replica: no trigger fires, so the order of the tables and their facts do not matter.
PUT_BACK = """
DO $$
DECLARE name text;
BEGIN
    PERFORM set_config('session_replication_role', 'replica', true);
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'made_by_migrations' LOOP
        EXECUTE format(
            'INSERT INTO %1$I SELECT * FROM made_by_migrations.%1$I ON CONFLICT DO NOTHING', name);
    END LOOP;
END $$
"""
