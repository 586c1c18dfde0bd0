"""What the kernel says of a mount. Nothing is tried by writing.

Source: proc_pid_mountinfo(5).
"""

import re
from dataclasses import dataclass
from pathlib import Path

MOUNTINFO = Path("/proc/self/mountinfo")
OVER_THE_NETWORK = {"9p", "afs", "ceph", "cifs", "glusterfs", "gpfs", "lustre", "nfs", "nfs4", "smb3", "sshfs"}
_ESCAPED = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True, slots=True)
class Mount:
    """One mount: where, of which kind, and how (`ro`, `nosuid`, …)."""

    point: Path
    kind: str
    options: frozenset[str]

    @property
    def is_over_the_network(self) -> bool:
        return self.kind.removeprefix("fuse.") in OVER_THE_NETWORK


def mount_of(path: Path) -> Mount | None:
    """Return the mount a path lies on, None where the kernel does not tell."""
    real = path.resolve()
    try:
        lines = MOUNTINFO.read_text().splitlines()
    except OSError:
        return None
    around = [mount for mount in map(_parsed, lines) if real.is_relative_to(mount.point)]
    # Of two mounts at one place the later one is seen.
    return max(reversed(around), key=lambda mount: len(mount.point.parts), default=None)


def _parsed(line: str) -> Mount:
    fields = line.split()
    kind, _, of_the_whole = fields[fields.index("-") + 1 :][:3]
    point = _ESCAPED.sub(lambda match: chr(int(match[1], 8)), fields[4])
    options = {*fields[5].split(","), *({"ro"} & set(of_the_whole.split(",")))}
    return Mount(Path(point), kind, frozenset(options))
