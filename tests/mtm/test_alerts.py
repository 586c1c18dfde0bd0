"""The shipped alert rules ask for figures that there are."""

import re

import pytest
from prometheus_client import REGISTRY

from access.models import Result
from mtm.monitoring import Standing
from tests.house_rules import ROOT
from tests.routes import routes

RULES = (ROOT / "deploy/prometheus/alerts.yml").read_text()
EXPRESSIONS = re.findall(r"expr: (.+)", RULES)
ENDINGS = re.compile(r"_(total|count|sum|bucket)$")


@pytest.fixture
def figures(client, db, site, provider):
    """What the site tells once it has answered somebody, by name."""
    provider.mailbox("alice@example.com").night("2026-11-21").message("ciao")
    site(provider)
    client.get("/login/")
    return {family.name for registry in (REGISTRY, Standing()) for family in registry.collect()}


def test_every_rule_asks_for_a_figure_that_is_told(figures):
    asked = {ENDINGS.sub("", name) for text in EXPRESSIONS for name in re.findall(r"\bmtm_\w+", text)}

    assert len(EXPRESSIONS) >= 6
    assert asked - figures == set()


def test_missing_snapshot_is_the_first_of_them(figures):
    assert "mtm_newest_snapshot_age_seconds" in EXPRESSIONS[0]
    assert "mtm_newest_snapshot_age_seconds" in figures


def test_results_and_routes_that_rules_name_are_ours():
    results = {name for text in EXPRESSIONS for name in re.findall(r'result="(\w+)"', text)}
    named = {
        name for text in EXPRESSIONS for group in re.findall(r"webmail:\(([\w|]+)\)", text) for name in group.split("|")
    }

    assert results <= {result.value for result in Result}
    assert {f"webmail:{name}" for name in named} <= {route.name for route in routes()}
