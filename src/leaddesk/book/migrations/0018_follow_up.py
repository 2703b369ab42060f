from django.db import migrations, models
from django.db.models import Q


# Every lead is looked at again: its place in the queue and its last touch aren't known yet.
_AGAIN = (
    "UPDATE book_workspace SET rules = rules + 1",
    "UPDATE book_lead SET is_settled = FALSE WHERE is_settled",
)


class Migration(migrations.Migration):
    dependencies = [("book", "0017_qualification")]

    operations = [
        migrations.AddField("lead", "rank", models.BigIntegerField(default=0)),
        migrations.AddField("lead", "touched_at", models.BigIntegerField(null=True)),
        migrations.RemoveIndex("lead", "lead_by_urgency_of_owner"),
        migrations.RemoveIndex("lead", "lead_by_urgency"),
        migrations.AddIndex(
            "lead",
            models.Index(
                fields=["workspace", "owner", "urgent_at", "rank", "key"],
                condition=Q(urgent_at__isnull=False),
                name="lead_by_urgency_of_owner",
            ),
        ),
        migrations.AddIndex(
            "lead",
            models.Index(
                fields=["workspace", "urgent_at", "rank", "key"],
                condition=Q(urgent_at__isnull=False),
                name="lead_by_urgency",
            ),
        ),
        migrations.AddIndex(
            "lead",
            models.Index(
                fields=["workspace", "standing", "touched_at", "key"],
                condition=Q(standing__in=["lost", "out", "won"]),
                name="lead_by_silence",
            ),
        ),
        *(migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in _AGAIN),
    ]
