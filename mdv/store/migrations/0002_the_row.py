"""The one row of settings, so that reading it never has to make it."""

from django.db import migrations


def create(apps, schema_editor):
    apps.get_model("store", "StoreSettings").objects.get_or_create(pk=1)


def remove(apps, schema_editor):
    apps.get_model("store", "StoreSettings").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("store", "0001_initial")]

    operations = [migrations.RunPython(create, remove)]
