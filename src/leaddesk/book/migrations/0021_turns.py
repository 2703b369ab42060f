"""Turns: how many rejected leads were given back to somebody."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("book", "0020_score_orders")]

    operations = [
        migrations.AddField(
            model_name="turn",
            name="rejected",
            field=models.PositiveIntegerField(default=0),
        )
    ]
