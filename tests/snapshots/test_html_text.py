"""HTML as text."""

import pytest

from snapshots.html_text import text_of_html


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>one</p><p>two&nbsp;&amp;\n three</p>", "one\n\ntwo & three"),
        ("<div>a</div><div>b</div><div><br></div><div>c</div>", "a\nb\n\nc"),
        ("a<br><br><br><br>b", "a\n\n\nb"),
        ("a<br>b<div>c</div>d", "a\nb\nc\nd"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("<ul><li>a</li><li>b</li></ul>", "• a\n• b"),
        ("<head><title>t</title></head><style>p{}</style>a<script>x</script><!-- c -->b", "ab"),
        ("a<style>never closed", "a"),
        ("&lt;script&gt; 1 < 2 > 1", "<script> 1 < 2 > 1"),
        ("", ""),
    ],
)
def test_html_is_read_as_text(html, text):
    assert text_of_html(html) == text
