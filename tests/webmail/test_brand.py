"""A provider's look: its colours where they can be read, its logo where it can do no harm, else a refusal in words."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from mtm import checks, environment
from mtm.environment import Environment
from webmail.colours import faint_pairs, own_colours

SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32
GREEN, PALE_GREEN, PINE = "#17643a", "#8fd9a8", "#10302a"


def complaints(number):
    return [each for each in checks.configuration(None) if each.id == f"mtm.E0{number}"]


@pytest.fixture
def logo(tmp_path, settings):
    """Give a function that makes these bytes the provider's logo."""

    def choose(content, name="logo"):
        path = tmp_path / name
        path.write_bytes(content)
        settings.MTM_BRAND_LOGO = str(path)
        return path

    return choose


def test_colours_of_a_provider_take_the_place_of_ours(client, db, settings):
    settings.MTM_ACCENT, settings.MTM_ACCENT_DARK, settings.MTM_NIGHT = GREEN, PALE_GREEN, PINE

    style = client.get("/brand.css")

    assert complaints(30) == []
    assert style["Content-Type"] == "text/css"
    assert f"--accent: light-dark({GREEN}, {PALE_GREEN});" in style.content.decode()
    assert f"--night: light-dark({PINE}, {PINE});" in style.content.decode()
    assert '<link rel="stylesheet" href="/brand.css">' in client.get("/login/").content.decode()


def test_site_without_a_brand_asks_for_no_style_of_its_own(client, db):
    assert "brand.css" not in client.get("/login/").content.decode()


def test_our_own_colours_are_never_refused():
    assert list(faint_pairs()) == []


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("MTM_ACCENT", "#ffd27a", "MTM_ACCENT: in the light theme “on-accent” on “accent” has a contrast of 1.42"),
        (
            "MTM_ACCENT_DARK",
            "#3f3cbb",
            "MTM_ACCENT_DARK: in the dark theme “accent” on “surface” has a contrast of 2.14",
        ),
        ("MTM_NIGHT", "#c5caec", "MTM_NIGHT: in the light theme “on-night” on “night” has a contrast of 1.61"),
    ],
)
def test_colour_that_cannot_be_read_stops_the_start(settings, name, value, said):
    setattr(settings, name, value)

    assert any(each.msg.startswith(said) and "needs 4.5" in each.msg for each in complaints(30))


@pytest.mark.parametrize("value", ["green", "#fff", "#12345g", "#3f3cbb;}", "3f3cbb"])
def test_colour_that_is_none_is_refused_in_words(monkeypatch, value):
    monkeypatch.setattr(environment, "declared", [])

    with pytest.raises(ImproperlyConfigured, match="MTM_ACCENT is .* like #3f3cbb"):
        Environment({"MTM_ACCENT": value}).colour("MTM_ACCENT", "A colour.")


@pytest.mark.parametrize(("content", "kind"), [(SVG, "image/svg+xml"), (PNG, "image/png")])
def test_logo_is_a_picture_that_runs_nothing(client, db, logo, content, kind):
    logo(content)

    answer = client.get("/brand/logo")

    assert complaints(31) == []
    assert (answer.content, answer["Content-Type"]) == (content, kind)
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert '<img class="brand-logo" src="/brand/logo?' in client.get("/login/").content.decode()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<html><script>alert(1)</script>", "neither a PNG nor a plain SVG"),
        (b'<!DOCTYPE svg [<!ENTITY a "b">]><svg/>', "neither a PNG nor a plain SVG"),
        (b"<svg><!DOCTYPE x></svg>", "neither a PNG nor a plain SVG"),
        (b"GIF89a", "neither a PNG nor a plain SVG"),
        (PNG + b"\0" * 256 * 1024, "larger than 256 KB"),
    ],
)
def test_file_that_is_no_logo_stops_the_start(logo, content, said):
    logo(content)

    assert [said in each.msg for each in complaints(31)] == [True]


def test_logo_that_is_not_there_stops_the_start(settings, tmp_path):
    settings.MTM_BRAND_LOGO = str(tmp_path / "none.svg")

    assert [each.msg for each in complaints(31)] == [
        f"MTM_BRAND_LOGO: {tmp_path}/none.svg cannot be read: No such file or directory."
    ]


def test_without_a_logo_there_is_none(client, db):
    assert client.get("/brand/logo").status_code == 404


def test_every_brand_colour_is_one_of_ours():
    assert {"accent", "selected", "night", "night-2", "night-hover", "night-line", "night-ring"} <= set(own_colours())
