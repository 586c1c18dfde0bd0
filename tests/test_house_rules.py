"""Each house rule bites on what breaks it and lets its neighbour pass."""

import ast

import pytest

from tests import house_rules


@pytest.mark.parametrize(
    ("find", "broken"),
    [
        (house_rules.forbidden_calls, "eval(text)"),
        (house_rules.forbidden_calls, "subprocess.run(command, shell=True)"),
        (house_rules.unsafe_queries, "Account.objects.filter(**given)"),
        (house_rules.unsafe_queries, "Account.objects.raw(query)"),
        (house_rules.forbidden_imports, "from pickle import loads"),
        (house_rules.environment_reads, "home = os.environ['HOME']"),
        (house_rules.environment_reads, "from os import getenv"),
        (house_rules.marks_of_safety, "from django.utils.safestring import mark_safe"),
        (house_rules.forbidden_names, "def parse_utils(): ..."),
        (house_rules.forbidden_names, "class MsgView: ..."),
        (house_rules.forbidden_names, "backupDay = 1"),
        (house_rules.destroying, "client.delete_messages([1])"),
        (house_rules.destroying, "self._connection.delete(folder)"),
        (house_rules.destroying, "connection.uid('STORE', uids, flags)"),
        (house_rules.destroying, "connection.send(tag + b'UID EXPUNGE')"),
        (house_rules.long_functions, "def long():\n" + "    pass\n" * 40),
    ],
)
def test_a_rule_finds_what_breaks_it(find, broken):
    assert len(list(find(ast.parse(broken)))) == 1


@pytest.mark.parametrize(
    ("find", "right"),
    [
        (house_rules.forbidden_calls, "subprocess.run(command, shell=False)"),
        (house_rules.unsafe_queries, "Account.objects.filter(day=day)"),
        (house_rules.forbidden_imports, "import json"),
        (house_rules.environment_reads, "os.path.join(a, b)"),
        (house_rules.forbidden_names, "from email import utils"),
        (house_rules.destroying, "database.execute('DELETE FROM night'); lines.delete(); connection.uid('FETCH', '1')"),
        (house_rules.long_functions, "def short():\n" + "    pass\n" * 39),
    ],
)
def test_a_rule_lets_the_neighbour_pass(find, right):
    assert list(find(ast.parse(right))) == []


@pytest.mark.parametrize(
    "markup",
    [
        "<script>go()</script>",
        "<style>p { color: red }</style>",
        '<p class="a" style="color: red">',
        '<a onclick="go()">',
        '<a href="JavaScript:go()">',
        '<a hx-on:click="go()">',
        "{{ body|safe }}",
        "{% autoescape off %}",
    ],
)
def test_markup_that_could_run_is_found(markup):
    assert list(house_rules.unsafe_markup(markup)) != []


@pytest.mark.parametrize(
    "markup",
    [
        '<script src="{% static "app.js" %}" type="module"></script>',
        '<link rel="stylesheet" href="a.css">',
        "<p>Safe</p>",
    ],
)
def test_plain_markup_is_let_be(markup):
    assert list(house_rules.unsafe_markup(markup)) == []


def test_roots_are_the_outermost_elements_only():
    source = (
        '{% load i18n %}<ul id="days">{% for d in days %}<li id="d"><br><img src="x"/></li>{% endfor %}</ul><p></p>'
    )

    assert house_rules.roots(source) == ["days", None]


@pytest.mark.parametrize(("start", "end"), [("TO", "DO"), ("FIX", "ME"), ("XX", "X")])
def test_a_promise_to_finish_later_is_found(start, end):
    assert list(house_rules.unfinished_lines(f"done\n# {start}{end}: later")) == [2]
