import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0002_audit_triggers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Unlock",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("address", models.CharField(max_length=254)),
                ("day", models.DateField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("address", "day"), name="unlocked_once")],
            },
        ),
        migrations.CreateModel(
            name="Grant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("address", models.CharField(max_length=254)),
                ("variables", models.JSONField(default=dict)),
                ("day", models.DateField()),
                ("reason", models.CharField(max_length=500)),
                ("ticket", models.CharField(max_length=64)),
                ("begins_at_ms", models.BigIntegerField()),
                ("expires_at_ms", models.BigIntegerField()),
                ("ended_at_ms", models.BigIntegerField(null=True)),
                (
                    "operator",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at_ms", None)), fields=("operator",), name="one_grant_an_operator"
                    )
                ],
            },
        ),
    ]
