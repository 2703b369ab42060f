from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("book", "0024_last_owner")]

    operations = [
        migrations.AddField("workspace", "nurtured", models.JSONField(default=list)),
        # tracks end with a disqualification now
        migrations.RunSQL("UPDATE book_workspace SET rules = rules + 1", migrations.RunSQL.noop),
        migrations.RunSQL(
            "UPDATE book_lead SET is_settled = FALSE WHERE is_settled", migrations.RunSQL.noop
        ),
    ]
