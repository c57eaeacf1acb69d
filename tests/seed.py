"""The rows that migrations wrote: kept aside once, put back after a flush has taken them.

Django's own ``serialized_rollback`` saves them one by one, and so runs into every trigger.
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
