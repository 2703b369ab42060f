from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("book", "0022_handoff_ends")]

    operations = [
        migrations.AddField("scoremodel", "used_at", models.BigIntegerField(null=True)),
        migrations.AddField("scoremodel", "grounds", models.JSONField(default=dict)),
        migrations.AddField("scoremodel", "drift", models.JSONField(default=dict)),
        migrations.AddField("scoremodel", "drift_at", models.BigIntegerField(null=True)),
    ]
