"""Settings of the test run: the product's own, read from a small environment."""

import os
import tempfile
from pathlib import Path

STATE = Path(tempfile.mkdtemp(prefix="mtm-tests-"))
(STATE / "static").mkdir()
os.environ.update(
    MTM_SECRET_KEY="a key for tests alone, fifty characters long or more",
    MTM_ALLOWED_HOSTS="testserver,127.0.0.1,localhost",
    MTM_PLAIN_HTTP="1",
    MTM_STATE_DIR=str(STATE),
    MTM_DATABASE_URL=os.environ.get("TEST_DATABASE_URL", f"sqlite:///{STATE}/tests.sqlite3"),
    MTM_IMAP_URL="imap://127.0.0.1:1",
    MTM_SNAPSHOT_PATH="/nonexistent/.snapshot/{snapshot}/{domain}/{user}/Maildir",
)

from mtm.settings import *  # noqa: E402, F403

if "TEST_DATABASE_URL" not in os.environ:
    # In memory, threads would share one connection.
    DATABASES["default"]["TEST"] = {"NAME": str(STATE / "test.sqlite3")}  # noqa: F405
STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
# Wake-ups are kept and nobody acts on them: an index is there when a test builds it.
TASKS = {"default": TASKS["default"] | {"BACKEND": "django_tasks.backends.dummy.DummyBackend"}}  # noqa: F405
WHITENOISE_USE_FINDERS = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
