"""Calm limits to begin with; an admin sets the shop's own. Logistics and auditors give nothing."""

from decimal import Decimal

from django.db import migrations

# Role: per refund, per day, whether goodwill may be given.
POLICIES = {
    "admin": (Decimal("500000.00"), Decimal("2000000.00"), True),
    "supervisor": (Decimal("200000.00"), Decimal("1000000.00"), True),
    "operations": (Decimal("50000.00"), Decimal("200000.00"), False),
    "support": (Decimal("10000.00"), Decimal("50000.00"), False),
}


def write_policies(apps, schema_editor):
    policies = apps.get_model("refunds", "RefundPolicy")
    for role, (per_refund, per_day, may_goodwill) in POLICIES.items():
        policies.objects.create(
            role=role, max_per_refund=per_refund, max_per_day=per_day, may_goodwill=may_goodwill
        )


def remove_policies(apps, schema_editor):
    apps.get_model("refunds", "RefundPolicy").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("refunds", "0002_refunds")]

    operations = [migrations.RunPython(write_policies, remove_policies)]
