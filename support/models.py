"""What operators may be allowed to do. There is no table: Django keeps permissions with a model."""

from django.db import models


class Console(models.Model):
    class Meta:
        managed = False
        default_permissions = ()
        permissions = [
            ("help", "Find accounts and open them under a grant"),
            ("download", "Download messages under a grant"),
            ("restore", "Handle restore requests"),
            ("audit", "Read the audit log"),
            ("admin", "End other operators' grants"),
        ]
