"""Style and scripts travel without what only we read, and say the same."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command

from mtm.static_storage import StaticStorage, script, style
from tests.house_rules import ROOT


def test_style_holds_what_it_imports_where_it_imports_it():
    sheets = {"a.css": "a { }", "b.css": "b { }"}

    assert style('@import "a.css";\n@import "b.css";\n', sheets.__getitem__) == "a { }\nb { }\n"


def test_script_keeps_all_but_comments_and_indentation():
    written = '// About.\n\n/** Say it.\n * Loud. */\nfunction say() {\n  return "// no comment";\n}\n'

    assert script(written, str) == 'function say() {\nreturn "// no comment";\n}\n'


def test_script_holds_what_it_imports_once_and_before_itself():
    scripts = {"a.js": 'import { b } from "./b.js";\nexport const a = b;\n', "b.js": "export const b = 1;\n"}
    written = 'import { a } from "./a.js";\nimport { b } from "./b.js";\nuse(a, b);\n'

    assert script(written, scripts.__getitem__) == "const b = 1;\nconst a = b;\nuse(a, b);\n"


def test_no_two_scripts_use_one_name_at_their_top():
    written = "".join(path.read_text() for path in (ROOT / "static/scripts").glob("*.js"))
    names = re.findall(r"^(?:export )?(?:async )?(?:const|let|function) (\w+|\$)", written, re.MULTILINE)

    assert sorted(names) == sorted(set(names))


@pytest.fixture
def collected(settings, tmp_path):
    """Give a function that reads a file as it was collected."""
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {"staticfiles": {"BACKEND": "mtm.static_storage.StaticStorage"}}
    call_command("collectstatic", "--no-input", "--verbosity=0")
    storage = StaticStorage(location=tmp_path)
    return lambda name: Path(storage.path(storage.stored_name(name))).read_text()


def test_collected_style_is_one_file(collected):
    sheet = collected("css/site.css")

    assert sheet.startswith("@layer reset")
    assert "@import" not in sheet
    assert ".selection-bar" in sheet


def test_style_is_collected_anew_when_only_what_it_imports_has_changed(collected, settings, tmp_path):
    whole = collected("css/site.css")
    (tmp_path / "css/site.css").write_text("stale")

    call_command("collectstatic", "--no-input", "--verbosity=0")

    assert (tmp_path / "css/site.css").read_text() == whole


def test_collected_script_is_one_file(collected):
    app = collected("scripts/app.js")

    assert "const $ =" in app
    assert "import" not in app


def test_others_files_are_collected_as_they_are(collected):
    htmx = "django_htmx/htmx-2.min.js"

    assert collected(htmx) == Path(str(finders.find(htmx))).read_text()
