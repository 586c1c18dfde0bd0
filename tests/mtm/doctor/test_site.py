"""The doctor and the site itself: its settings, and all it keeps."""

import os
import subprocess

import pytest
from django.db.migrations.recorder import MigrationRecorder

from mtm.doctor import notices, site, state
from mtm.doctor.findings import State
from tests.imap_faults import serving
from tests.mtm.doctor.words import told

NETWORK = "30 25 0:40 / {point} rw,relatime - nfs4 filer:/vol rw,vers=4.2\n"


@pytest.mark.django_db
def test_setting_that_is_wrong_is_named_with_its_hint(settings):
    settings.MTM_SECRET_KEY = "short"

    assert "MTM_SECRET_KEY is missing or short. (mtm.E001)" in told(site.system_checks(None))


@pytest.mark.django_db
def test_settings_of_a_site_with_tls_are_clean_for_deployment(settings):
    settings.MTM_PLAIN_HTTP = False
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.SECURE_HSTS_SECONDS = 31_536_000

    assert told(site.system_checks(None), State.OK) == "every setting is understood"


def test_ways_in_that_mislead_are_told(settings):
    settings.ALLOWED_HOSTS = ["*"]
    plain = told(site.way_in(None), State.WARNING)
    settings.MTM_PLAIN_HTTP = False
    behind = told(site.way_in(None), State.WARNING)

    assert "lets any host name in" in plain
    assert "passwords cross the network in clear" in plain
    assert "every reader seems to come from the web server in front" in behind


def test_static_files_that_are_not_collected_are_a_problem(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {"staticfiles": {"BACKEND": "mtm.static_storage.StaticStorage"}}

    assert told(site.static_files(None)) == f"none are collected in {tmp_path}"


def test_state_directory_must_be_there_and_ours_alone(state_dir):
    state_dir.chmod(0o755)
    opened = told(state.directory(None))
    state_dir.rmdir()

    assert "is open to others (mode 0755)" in opened
    assert told(state.directory(None)) == f"{state_dir} is not there"


def test_state_directory_over_the_network_is_a_problem(state_dir, told_by_kernel):
    told_by_kernel(NETWORK.format(point=state_dir))

    assert "lies on nfs4, where SQLite's locks cannot be trusted" in told(state.directory(None))


def test_full_disk_is_a_problem(state_dir):
    small = ["mount", "-t", "tmpfs", "-o", "size=64k,mode=0700", "none", str(state_dir)]
    if os.getuid() or subprocess.run(small).returncode:
        pytest.skip("only root may mount")

    found = told(state.directory(None))

    subprocess.run(["umount", str(state_dir)], check=True)
    assert found == f"{state_dir} has 0.0 GiB free"


@pytest.mark.database
@pytest.mark.django_db
def test_database_that_lacks_a_migration_is_a_problem():
    before = told(state.database(None))
    MigrationRecorder.Migration.objects.filter(app="access").delete()

    assert before == ""
    assert told(state.database(None)) == "the database is not up to date"


@pytest.mark.django_db
def test_audit_log_that_lost_its_rows_is_a_problem(state_dir):
    (state_dir / "audit-head").write_text("7:0123")

    assert told(state.audit_log(None)).startswith("row 1: ")


def test_audit_key_made_from_the_secret_key_is_told(settings, db, state_dir):
    settings.MTM_AUDIT_KEY = f"audit:{settings.MTM_SECRET_KEY}"

    assert "its key is made from MTM_SECRET_KEY" in told(state.audit_log(None), State.WARNING)


def test_notices_without_a_sender_are_told(settings):
    settings.MTM_RESTORE_NOTIFY = ""
    none = told(notices.server(None), State.OK)
    settings.MTM_RESTORE_NOTIFY = "restores@example.com"

    assert none == "none are sent, by MTM_NOTICE_FROM"
    assert "no mail is sent without a sender" in told(notices.server(None))


def test_server_of_notices_that_is_down_is_a_problem(settings):
    settings.MTM_NOTICE_FROM, settings.MTM_SMTP_URL = "support@example.com", "smtp://127.0.0.1:1"

    assert told(notices.server(None)).startswith("127.0.0.1:1 does not take them: ")


def test_server_of_notices_is_greeted_and_left(settings):
    def greet(conversation):
        conversation.say(b"220 mail.example.com\r\n")
        while conversation.hear():
            conversation.say(b"250 mail.example.com\r\n")

    with serving(greet) as server:
        settings.MTM_NOTICE_FROM, settings.MTM_SMTP_URL = "support@example.com", server.url("smtp")

        found = told(notices.server(None), State.OK)

    assert found.endswith(" takes them")
    assert server.heard == [b"quit"]
