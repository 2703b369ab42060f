from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("book", "0025_nurtured")]

    operations = [
        migrations.AddField(
            "mute", "lead", models.CharField(blank=True, default="", max_length=200)
        ),
    ]
