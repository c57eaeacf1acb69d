# The REVOKE: who may create a trigger with audit_capture() on a table of their own could write
# anything into the trail through it. Triggers that are there fire without that right.

import mdv.kernel.triggers
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0004_truncate_guard'),
    ]

    operations = [
        migrations.RunSQL(
            "REVOKE EXECUTE ON FUNCTION audit_capture() FROM PUBLIC",
            "GRANT EXECUTE ON FUNCTION audit_capture() TO PUBLIC",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='auditentry',
            trigger=pgtrigger.compiler.Trigger(name='changes_are_written_by_triggers', sql=mdv.kernel.triggers.TriggerSql(condition='WHEN (NOT (NEW."action" = 3))', func="\n        IF pg_trigger_depth() < 2 OR current_user <> (\n            SELECT pg_get_userbyid(proowner) FROM pg_proc\n            WHERE oid = 'public.audit_capture'::regproc\n        ) THEN\n            RAISE EXCEPTION 'only the trail''s own triggers write what happened to a row'\n            USING ERRCODE = '23514', CONSTRAINT = 'audit_changes_are_written_by_triggers';\n        END IF;\n        RETURN NEW;\n    ", hash='a56b87fc04d460cba3b4ec0a098023758646faad', operation='INSERT', pgid='pgtrigger_changes_are_written_by_triggers_d04d2', table='audit_auditentry', when='BEFORE')),
        ),
    ]
