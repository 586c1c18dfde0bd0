from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Console",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ],
            options={
                "permissions": [
                    ("help", "Find accounts and open them under a grant"),
                    ("download", "Download messages under a grant"),
                    ("restore", "Handle restore requests"),
                    ("audit", "Read the audit log"),
                    ("admin", "End other operators' grants"),
                ],
                "managed": False,
                "default_permissions": (),
            },
        ),
    ]
