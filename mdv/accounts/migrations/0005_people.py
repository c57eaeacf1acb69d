"""What the back office calls users: people. Changes no table."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_known_address")]

    operations = [
        migrations.AlterModelOptions(
            name="user",
            options={"verbose_name": "person", "verbose_name_plural": "people"},
        ),
    ]
