"""Sessions as Django keeps them in the database, but that one which cannot be written is not one that is gone."""

from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.db import OperationalError


class SessionStore(DatabaseSessionStore):
    """Leaves a full disk or a database that went away what it is: a pause (503), where Django answers 400."""

    def save(self, must_create: bool = False) -> None:
        """Write the session. Raises: UpdateError where its row is gone; OperationalError where nothing is written."""
        try:
            super().save(must_create=must_create)
        except UpdateError as error:
            if isinstance(error.__context__, OperationalError):
                raise error.__context__ from None
            raise
