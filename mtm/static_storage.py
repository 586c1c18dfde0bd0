"""Static files under names that tell their content, and stay a year in every cache."""

from django.contrib.staticfiles.storage import HashedFilesMixin
from whitenoise.storage import CompressedManifestStaticFilesStorage

# Django's own patterns for this also take htmx's documentation for imports.
OUR_IMPORTS = (
    r'(?P<matched>import (?P<names>\{[^}]*\}) from "(?P<url>\./[^"]+)";)',
    'import %(names)s from "%(url)s";',
)


class StaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Also gives those names to our own scripts where they import one another."""

    patterns = (*HashedFilesMixin.patterns, ("scripts/*.js", (OUR_IMPORTS,)))
