"""The sweeper of the snapshot server's cache lets nights go that are not offered any more, and nothing else."""

import subprocess
from datetime import timedelta

from tests.running_site import real_today
from tests.snapshot_dovecot import SHIPPED


def test_nights_past_their_time_go_and_others_stay(tmp_path):
    today = real_today()
    nights = {back: (today - timedelta(days=back)).isoformat() for back in (0, 7, 10, 400)}
    for tree in ("control", "index"):
        for name in (*nights.values(), "notes"):
            (tmp_path / tree / name / "example.com").mkdir(parents=True)

    subprocess.run(["sh", str(SHIPPED / "sweep-cache"), str(tmp_path), "8"], check=True)

    kept = {nights[0], nights[7], "notes"}
    assert {path.name for path in (tmp_path / "control").iterdir()} == kept
    assert {path.name for path in (tmp_path / "index").iterdir()} == kept
