"""What a doctor is shown: a state directory, real mounts, and mounts the kernel only tells of."""

import os
import subprocess
from pathlib import Path

import pytest

from mtm.doctor import mounts


@pytest.fixture
def state_dir(settings, tmp_path):
    path = tmp_path / "state"
    path.mkdir(mode=0o700)
    settings.MTM_STATE_DIR = path
    return path


@pytest.fixture
def mounted(tmp_path):
    """Give a function that mounts a directory once more, with options; skips where nothing may be mounted."""
    made: list[Path] = []

    def mount(source, options):
        place = tmp_path / f"mount{len(made)}"
        place.mkdir()
        if os.getuid() or subprocess.run(["mount", "--bind", "-o", options, str(source), str(place)]).returncode:
            pytest.skip("only root may mount")
        made.append(place)
        return place

    yield mount
    for place in made:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.fixture
def told_by_kernel(monkeypatch, tmp_path):
    """Give a function that puts one more mount into what the kernel tells."""

    def tell(line):
        path = tmp_path / "mountinfo"
        path.write_text(mounts.MOUNTINFO.read_text() + line)
        monkeypatch.setattr(mounts, "MOUNTINFO", path)

    return tell
