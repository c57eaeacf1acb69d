"""The six roles. What each may do is said in ``mdv.accounts.roles``."""

from django.db import migrations

ROLES = ["admin", "supervisor", "operations", "logistics", "support", "auditor"]


def create(apps, schema_editor):
    Group = apps.get_model("auth", "Group")
    for role in ROLES:
        Group.objects.get_or_create(name=role)


def remove(apps, schema_editor):
    Group = apps.get_model("auth", "Group")
    Group.objects.filter(name__in=ROLES).delete()


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_trail")]

    operations = [migrations.RunPython(create, remove)]
