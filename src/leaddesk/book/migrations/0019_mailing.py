from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("book", "0018_follow_up")]

    operations = [
        migrations.AddField("mailing", "links", models.JSONField(default=list)),
        migrations.AddField("mailing", "soft_bounces", models.PositiveIntegerField(default=0)),
        migrations.AddField(
            "contact", "consent_by", models.CharField(max_length=100, blank=True, default="")
        ),
        migrations.AddField(
            "installation", "address_key", models.CharField(max_length=64, blank=True, default="")
        ),
    ]
