import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("book", "0026_mute_lead"),
    ]

    operations = [
        migrations.CreateModel(
            name="DryRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=40)),
                ("person", models.CharField(max_length=100)),
                ("what", models.CharField(max_length=20)),
                ("name", models.CharField(blank=True, max_length=200)),
                ("at", models.BigIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("scoring", "Scoring"),
                            ("giving", "Giving"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                        ],
                        default="scoring",
                        max_length=10,
                    ),
                ),
                ("total", models.PositiveIntegerField(default=0)),
                ("done", models.PositiveIntegerField(default=0)),
                ("tally", models.JSONField(default=dict)),
                ("until", models.BigIntegerField()),
                ("lease_until", models.BigIntegerField(null=True)),
                ("fence", models.BigIntegerField(default=0)),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="book.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "across",
                "default_manager_name": "across",
            },
            managers=[
                ("across", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="DryRunFate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("lead", models.CharField(max_length=200)),
                ("owner", models.CharField(blank=True, max_length=100)),
                ("why", models.CharField(blank=True, max_length=100)),
                ("route", models.TextField(blank=True)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="book.dryrun",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="book.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "across",
                "default_manager_name": "across",
            },
            managers=[
                ("across", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="DryRunLead",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("lead", models.CharField(max_length=200)),
                ("rank", models.PositiveSmallIntegerField(default=0)),
                ("since", models.BigIntegerField(default=0)),
                ("interest", models.BigIntegerField(default=0)),
                ("want", models.TextField(blank=True)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="book.dryrun",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="book.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "across",
                "default_manager_name": "across",
            },
            managers=[
                ("across", django.db.models.manager.Manager()),
            ],
        ),
        migrations.AddIndex(
            model_name="dryrun",
            index=models.Index(
                condition=models.Q(("state__in", ("scoring", "giving"))),
                fields=["lease_until"],
                name="dry_run_under_way",
            ),
        ),
        migrations.AddIndex(
            model_name="dryrun",
            index=models.Index(fields=["workspace", "person", "at"], name="dry_run_by_person"),
        ),
        migrations.AddConstraint(
            model_name="dryrun",
            constraint=models.UniqueConstraint(
                fields=("workspace", "key"), name="one_dry_run_a_key"
            ),
        ),
        migrations.AddIndex(
            model_name="dryrunfate",
            index=models.Index(fields=["run", "owner", "number"], name="dry_run_fate_by_owner"),
        ),
        migrations.AddConstraint(
            model_name="dryrunfate",
            constraint=models.UniqueConstraint(
                fields=("run", "number"), name="one_dry_run_fate_a_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="dryrunlead",
            constraint=models.UniqueConstraint(
                fields=("run", "number"), name="one_dry_run_lead_a_number"
            ),
        ),
    ]
