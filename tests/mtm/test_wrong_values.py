"""A value that cannot be right stops the start, with the setting's name and no traceback."""

import os
import runpy
import subprocess
import sys
from importlib import import_module

import pytest
from django.core.checks import ERROR
from django.core.exceptions import ImproperlyConfigured

from mtm import checks, environment
from mtm.environment import Environment
from tests.house_rules import ROOT

UNREADABLE = {
    "MTM_SNAPSHOT_TIME_ZONE": ["Europe/Atlantis", "../UTC", "Europe"],
    "MTM_SNAPSHOT_DAY_SHIFT": ["2", "-1", "", "one"],
    "MTM_DAYS": ["0", "367", "sette", "٧"],
    "MTM_ENGINE": ["mbox", "", "Maildir"],
    "MTM_FOLDER_ENCODING": ["latin1"],
    "MTM_FOLDER_ROLES": ["Posta spedita", "=sent", "Inviata="],
    "MTM_READER_THREADS": ["0", "65"],
    "MTM_TEXT_SEARCH": ["on"],
    "MTM_DOWNLOAD_LIMIT": ["0", "1001", "10.5"],
    "MTM_DOWNLOAD_SIZE_MB": ["0", "500MB"],
    "MTM_RESTORE": ["yes"],
    "MTM_RESTORE_PRICE": ["80,00", "-1", "free"],
    "MTM_RESTORE_VAT": ["101", "22%"],
    "MTM_RESTORE_FREE_LIMIT": ["0"],
    "MTM_RESTORE_DAYS": ["7"],
    "MTM_PLAIN_HTTP": ["true", "yes", ""],
    "MTM_TIME_ZONE": ["Rome", "CEST+2"],
    "MTM_LANGUAGE": ["de", "IT"],
    "MTM_ACCENT": ["blue", "#fff", "#3f3cbg"],
    "MTM_ACCENT_DARK": ["rgb(1,2,3)"],
    "MTM_NIGHT": ["#3f3cbb; color: red"],
    "MTM_SUPPORT_NAMES": ["on"],
    "MTM_INDEX_HOURS": ["0", "1d"],
    "MTM_DATABASE_URL": ["mysql://host/mtm", "mtm.sqlite3", "postgresql://host", "postgresql://u:p@host:port/mtm"],
    "MTM_AUDIT_DAYS": ["182", "3651"],
    "MTM_SECRET_KEY_FILE": ["/nowhere/secret-key", "/"],
    "MTM_AUDIT_KEY_FILE": ["/nowhere/key"],
    "MTM_IMAP_MASTER_FILE": ["/nowhere/master"],
    "MTM_SNAPSHOT_IMAP_MASTER_FILE": ["/nowhere/master"],
    "MTM_METRICS_TOKEN_FILE": ["/nowhere/token"],
    "MTM_DATABASE_URL_FILE": ["/nowhere/database"],
}
"""What is not understood when it is read."""

UNUSABLE = {
    "MTM_SNAPSHOT_PATH": [[], ["/mnt/{domain}/{user}"], ["/mnt/{snapshot}/{user.__class__}"], ["{snapshot}/{user}"]],
    "MTM_SNAPSHOT_NAMES": [["nightly"], ["%Q"], ["nightly.%Y"]],
    "MTM_SNAPSHOT_STAMP": ["/etc/stamp", "../stamp"],
    "MTM_SNAPSHOT_ROTATES_AT": ["midnight", "25:00"],
    "MTM_LIVE_PATH": ["/mnt/mail/Maildir", "mail/{domain}/{user}"],
    "MTM_FOLDER_ROLES": [{"Posta spedita": "outbox"}],
    "MTM_ACCOUNT_LOOKUP": ["nowhere.look_up", "json.nothing", "look_up"],
    "MTM_IMAP_URL": ["", "mail.example.com", "imap://mail.example.com", "https://mail.example.com"],
    "MTM_IMAP_CA": ["/nowhere/ca.pem", "/etc/passwd"],
    "MTM_IMAP_MASTER": ["master", ":password", "user:"],
    "MTM_RESTORE_NOTIFY": ["restores", "http://tickets.example.com/"],
    "MTM_SECRET_KEY": ["", "short"],
    "ALLOWED_HOSTS": [[], ["https://nights.example.com"], ["nights.example.com:443"]],
    "MTM_TRUSTED_PROXIES": [["proxy.example.com"], ["192.0.2.0/33"], ["unix:/run/mtm/web.sock"]],
    "MTM_BRAND_LOGO": ["/nowhere/logo.svg", "/etc/passwd"],
    "MTM_ACCENT": ["#ffff00"],
    "MTM_TICKET_PATTERN": ["[0-9"],
    "MTM_NOTICE_FROM": ["notices", "Support <notices>"],
    "MTM_SMTP_URL": ["mail.example.com", "http://mail.example.com"],
}
"""What is understood, and cannot be used: Django's checks say so before anything starts."""

WITH_THE_SNAPSHOTS_SERVER = {
    "MTM_SNAPSHOT_IMAP_URL": ["", "snapshots.example.com"],
    "MTM_SNAPSHOT_IMAP_MASTER": ["", "mtm"],
    "MTM_SNAPSHOT_NAMES": [["nightly.{n}"]],
}
ANY_VALUE = {
    "MTM_BRAND_NAME",
    "MTM_SUPPORT_CONTACT",
    "MTM_STATE_DIR",
    "MTM_STATIC_DIR",
    "MTM_METRICS_DIR",
    "MTM_AUDIT_KEY",
    "MTM_METRICS_TOKEN",
}
"""Words to be shown, secrets of any length, and directories, which are made or missed where they are used."""


def each(table):
    return [(name, value) for name, values in table.items() for value in values]


def errors():
    return [message.msg for message in checks.configuration(None) if message.level >= ERROR]


@pytest.mark.parametrize(("name", "value"), each(UNREADABLE))
def test_what_is_not_understood_is_refused_when_it_is_read(name, value, monkeypatch):
    monkeypatch.setattr(environment, "declared", [])
    monkeypatch.setenv(name, value)

    with pytest.raises(ImproperlyConfigured, match=name):
        runpy.run_path(str(ROOT / "mtm/product_settings.py"))


@pytest.mark.parametrize(("name", "value"), each(UNUSABLE))
def test_what_cannot_be_used_is_refused_by_a_check(name, value, settings):
    setattr(settings, name, value)

    assert any(name in error for error in errors())


@pytest.mark.parametrize(("name", "value"), each(WITH_THE_SNAPSHOTS_SERVER))
def test_what_the_imap_engine_cannot_use_is_refused_by_a_check(name, value, settings):
    settings.MTM_ENGINE = "imap"
    settings.MTM_SNAPSHOT_IMAP_URL, settings.MTM_SNAPSHOT_IMAP_MASTER = "imaps://snapshots.example.com", "mtm:secret"
    setattr(settings, name, value)

    assert any(name in error for error in errors())


def test_no_setting_is_left_out():
    import_module("mtm.settings")
    tried = {*UNREADABLE, *UNUSABLE, *WITH_THE_SNAPSHOTS_SERVER, *ANY_VALUE, "MTM_ALLOWED_HOSTS"}

    left = [setting.name for setting in environment.declared if setting.name.removesuffix("[_FILE]") not in tried]

    assert left == []


def test_a_misspelt_setting_is_named_with_the_one_it_is_like(monkeypatch):
    misspelt = Environment({"MTM_DOWNLOAD_LIMITS": "20", "MTM_SECRET_KEY_FILE": "/run/key", "PATH": "/bin"})
    monkeypatch.setattr(checks, "env", misspelt)

    [told] = [message for message in checks.configuration(None) if message.id == "mtm.W002"]

    assert "MTM_DOWNLOAD_LIMITS" in told.msg
    assert told.hint == "MTM_DOWNLOAD_LIMIT"


def test_a_database_address_is_refused_without_its_password(monkeypatch):
    monkeypatch.setattr(environment, "declared", [])
    with pytest.raises(ImproperlyConfigured) as refused:
        Environment({"MTM_DATABASE_URL": "postgres//mtm:geheim@host/mtm"}).database("MTM_DATABASE_URL", "")

    assert "geheim" not in str(refused.value)


@pytest.mark.parametrize("wrong", [{"MTM_DAYS": "sette"}, {"MTM_SECRET_KEY": ""}, {"MTM_IMAP_URL": "imap://mail"}])
def test_the_start_is_refused_in_words(wrong, tmp_path):
    ours = {name: value for name, value in os.environ.items() if not name.startswith("MTM_")}
    right = {"MTM_SECRET_KEY": "k" * 50, "MTM_ALLOWED_HOSTS": "localhost", "MTM_STATE_DIR": str(tmp_path)}
    command = [sys.executable, str(ROOT / "manage.py"), "web", "--bind", "127.0.0.1:1"]
    variables = ours | {"DJANGO_SETTINGS_MODULE": "mtm.settings"} | right | wrong

    started = subprocess.run(command, env=variables, capture_output=True, text=True)

    assert started.returncode == 1
    assert next(iter(wrong)) in started.stderr
    assert "Traceback" not in started.stderr
