import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

import mdv.kernel.triggers


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("audit", "0002_capture")]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name='address',
            trigger=pgtrigger.compiler.Trigger(name='writes_the_trail', sql=mdv.kernel.triggers.SharedFunctionSql(execute='audit_capture(\'{"app": "accounts", "model": "address", "pk": "id", "label": "label", "masked": [], "excluded": [], "order": ""}\')', func='-- the function is shared', hash='2667d1fb2dd177d21a2a291b5f4416b495c5901e', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_writes_the_trail_4f773', table='accounts_address', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='apitoken',
            trigger=pgtrigger.compiler.Trigger(name='writes_the_trail', sql=mdv.kernel.triggers.SharedFunctionSql(execute='audit_capture(\'{"app": "accounts", "model": "apitoken", "pk": "public_id", "label": "name", "masked": ["digest", "token_key"], "excluded": ["last_used_at", "last_address", "last_device"], "order": ""}\')', func='-- the function is shared', hash='4e15e07023919c6afff894f9a0f2d84a597080b0', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_writes_the_trail_fe2e5', table='accounts_apitoken', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='rolegrant',
            trigger=pgtrigger.compiler.Trigger(name='writes_the_trail', sql=mdv.kernel.triggers.SharedFunctionSql(execute='audit_capture(\'{"app": "accounts", "model": "rolegrant", "pk": "id", "label": "id", "masked": [], "excluded": [], "order": ""}\')', func='-- the function is shared', hash='e28c1d031a2f37bb9fe55f15c897b21e89419fce', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_writes_the_trail_e9160', table='accounts_rolegrant', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='user',
            trigger=pgtrigger.compiler.Trigger(name='writes_the_trail', sql=mdv.kernel.triggers.SharedFunctionSql(execute='audit_capture(\'{"app": "accounts", "model": "user", "pk": "id", "label": "email", "masked": ["password"], "excluded": ["last_login"], "order": ""}\')', func='-- the function is shared', hash='9cbe13781d045b8aae24807cc06260114c2cad01', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_writes_the_trail_b4630', table='accounts_user', when='AFTER')),
        ),
    ]
