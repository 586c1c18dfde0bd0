"""`manage.py catalogues`: bring the translations up to date with the code, and compile them."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from mtm.catalogues import as_mo, as_po, po_files, source_catalogue, updated


class Command(BaseCommand):
    help = "Update and compile the translations in locale/."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        source = source_catalogue(settings.BASE_DIR)
        for path in po_files(settings.BASE_DIR):
            catalogue = updated(path, source)
            path.write_bytes(as_po(catalogue))
            path.with_suffix(".mo").write_bytes(as_mo(catalogue))
            missing = sum(1 for message in catalogue if message.id and not message.string)
            self.stdout.write(f"{path.parent.parent.name}: {len(catalogue)} strings, {missing} to translate")
