from django.db import migrations, models
from django.db.models import Case, Q, Value, When


def _told(number, condition):
    return Case(When(condition, then=Value(number)), default=Value(0))


class Migration(migrations.Migration):
    dependencies = [("book", "0027_dry_runs")]

    operations = [
        migrations.AddField(
            "handoff",
            "tally",
            models.GeneratedField(
                expression=_told(1, Q(decided_at__isnull=False))
                + _told(2, Q(is_silent=True))
                + _told(4, ~Q(packet=""))
                + _told(8, ~Q(missing="")),
                output_field=models.SmallIntegerField(),
                db_persist=True,
            ),
        ),
        migrations.AddIndex(
            "handoff",
            models.Index(
                fields=("workspace", "state", "dispute", "tally", "at", "owner", "trigger"),
                name="handoff_by_tally",
            ),
        ),
        migrations.AddIndex(
            "handoff",
            models.Index(fields=("workspace", "owner", "lead"), name="handoff_of_owner"),
        ),
        migrations.AddIndex(
            "mailing",
            models.Index(fields=("workspace", "due_at", "message_id"), name="mailing_by_due"),
        ),
        migrations.AddIndex(
            "mailing",
            models.Index(
                fields=("workspace", "track", "step", "state", "lead"), name="mailing_by_step"
            ),
        ),
        migrations.AddIndex(
            "mailing",
            models.Index(
                fields=("workspace", "offer", "state", "bounced_at"), name="mailing_by_offer"
            ),
        ),
        migrations.AddIndex(
            "enrolment",
            models.Index(fields=("workspace", "entered_at"), name="enrolment_by_time"),
        ),
        migrations.AddIndex(
            "lead",
            models.Index(fields=("workspace", "changed_at", "key"), name="lead_by_change"),
        ),
    ]
