"""The product's own settings: each is declared once, and read from the environment here and nowhere else."""

import hashlib
import os
from pathlib import Path

from mtm.environment import Environment

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment(os.environ)

# Where the mail of the past lies
MTM_SNAPSHOT_PATH = env.list(
    "MTM_SNAPSHOT_PATH",
    "",
    "Where one account's mail lies in one snapshot: `/mnt/mail/.snapshot/{snapshot}/{domain}/{user}/Maildir`. "
    "`{user:.1}` is the first letter, `{hash:.2}` the first hex digits of the address's MD5. One line a volume.",
    separator="\n",
)
MTM_SNAPSHOT_NAMES = env.list(
    "MTM_SNAPSHOT_NAMES",
    "nightly.%Y-%m-%d_%H%M,daily.%Y-%m-%d_%H%M,weekly.%Y-%m-%d_%H%M",
    "Patterns of snapshot names: `%Y %m %d %H %M %S`, `{n}` for an index that rotates (0 is the newest), `*`.",
)
MTM_SNAPSHOT_TIME_ZONE = env.time_zone(
    "MTM_SNAPSHOT_TIME_ZONE",
    "",
    "Time zone of the times in snapshot names, `UTC` for instance; empty: `MTM_TIME_ZONE`.",
)
MTM_SNAPSHOT_STAMP = env.text(
    "MTM_SNAPSHOT_STAMP",
    "",
    "File in a snapshot's root, relative to it, that holds the moment it was taken (`date -Is`). "
    "The only exact way to date names with `{n}`.",
)
MTM_SNAPSHOT_ROTATES_AT = env.text(
    "MTM_SNAPSHOT_ROTATES_AT", "00:00", "When `{n}` = 0 is made, for names with `{n}` and no stamp file."
)
MTM_SNAPSHOT_DAY_SHIFT = env.integer(
    "MTM_SNAPSHOT_DAY_SHIFT",
    0,
    "1 when snapshots are taken before midnight and stand for the day that follows.",
    maximum=1,
)
MTM_LIVE_PATH = env.text(
    "MTM_LIVE_PATH",
    "",
    "Where one account's live mail lies, if the web host can read it: `/mnt/mail/{domain}/{user}/Maildir`. Only names "
    "are listed, to tell what is gone by now; empty: they are listed over IMAP at login.",
)
MTM_DAYS = env.integer("MTM_DAYS", 7, "Nights offered besides today's.", minimum=1, maximum=366)
MTM_FOLDER_ENCODING = env.text(
    "MTM_FOLDER_ENCODING", "auto", "How folder names are kept on disk.", choices=("auto", "mutf7", "utf8")
)
MTM_FOLDER_ROLES = env.mapping(
    "MTM_FOLDER_ROLES",
    "Folders whose role their name does not tell: `Posta spedita=sent, Rumenta=trash` "
    "(`sent`, `drafts`, `trash`, `junk`).",
)
MTM_ACCOUNT_LOOKUP = env.text(
    "MTM_ACCOUNT_LOOKUP",
    "",
    "Dotted path of a Python function for aliases: typed address → "
    "`(canonical address, {template variables})`, or `None`.",
)
MTM_ENGINE = env.text(
    "MTM_ENGINE",
    "maildir",
    "How nights are read: `maildir` from the mounted snapshots, `imap` from a Dovecot that serves them "
    "(`docs/dovecot.md`).",
    choices=("maildir", "imap"),
)
MTM_SNAPSHOT_IMAP_URL = env.text(
    "MTM_SNAPSHOT_IMAP_URL", "", "With `imap`: the server of the snapshots, `imaps://snapshots.example.com`."
)
MTM_SNAPSHOT_IMAP_MASTER = env.secret(
    "MTM_SNAPSHOT_IMAP_MASTER",
    "With `imap`: `user:password` of that server's master user, who logs in as `anna@example.com@2026-11-20`.",
)
MTM_READER_THREADS = env.integer(
    "MTM_READER_THREADS", 8, "Threads that read messages of one page.", minimum=1, maximum=64
)
MTM_TEXT_SEARCH = env.text(
    "MTM_TEXT_SEARCH",
    "on-request",
    "Whether owners may have the text of their messages made searchable, which makes the index half as large again.",
    choices=("on-request", "off"),
)

# The live server
MTM_IMAP_URL = env.text(
    "MTM_IMAP_URL",
    "",
    "The live server that checks passwords: `imaps://mail.example.com`, `imap+starttls://mail.example.com`, "
    "`imap://127.0.0.1` (loopback only).",
)
MTM_IMAP_CA = env.text(
    "MTM_IMAP_CA", "", "File of certificates to trust for mail servers, beside the system's; read at start."
)

# Downloads
MTM_DOWNLOAD_LIMIT = env.integer("MTM_DOWNLOAD_LIMIT", 10, "Messages in one download.", minimum=1, maximum=1000)
MTM_DOWNLOAD_SIZE_MB = env.integer(
    "MTM_DOWNLOAD_SIZE_MB", 500, "Megabytes of messages in one download.", minimum=1, maximum=1_000_000
)

# Restores
MTM_RESTORE = env.text(
    "MTM_RESTORE",
    "request",
    "Owners ask support to put mail back (`request`), do small restores themselves too (`self-service`), or neither.",
    choices=("request", "self-service", "off"),
)
MTM_RESTORE_PRICE = env.decimal("MTM_RESTORE_PRICE", "80.00", "Net price in euros of a restore by support; 0: free.")
MTM_RESTORE_VAT = env.decimal("MTM_RESTORE_VAT", "22", "VAT on it, per cent.", maximum=100)
MTM_RESTORE_FREE_LIMIT = env.integer(
    "MTM_RESTORE_FREE_LIMIT", 50, "Messages (and 50 MB) owners restore alone.", minimum=1
)
MTM_RESTORE_NOTIFY = env.text(
    "MTM_RESTORE_NOTIFY",
    "",
    "Who is told of new requests: a mail address, or the `https://` webhook of a ticket system.",
)
MTM_RESTORE_DAYS = env.integer("MTM_RESTORE_DAYS", 90, "Days the lines of a finished restore are kept.", minimum=8)
MTM_IMAP_MASTER = env.secret(
    "MTM_IMAP_MASTER",
    "`user:password` of a master user of the live server, for restores by the worker. Only the worker may have it.",
)

# The site
MTM_SECRET_KEY = env.secret("MTM_SECRET_KEY", "Signs sessions and tokens: 50 random characters or more. Required.")
MTM_ALLOWED_HOSTS = env.list("MTM_ALLOWED_HOSTS", "", "Host names the site answers to. Required.")
MTM_TRUSTED_PROXIES = env.list(
    "MTM_TRUSTED_PROXIES",
    "",
    "Addresses or networks of proxies whose `X-Forwarded-For` and `-Proto` are believed; `unix` for a socket.",
)
MTM_PLAIN_HTTP = env.switch(
    "MTM_PLAIN_HTTP", "Served without TLS (loopback, demo): cookies lose `Secure` and `__Host-`."
)
MTM_TIME_ZONE = env.time_zone("MTM_TIME_ZONE", "Europe/Rome", "Where days begin, and the times shown.")
MTM_LANGUAGE = env.text(
    "MTM_LANGUAGE", "it", "Language of those whose browser asks for none of ours.", choices=("it", "en")
)
MTM_BRAND_NAME = env.text("MTM_BRAND_NAME", "Mail Time Machine", "The name on the pages.")
MTM_BRAND_LOGO = env.text("MTM_BRAND_LOGO", "", "SVG or PNG file, up to 256 KB, in place of the product's logo.")
MTM_ACCENT = env.colour("MTM_ACCENT", "Colour of buttons and links in the light theme; empty: the product's.")
MTM_ACCENT_DARK = env.colour("MTM_ACCENT_DARK", "The same in the dark theme.")
MTM_NIGHT = env.colour("MTM_NIGHT", "Colour of the band with the days, dark in both themes; empty: the product's.")
MTM_SUPPORT_CONTACT = env.text(
    "MTM_SUPPORT_CONTACT", "", "Where owners find help: a mail address, a phone number, or a page's `https://` address."
)

# Support
MTM_TICKET_PATTERN = env.text(
    "MTM_TICKET_PATTERN",
    "[A-Za-z0-9][A-Za-z0-9._#/-]{0,39}",
    "Regular expression of the whole of a support ticket's number.",
)
MTM_SUPPORT_NAMES = env.switch("MTM_SUPPORT_NAMES", "Owners see which operator looked; 0: they see “Support”.")
MTM_NOTICE_FROM = env.text(
    "MTM_NOTICE_FROM",
    "",
    "Sender of the notices an owner gets by mail: support has opened their copies, a restore has come further; "
    "empty: no notices.",
)
MTM_SMTP_URL = env.text(
    "MTM_SMTP_URL",
    "smtp://127.0.0.1:25",
    "Server that takes notices: `smtp://`, `smtp+starttls://` or `smtps://`, with `user:password@` where it wants one.",
)

# What it keeps itself
MTM_STATE_DIR = env.path(
    "MTM_STATE_DIR", BASE_DIR / "state", "state, beside manage.py", "Directory of the site's own state."
)
MTM_STATIC_DIR = env.path(
    "MTM_STATIC_DIR",
    MTM_STATE_DIR / "static",
    "static in MTM_STATE_DIR",
    "Directory in which `collectstatic` puts styles, scripts and icons; an image has them inside it.",
)
MTM_INDEX_HOURS = env.integer(
    "MTM_INDEX_HOURS", 24, "Hours a time index is kept after its last use.", minimum=1, maximum=24 * 366
)
MTM_DATABASE_URL = env.database(
    "MTM_DATABASE_URL", "`postgresql://user:password@host/name`; empty: SQLite in `MTM_STATE_DIR`."
)
MTM_AUDIT_KEY = env.secret("MTM_AUDIT_KEY", "Key of the audit log's chain; empty: derived from `MTM_SECRET_KEY`.")
MTM_AUDIT_DAYS = env.integer("MTM_AUDIT_DAYS", 365, "Days the audit log is kept.", minimum=183, maximum=3650)
MTM_METRICS_TOKEN = env.secret(
    "MTM_METRICS_TOKEN", "Bearer token with which Prometheus may collect `/metrics`; empty: there is no such page."
)
MTM_METRICS_DIR = env.path(
    "MTM_METRICS_DIR",
    Path("/dev/shm", f"mtm-{hashlib.sha256(bytes(MTM_STATE_DIR)).hexdigest()[:16]}"),  # noqa: S108 - `is_ours` looks
    "one of its own in /dev/shm",
    "Directory in memory in which this host's processes add up what they count: a disk that runs full would end them.",
)
