"""What deploy/ says of itself: who is given what, what is closed, and that everything it names is there."""

import os
import re
import shutil
import signal
import subprocess
from importlib import import_module

import pytest

from mtm.environment import declared
from tests.deploy.composed import CONTAINER, example_settings, services
from tests.house_rules import APPS, ROOT

UNITS = ROOT / "deploy/systemd"
SERVICES = ("mtm-prepare", "mtm-web", "mtm-builder", "mtm-worker", "mtm-daily")
OURS = ("prepare", "web", "builder", "worker")
EXPOSURE = re.compile(r"Overall exposure level for \S+: ([0-9.]+)")
CAPABLE_ANALYSER = re.compile(r"systemd (2[5-9]\d|[3-9]\d\d)")


def settings_of(variables):
    return {name.removesuffix("_FILE") for name in variables}


def known_settings():
    import_module("mtm.settings")
    return {setting.name.removesuffix("[_FILE]") for setting in declared}


@pytest.fixture
def units(tmp_path):
    """The units as they are installed, with a program that is there."""
    said = subprocess.run(["systemd-analyze", "--version"], capture_output=True, text=True) if analyser() else None
    if said is None or not CAPABLE_ANALYSER.match(said.stdout):
        pytest.skip("systemd-analyze 250 or newer is not installed")
    for path in UNITS.glob("mtm*.*"):
        text = path.read_text().replace("/opt/mail-time-machine/.venv/bin/python", "/bin/true")
        (tmp_path / path.name).write_text(text)
    for service in SERVICES:
        (tmp_path / f"{service}.service.d").mkdir()
        shutil.copy(UNITS / "hardening.conf", tmp_path / f"{service}.service.d")
    return tmp_path


def analyser():
    return shutil.which("systemd-analyze")


def analysed(units, *arguments):
    environment = os.environ | {"SYSTEMD_UNIT_PATH": f"{units}:"}
    said = subprocess.run(["systemd-analyze", *arguments], cwd=units, env=environment, capture_output=True, text=True)
    return said.stdout + said.stderr


def test_units_are_understood(units):
    names = [f"./{service}.service" for service in SERVICES]

    assert analysed(units, "verify", *names, "./mtm.target", "./mtm-daily.timer", "./mtm-web.socket") == ""


def test_units_leave_little_open(units):
    said = "".join(analysed(units, "security", "--offline=true", f"./{service}.service") for service in SERVICES)

    levels = [float(level) for level in EXPOSURE.findall(said)]

    assert len(levels) == len(SERVICES)
    assert max(levels) <= 1.5


def test_the_drop_in_leaves_each_service_its_own_user_and_directory():
    # What a drop-in says wins over the unit.
    shared = {line.partition("=")[0] for line in (UNITS / "hardening.conf").read_text().splitlines()}
    own = {path.stem: path.read_text() for path in UNITS.glob("*.service")}

    assert shared.isdisjoint({"User", "Group", "StateDirectory", "Restart", "ExecStart"})
    assert [name for name, text in own.items() if "User=mtm-worker\n" in text] == ["mtm-worker"]
    assert all("\nUser=mtm" in text and "\nStateDirectory=mtm" in text for text in own.values())


def test_the_settings_file_says_nothing_that_a_unit_says():
    said = settings_of(re.findall(r"^(MTM_[A-Z_]+)=", (UNITS / "settings.example").read_text(), re.MULTILINE))
    units = settings_of(re.findall(r"Environment=(MTM_[A-Z_]+)", "".join(p.read_text() for p in UNITS.glob("*.*"))))

    assert said
    assert said.isdisjoint(units)


def test_only_the_worker_has_the_master_of_the_live_server():
    in_units = [path.name for path in UNITS.iterdir() if "MTM_IMAP_MASTER" in path.read_text()]
    in_containers = [name for name, service in services().items() if "imap_master" in str(service)]

    assert in_units == ["mtm-worker.service"]
    assert in_containers == ["worker"]


def test_settings_are_settings_of_ours():
    used = settings_of(example_settings()) | settings_of(services()["worker"]["environment"])
    used |= settings_of(re.findall(r"MTM_[A-Z_]+", "".join(path.read_text() for path in UNITS.iterdir())))

    assert used <= known_settings()


def test_containers_of_ours_can_do_nothing_else():
    for name in OURS:
        service = services()[name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert "ports" not in service


def test_of_ours_the_web_server_alone_is_asked_whether_it_lives():
    asked = {name: services()[name]["healthcheck"]["test"] for name in OURS if "healthcheck" in services()[name]}

    assert asked == {"web": ["CMD", "python", "deploy/container/healthy.py"]}
    assert f"COPY {asked['web'][-1]} {asked['web'][-1]}\n" in (CONTAINER / "Containerfile").read_text()


def test_only_the_web_server_in_front_is_reached_from_outside():
    assert [name for name, service in services().items() if "ports" in service] == ["nginx"]


def test_only_dovecot_sees_the_mail_and_cannot_write_to_it():
    with_mail = {name: service for name, service in services().items() if "SNAPSHOTS" in str(service)}

    [mount] = [volume for volume in with_mail["dovecot"]["volumes"] if "SNAPSHOTS" in str(volume)]

    assert list(with_mail) == ["dovecot"]
    assert mount["read_only"] is True


def test_web_and_builder_find_each_other_by_the_name_of_their_host():
    assert services()["web"]["hostname"] == services()["builder"]["hostname"]


def test_what_the_guide_names_is_there():
    guide = (ROOT / "docs/install.md").read_text()
    named = [
        *re.findall(r"deploy/[\w./-]*\w", guide),
        *(f"docs/{each}" for each in re.findall(r"\]\((\w+\.md)\)", guide)),
    ]

    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_images_are_made_of_files_that_are_there():
    for path in CONTAINER.glob("*Containerfile"):
        lines = re.findall(r"^COPY (?!--from)(.+) \S+$", path.read_text(), re.MULTILINE)
        sources = [source for line in lines for source in line.split()]
        assert [source for source in sources if not (ROOT / source).exists()] == []


def test_the_image_has_every_app():
    text = (CONTAINER / "Containerfile").read_text()

    assert [app for app in APPS if f"COPY {app} {app}\n" not in text] == []


def test_the_part_of_the_lock_that_runs_the_site_is_the_same():
    whole = (ROOT / "requirements.lock").read_text()
    pins = re.findall(r"^\S+==\S+", (ROOT / "requirements-production.lock").read_text(), re.MULTILINE)

    assert pins
    assert [pin for pin in pins if f"\n{pin} " not in whole] == []


@pytest.fixture
def nights_linked(tmp_path):
    """Give a function that runs the container's command over snapshots of these names, and tells the links."""
    snapshots, by_day, programs = (tmp_path / name for name in ("snapshots", "by-day", "bin"))
    for directory in (snapshots, by_day, programs):
        directory.mkdir()
    (programs / "dovecot").write_text("#!/bin/sh\nexit 0\n")
    (programs / "dovecot").chmod(0o755)

    def links(*names):
        for name in names:
            (snapshots / name).mkdir()
        paths = {"SNAPSHOTS": str(snapshots), "BY_DAY": str(by_day), "PATH": f"{programs}:{os.environ['PATH']}"}
        command = [str(CONTAINER / "serve-nights")]
        process = subprocess.Popen(command, env=os.environ | paths, start_new_session=True)
        assert process.wait(timeout=30) == 0
        # The loop beside it sleeps.
        os.killpg(process.pid, signal.SIGKILL)
        return {link.name: link.readlink().name for link in by_day.iterdir()}

    return links


def test_the_container_links_each_day_to_its_first_snapshot(nights_linked, tmp_path):
    (tmp_path / "by-day/2026-11-01").symlink_to("/nowhere")

    links = nights_linked("daily.2026-11-20_0010", "nightly.2026-11-19_0000", "nightly.2026-11-20_0000", "other")

    assert links == {"2026-11-19": "nightly.2026-11-19_0000", "2026-11-20": "daily.2026-11-20_0010"}
