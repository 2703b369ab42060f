from django.db import migrations, models

# What was said of a miss belongs to the first of its occurrences that is broken.
OF_FIRST_BROKEN = """
UPDATE book_misscause SET occurrence = COALESCE((
    SELECT MIN(d.occurrence) FROM book_due d
    WHERE d.workspace_id = book_misscause.workspace_id AND d.lead = book_misscause.lead
      AND d.promise = book_misscause.promise AND d.pass_number = book_misscause.pass_number
      AND d.rung = book_misscause.rung AND d.verdict = 'broken'
), occurrence)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("book", "0015_import_lookups"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="misscause", name="one_cause_a_miss"),
        migrations.AddField(
            model_name="misscause",
            name="occurrence",
            field=models.PositiveIntegerField(default=1),
        ),
        migrations.AddConstraint(
            model_name="misscause",
            constraint=models.UniqueConstraint(
                fields=("workspace", "lead", "promise", "pass_number", "rung", "occurrence"),
                name="one_cause_a_miss",
            ),
        ),
        migrations.RunSQL(OF_FIRST_BROKEN, migrations.RunSQL.noop),
    ]
