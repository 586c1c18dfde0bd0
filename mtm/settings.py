"""All settings: the product's own, and what Django and its apps are told because of them."""

import hashlib
import os
import platform
from datetime import timedelta
from urllib.parse import urlsplit

import dj_database_url
from django.utils.translation import gettext_lazy as _

from mtm.environment import is_ours
from mtm.logs import logging_configuration
from mtm.product_settings import *

# Django's own
DEBUG = False
# The client library reads this when the first counter is made, which is after this file.
MTM_METRICS_TOGETHER = bool(MTM_METRICS_TOKEN) and is_ours(MTM_METRICS_DIR)
if MTM_METRICS_TOGETHER:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(MTM_METRICS_DIR)
SECRET_KEY = MTM_SECRET_KEY
MTM_AUDIT_KEY = MTM_AUDIT_KEY or f"audit:{MTM_SECRET_KEY}"
ALLOWED_HOSTS = MTM_ALLOWED_HOSTS
ROOT_URLCONF = "mtm.urls"
WSGI_APPLICATION = "mtm.wsgi.application"
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "mtm",
    "snapshots",
    "access",
    "webmail",
    "restores",
    "support",
]
MIDDLEWARE = [
    "webmail.pages_first.PagesFirstMiddleware",
    "mtm.requests.RequestMiddleware",
    "mtm.security.SecurityHeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "access.middleware.CrossSiteMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "access.middleware.SessionLifetimeMiddleware",
    "access.middleware.ReaderRequiredMiddleware",
    "access.middleware.GrantEndMiddleware",
    "access.http.SnapshotErrorMiddleware",
    "axes.middleware.AxesMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {"context_processors": ["django.template.context_processors.request", "webmail.context.site"]},
    }
]
DATABASES = {
    "default": dj_database_url.parse(
        MTM_DATABASE_URL or f"sqlite:///{MTM_STATE_DIR}/mtm.sqlite3", conn_max_age=60, conn_health_checks=True
    )
}
if urlsplit(MTM_DATABASE_URL).scheme in ("", "sqlite"):
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
# An index lies on the host that builds it, so each host has a queue of its own; its name has 32 characters at most.
INDEX_QUEUE = f"index-{hashlib.sha256(platform.node().encode()).hexdigest()[:16]}"
RESTORE_QUEUE = "restores"
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": [INDEX_QUEUE, RESTORE_QUEUE]}}
# A selection past its limit is told so in words, not cut off as a flood of fields.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000 + 2 * MTM_DOWNLOAD_LIMIT
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LOGIN_URL = "webmail:login"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
PASSWORD_RESET_TIMEOUT = 24 * 3600
OTP_TOTP_ISSUER = MTM_BRAND_NAME
OTP_TOTP_SYNC = False  # or a code typed late moves the window, and the next one typed early is refused
AXES_HANDLER = "access.throttle.TieredHandler"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(days=1)
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_CLIENT_IP_CALLABLE = "access.client.throttle_address"
AXES_ENABLE_ACCESS_FAILURE_LOG = False
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "email", "password"]

SESSION_ENGINE = "access.session_store"
SESSION_SERIALIZER = "django.contrib.sessions.serializers.JSONSerializer"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_NAME = "session" if MTM_PLAIN_HTTP else "__Host-session"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not MTM_PLAIN_HTTP
CSRF_COOKIE_NAME = "csrf" if MTM_PLAIN_HTTP else "__Host-csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "webmail.views.errors.csrf_failure"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if MTM_TRUSTED_PROXIES else None
SECURE_HSTS_SECONDS = 0 if MTM_PLAIN_HTTP else 31_536_000
SECURE_REFERRER_POLICY = "same-origin"
SILENCED_SYSTEM_CHECKS = [
    "security.W002",  # frames are refused by our own headers (frame-ancestors)
    "security.W008",  # who speaks plain HTTP is turned to TLS in front of us
    "security.W005",  # other hosts of the domain are their owner's to decide about,
    "security.W021",  # and so is a browser's list
]

LANGUAGE_CODE = MTM_LANGUAGE
LANGUAGES = [("it", _("Italian")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = MTM_TIME_ZONE
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = MTM_STATIC_DIR
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {"staticfiles": {"BACKEND": "mtm.static_storage.StaticStorage"}}

LOGGING = logging_configuration()
