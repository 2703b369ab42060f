from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("book", "0028_counted_rooms")]

    operations = [
        migrations.AddField("workspace", "scored_as_of", models.BigIntegerField(null=True)),
        migrations.AddField("workspace", "rescoring_as_of", models.BigIntegerField(null=True)),
        migrations.AddField(
            "workspace",
            "rescored_account",
            models.CharField(blank=True, default="", max_length=200),
            preserve_default=False,
        ),
        migrations.AddField("workspace", "rescored_lead", models.BigIntegerField(default=0)),
        migrations.RemoveIndex("lead", "lead_by_account"),
        migrations.AddIndex(
            "lead", models.Index(fields=["workspace", "account", "id"], name="lead_by_company")
        ),
    ]
