"""`manage.py settings`: the README's table of settings."""

from typing import Any

from django.core.management.base import BaseCommand

from mtm.environment import markdown_table


class Command(BaseCommand):
    help = "Print the table of settings for the README."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(markdown_table())
