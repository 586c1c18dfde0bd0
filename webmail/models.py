"""What owners chose: kept by account, for every night and every login."""

from django.db import models


class ShownFolder(models.Model):
    """A folder beyond the five defaults that an account wants to see. `folder` is its id in URLs."""

    account = models.CharField(max_length=254)
    folder = models.CharField(max_length=16)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "folder"], name="shown_folder_once")]

    def __str__(self) -> str:
        return f"{self.account} {self.folder}"
