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


class Preference(models.Model):
    """How an account likes its pages: `webmail.preferences.CHOICES` has the names and their values."""

    account = models.CharField(max_length=254)
    name = models.CharField(max_length=16)
    value = models.CharField(max_length=16)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "name"], name="preference_once")]

    def __str__(self) -> str:
        return f"{self.account} {self.name}={self.value}"
