"""What runs in production, by its lock: docs/licences.md, and a bill of materials whose digest stands there.

`python deploy/shipped.py` writes both anew; the packages of the lock are installed.
"""

import hashlib
import json
import re
import tomllib
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements-production.lock"
PAGE = ROOT / "docs/licences.md"
BILL = ROOT / "build/sbom.cdx.json"

PINNED = re.compile(
    r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>\S+)(?P<hashes>(?: \\\n +--hash=sha256:[0-9a-f]+)*)", re.M
)
# What a package's own words mean, where it has no expression of SPDX.
SPDX = {
    "License :: OSI Approved :: BSD License": "BSD-3-Clause",
    "License :: OSI Approved :: MIT License": "MIT",
}
BY_THEIR_TEXT = {"imapclient": "BSD-3-Clause"}

HEAD = """# Licences

What a running site is made of, besides Python and the operating system. `make sbom` writes this from
`requirements-production.lock`, which has the hashes of every file; nothing else is installed. Mail Time Machine itself
is MIT ([LICENSE](../LICENSE)).

| package | version | licence |
|---|---|---|
"""
TAIL = """
Enclosed in these packages: htmx (0BSD) in django-htmx; ammonia, html5ever and other Rust crates (MIT or Apache-2.0) in
nh3; libpq (PostgreSQL) and OpenSSL (Apache-2.0) in psycopg-binary; Zstandard (BSD-3-Clause) in zstandard. The icons
have their own licence in `static/icons.LICENSE`.

psycopg is LGPL: it is used as it comes, as a library of its own, and may be replaced by another version.

`make sbom` also writes the bill of materials, in CycloneDX 1.6, to `build/sbom.cdx.json`, the same bytes each time;
their SHA-256 is
`{digest}`.
"""


@dataclass(frozen=True, slots=True)
class Package:
    name: str
    version: str
    hashes: tuple[str, ...]

    @property
    def licence(self) -> str:
        """Return the licence as an expression of SPDX."""
        said = metadata.metadata(self.name)
        classified = [SPDX[each] for each in said.get_all("Classifier", []) if each in SPDX]
        words = said["License-Expression"] or BY_THEIR_TEXT.get(self.name) or next(iter(classified), said["License"])
        if not words or "\n" in words:
            raise SystemExit(f"{self.name} says nothing of its licence: read it, and add it to BY_THEIR_TEXT")
        return words

    @property
    def address(self) -> str:
        return f"pkg:pypi/{self.name}@{self.version}"

    def component(self) -> dict[str, object]:
        return {
            "type": "library",
            "bom-ref": self.address,
            "name": self.name,
            "version": self.version,
            "hashes": [{"alg": "SHA-256", "content": each} for each in self.hashes],
            "licenses": [{"expression": self.licence}],
            "purl": self.address,
        }


def packages() -> list[Package]:
    """Return what the lock pins."""
    found = PINNED.finditer(LOCK.read_text())
    return [Package(each["name"], each["version"], tuple(re.findall("[0-9a-f]{64}", each["hashes"]))) for each in found]


def bill_of_materials() -> str:
    """Return the bill of materials; the same lock gives the same text."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    site = {"type": "application", "bom-ref": "site", "name": project["name"], "version": project["version"]}
    listed = packages()
    bill = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": site | {"licenses": [{"expression": project["license"]}]}},
        "components": [package.component() for package in listed],
        "dependencies": [{"ref": "site", "dependsOn": [package.address for package in listed]}],
    }
    return json.dumps(bill, indent=2) + "\n"


def page() -> str:
    """Return docs/licences.md."""
    rows = "".join(f"| {package.name} | {package.version} | {package.licence} |\n" for package in packages())
    return HEAD + rows + TAIL.format(digest=hashlib.sha256(bill_of_materials().encode()).hexdigest())


if __name__ == "__main__":
    BILL.parent.mkdir(exist_ok=True)
    BILL.write_text(bill_of_materials())
    PAGE.write_text(page())
