"""A coupon's use knows its customer by account and e-mail, not by one of them."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pricing", "0003_truncate_guard")]

    operations = [
        migrations.RemoveIndex(model_name="couponredemption", name="redemption_by_customer"),
        migrations.AddField(
            model_name="couponredemption",
            name="customer_keys",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=270), default=list, size=None
            ),
            preserve_default=False,
        ),
        migrations.RunSQL(
            "UPDATE pricing_couponredemption SET customer_keys = ARRAY[customer_key]",
            "UPDATE pricing_couponredemption SET customer_key = customer_keys[1]",
        ),
        migrations.RemoveField(model_name="couponredemption", name="customer_key"),
        migrations.AddIndex(
            model_name="couponredemption",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["customer_keys"], name="redemption_by_customer"
            ),
        ),
    ]
