"""What a WSGI server loads."""

import os

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mtm.settings")
application = get_wsgi_application()

if settings.MTM_IMAP_MASTER:
    raise ImproperlyConfigured("MTM_IMAP_MASTER opens every mailbox: give it to `manage.py worker`, never to the web.")
