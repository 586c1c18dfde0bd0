"""Inline styles, filtered by value."""

import pytest

from webmail.sanitise import sanitise
from webmail.style_values import STYLE_CHARACTERS, safe_style


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("color: red", "color:red"),
        ("COLOR : RED ; padding:0  10px", "color:RED;padding:0 10px"),
        ("color:rgb(1, 2, 3);width:calc(100% - 10px)", "color:rgb(1, 2, 3);width:calc(100% - 10px)"),
        ("font: bold 12px/1.5 'Helvetica Neue', Arial", "font:bold 12px/1.5 'Helvetica Neue', Arial"),
        ("color:red !important", "color:red"),
        ("color:red/**/;margin:1px/**/2px", "color:red;margin:1px 2px"),
        ("margin:0 auto;margin-top:-5px", "margin:0 auto"),
        ("mso-line-height-rule:exactly;line-height:20px", "line-height:20px"),
        ("", ""),
    ],
)
def test_harmless_declarations_stay(written, left):
    assert safe_style(written) == left
    assert safe_style(left) == left


@pytest.mark.parametrize(
    "style",
    [
        "background:url(http://x)",
        "background:u\\72l(http://x)",
        "background:UrL('http://x')",
        "background:image-set('http://x' 1x)",
        "background:-webkit-image-set(url(x) 1x)",
        "background-image:url(x)",
        "list-style:url(x)",
        "color:var(--x)",
        "--x:url(http://x)",
        "width:expression(alert(1))",
        "width:e/**/xpression(alert(1))",
        "color:attr(title)",
        "color:env(x)",
        "position:fixed",
        "z-index:9",
        "behavior:url(x)",
        "-moz-binding:url(x)",
        "content:'x'",
        "animation:x 1s",
        "transform:scale(9)",
        "cursor:url(x)",
        "filter:url(x)",
        "@import 'http://x'",
        "color:red}body{color:blue",
        "color:{}",
        "color:[x]",
        "font-family:'a\\27 b'",
        "font-family:'</style>'",
        "margin:-9px",
        "margin:calc(0px - 9px)",
        "text-indent:-9999px",
        "color:\\",
        "color:'",
    ],
)
def test_harmful_declaration_goes(style):
    assert safe_style(style) == ""


def test_long_styles_go():
    assert safe_style("color:red;" * STYLE_CHARACTERS) == ""


def test_styles_of_one_message_are_bounded():
    style = "color:red;" * 400

    html = sanitise(f'<p style="{style}">x</p>' * 100, images={}).html

    assert html.count("<p style=") < 100
    assert html.endswith("<p>x</p>")
