"""Begin sessions of owners in the site's database: `python -m bench.session ADDRESS…` prints their keys.

An owner is told by the INBOX GUIDs of the mailbox's nights, as after a login to a live Dovecot.
"""

import sys

import django
from django.http import HttpRequest
from django.utils import timezone

from access.session_store import SessionStore


def main() -> int:
    django.setup()
    # Models can be imported only now.
    from access import sessions
    from access.readers import Owner
    from snapshots import configured
    from snapshots.accounts import parse_address

    for account in map(parse_address, sys.argv[1:]):
        guids = frozenset(guid for guid in configured.archive().inbox_guids(account).values() if guid)
        request = HttpRequest()
        request.session = SessionStore()
        sessions.begin(request, Owner(account, guids), began_at=timezone.now())
        request.session.save()
        print(request.session.session_key)
    return 0


if __name__ == "__main__":
    sys.exit(main())
