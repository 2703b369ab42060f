from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("book", "0023_models_in_use")]

    operations = [
        migrations.AddField("lead", "last_owner", models.CharField(blank=True, max_length=200)),
        migrations.RunSQL("UPDATE book_workspace SET rules = rules + 1", migrations.RunSQL.noop),
        migrations.RunSQL(
            "UPDATE book_lead SET is_settled = FALSE WHERE is_settled", migrations.RunSQL.noop
        ),
    ]
