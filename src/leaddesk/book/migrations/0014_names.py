# Contacts and companies are listed by their names.

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("book", "0013_notices_of_lead"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="company",
            index=models.Index(fields=["workspace", "name", "key"], name="company_by_name"),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(fields=["workspace", "name", "lead"], name="contact_by_name"),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(fields=["workspace", "company"], name="contact_by_company"),
        ),
    ]
