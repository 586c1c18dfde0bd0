"""The services of deploy/container/compose.yaml, and what each is given, on this machine instead of in containers."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from tests.house_rules import ROOT

CONTAINER = ROOT / "deploy/container"


@cache
def services() -> Mapping[str, Any]:
    """Return the services as the file names them."""
    return dict(yaml.safe_load((CONTAINER / "compose.yaml").read_text())["services"])


def example_settings() -> dict[str, str]:
    """Return what settings.env.example says."""
    lines = (CONTAINER / "settings.env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


@dataclass(frozen=True, slots=True)
class Here:
    """Where on this machine lies what the containers find at other paths and names."""

    places: Mapping[str, str]

    def environment(self, service: str) -> dict[str, str]:
        """Return the variables a service would have, and of ours those that are no settings."""
        ours = {name: value for name, value in os.environ.items() if not name.startswith("MTM_")}
        given = {"MTM_STATE_DIR": "/var/lib/mtm", "MTM_STATIC_DIR": "/opt/static", **example_settings()}
        given |= services()[service].get("environment", {})
        settings = {name: self.here(value) for name, value in given.items()}
        return ours | {"DJANGO_SETTINGS_MODULE": "mtm.settings"} | settings

    def command(self, service: str) -> list[str]:
        return [self.here(word) for word in services()[service]["command"]]

    def here(self, text: str) -> str:
        for place, ours in self.places.items():
            text = text.replace(place, ours)
        return text
