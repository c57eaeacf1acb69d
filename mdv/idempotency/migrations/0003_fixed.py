# What was stored before had keys and access tokens in clear. It is forgotten: the keys are short-lived.

import mdv.kernel.triggers
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('idempotency', '0002_two_steps'),
    ]

    operations = [
        migrations.RunSQL("DELETE FROM idempotency_idempotencykey", migrations.RunSQL.noop),
        pgtrigger.migrations.AddTrigger(
            model_name='idempotencykey',
            trigger=pgtrigger.compiler.Trigger(name='idempotency_claim_is_fixed', sql=mdv.kernel.triggers.TriggerSql(func="\n            IF TG_OP = 'DELETE' OR (OLD.principal, OLD.route, OLD.key, OLD.digest, OLD.actor_id, OLD.request_id, OLD.created_at) IS DISTINCT FROM (NEW.principal, NEW.route, NEW.key, NEW.digest, NEW.actor_id, NEW.request_id, NEW.created_at) THEN\n                RAISE EXCEPTION 'a row of % is as it is for good', TG_TABLE_NAME\n                USING ERRCODE = '23514', CONSTRAINT = 'idempotency_claim_is_fixed';\n            END IF;\n            RETURN NEW;\n        ", hash='3a176947becd75799c7bfbbc70b75f5337a2b1ec', operation='UPDATE OF "principal", "route", "key", "digest", "actor_id", "request_id", "created_at"', pgid='pgtrigger_idempotency_claim_is_fixed_441f4', table='idempotency_idempotencykey', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='idempotencykey',
            trigger=pgtrigger.compiler.Trigger(name='idempotency_answer_is_given_once', sql=mdv.kernel.triggers.TriggerSql(condition='WHEN (OLD."status" IS NOT NULL)', func="\n            IF TG_OP = 'DELETE' OR (OLD.status, OLD.location, OLD.body) IS DISTINCT FROM (NEW.status, NEW.location, NEW.body) THEN\n                RAISE EXCEPTION 'a row of % is as it is for good', TG_TABLE_NAME\n                USING ERRCODE = '23514', CONSTRAINT = 'idempotency_answer_is_given_once';\n            END IF;\n            RETURN NEW;\n        ", hash='361eadbaac3b5147b9b92674ff36ebcbcfda4c02', operation='UPDATE OF "status", "location", "body"', pgid='pgtrigger_idempotency_answer_is_given_once_5a81f', table='idempotency_idempotencykey', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='idempotencykey',
            trigger=pgtrigger.compiler.Trigger(name='idempotency_key_is_kept', sql=mdv.kernel.triggers.TriggerSql(func="\n        IF OLD.created_at > now() - interval '7 days' THEN\n            RAISE EXCEPTION 'an idempotency key is kept for 7 days'\n            USING ERRCODE = '23514', CONSTRAINT = 'idempotency_key_is_kept';\n        END IF;\n        RETURN OLD;\n    ", hash='4ae53513616112251b4a9aab7a771d4be14a115c', operation='DELETE', pgid='pgtrigger_idempotency_key_is_kept_7fe38', table='idempotency_idempotencykey', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='idempotencykey',
            trigger=pgtrigger.compiler.Trigger(name='refuses_truncate', sql=mdv.kernel.triggers.TriggerSql(func="\n        RAISE EXCEPTION 'table % is never truncated', TG_TABLE_NAME\n        USING ERRCODE = '23514', CONSTRAINT = TG_TABLE_NAME || '_refuses_truncate';\n    ", hash='8afbd9b04c52d975a8009deee69fde4a6896e3c9', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_refuses_truncate_f2879', table='idempotency_idempotencykey', when='BEFORE')),
        ),
    ]
