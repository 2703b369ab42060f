# Who took an act on many leads back.

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("book", "0011_lists"),
    ]

    operations = [
        migrations.AddField(
            model_name="bulkact",
            name="undone_by",
            field=models.CharField(blank=True, max_length=100),
        ),
    ]
