"""Lists of leads by grade and by interest, the best first."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("book", "0019_mailing")]

    operations = [
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(
                condition=models.Q(("interest__isnull", False)),
                fields=["workspace", "interest", "key"],
                name="lead_by_interest",
            ),
        ),
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(
                condition=models.Q(("grade", ""), _negated=True),
                fields=["workspace", "grade", "key"],
                name="lead_by_grade",
            ),
        ),
    ]
