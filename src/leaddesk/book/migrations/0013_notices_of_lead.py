from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("book", "0012_undone_by"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(fields=["workspace", "lead"], name="notice_by_lead"),
        ),
    ]
