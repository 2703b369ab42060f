"""Handoffs: how they ended, and how often the lead was tried in vain."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("book", "0021_turns")]

    operations = [
        migrations.AddField(
            model_name="handoff", name="attempts", field=models.PositiveIntegerField(default=0)
        ),
        migrations.AddField(
            model_name="handoff", name="is_silent", field=models.BooleanField(default=False)
        ),
        migrations.AddField(
            model_name="handoff", name="left_at", field=models.BigIntegerField(null=True)
        ),
        migrations.AddField(
            model_name="handoff", name="settled_at", field=models.BigIntegerField(null=True)
        ),
    ]
