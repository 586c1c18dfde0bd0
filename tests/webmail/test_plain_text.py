"""Text as HTML."""

import pytest

from webmail.plain_text import text_as_html, unflowed

LINK = 'target="_blank" rel="noopener noreferrer nofollow"'


def test_text_is_escaped():
    assert text_as_html("<script>\"a\" & 'b'") == (
        '<div class="text" dir="auto">&lt;script&gt;&quot;a&quot; &amp; &#x27;b&#x27;</div>'
    )


@pytest.mark.parametrize(
    ("text", "target", "shown"),
    [
        (
            "see https://example.com/a?b=1&c=2.",
            "https://example.com/a?b=1&amp;c=2",
            "https://example.com/a?b=1&amp;c=2",
        ),
        ("(http://example.com/a_(b))", "http://example.com/a_(b)", "http://example.com/a_(b)"),
        ("<https://example.com>", "https://example.com", "https://example.com"),
        ("www.example.com, please", "http://www.example.com", "www.example.com"),
        ("write to anna@example.com!", "mailto:anna@example.com", "anna@example.com"),
        (
            "https://x.example/'onclick='a",
            "https://x.example/&#x27;onclick=&#x27;a",
            "https://x.example/&#x27;onclick=&#x27;a",
        ),
    ],
)
def test_addresses_become_links(text, target, shown):
    assert f'<a href="{target}" {LINK}>{shown}</a>' in text_as_html(text)


@pytest.mark.parametrize("text", ["javascript:alert(1)", "data:text/html,x", "file:///etc", "ftp://x", "a@b"])
def test_other_schemes_stay_text(text):
    assert "<a " not in text_as_html(text)


def test_quoted_levels_are_nested():
    assert text_as_html("a\n> b\n>> c\nd") == (
        '<div class="text" dir="auto">a</div><blockquote><div class="text" dir="auto">b</div>'
        '<blockquote><div class="text" dir="auto">c</div></blockquote></blockquote>'
        '<div class="text" dir="auto">d</div>'
    )


def test_quoted_levels_are_bounded():
    assert text_as_html(">" * 10_000 + "x").count("<blockquote>") == 20


def test_flowed_lines_are_joined():
    lines = ["one ", "two", "> quoted ", "> more", " >no quote", "-- ", "name"]

    assert list(unflowed(lines, delsp=False)) == [
        (0, "one two"),
        (1, "quoted more"),
        (0, ">no quote"),
        (0, "-- "),
        (0, "name"),
    ]


def test_flowed_text_may_delete_its_spaces():
    assert "日本語" in text_as_html("日本 \n語", flowed=True, delsp=True)
