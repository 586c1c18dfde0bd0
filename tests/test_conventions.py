"""The house rules as tests: a failure names the places."""

from importlib import import_module

from mtm.environment import declared, markdown_table
from tests.house_rules import (
    APPS,
    FORBIDDEN_MODULES,
    MAX_FILE_LINES,
    ROOT,
    configuration,
    destroying,
    environment_reads,
    files,
    forbidden_calls,
    forbidden_imports,
    forbidden_names,
    line_count,
    long_functions,
    marks_of_safety,
    places,
    root_id,
    roots,
    text_of,
    top_level_packages,
    unfinished_lines,
    unsafe_markup,
    unsafe_queries,
)

MAY_READ_ENVIRONMENT = ("mtm/environment.py", "mtm/product_settings.py", "mtm/settings.py", "mtm/wsgi.py")
MAY_MARK_SAFE = ()

CODE = [path for path in files(".py") if "migrations" not in path.parts]
PRODUCT = [path for path in CODE if path.parts[0] in APPS]
TEMPLATES = files(".html", ".txt", below=("templates", *APPS))
FRAGMENTS = [path for path in files(".html") if path.name.startswith("_")]


def test_no_file_outgrows_its_room():
    sources = [*CODE, *files(".html", ".css", ".js")]

    too_long = [str(path) for path in sources if line_count(path) > MAX_FILE_LINES]

    assert too_long == []


def test_no_function_outgrows_a_screen():
    assert places(long_functions, CODE) == []


def test_nothing_is_left_unfinished():
    kept = files(".py", ".html", ".css", ".js", ".md", ".toml", ".yaml", ".conf", ".service", ".timer", ".po", ".sh")

    left = [f"{path}:{line}" for path in kept for line in unfinished_lines(text_of(path))]

    assert left == []


def test_names_keep_to_the_vocabulary():
    assert places(forbidden_names, CODE) == []


def test_no_module_is_a_drawer():
    drawers = [str(path) for path in CODE if FORBIDDEN_MODULES & {path.stem, *path.parts}]

    assert drawers == []


def test_no_code_is_read_from_data():
    assert places(forbidden_imports, CODE) == []


def test_no_shell_and_no_eval():
    assert places(forbidden_calls, CODE) == []


def test_no_query_is_made_by_hand_or_by_somebody_else():
    with_models = [path for path in PRODUCT if path.parts[0] != "snapshots"]

    assert places(unsafe_queries, with_models) == []


def test_nothing_can_take_mail_away_from_a_server():
    assert places(destroying, PRODUCT) == []


def test_only_settings_read_the_environment():
    assert places(environment_reads, PRODUCT, but=MAY_READ_ENVIRONMENT) == []


def test_nothing_is_marked_safe_outside_the_list():
    assert places(marks_of_safety, PRODUCT, but=MAY_MARK_SAFE) == []


def test_templates_hold_no_script_and_no_style():
    unsafe = [f"{path}: {rule}" for path in TEMPLATES for rule in unsafe_markup(text_of(path))]

    assert unsafe == []


def test_a_fragment_has_one_root_named_like_its_file():
    wrong = [str(path) for path in FRAGMENTS if roots(text_of(path)) != [root_id(path)]]

    assert wrong == []


def test_every_folder_of_tests_is_a_package():
    folders = {(ROOT / path).parent for path in files(".py", below=("tests",))}

    bare = [str(folder) for folder in folders if not (folder / "__init__.py").exists()]

    assert bare == []


def test_every_package_is_under_the_import_contract_and_typed():
    packages = top_level_packages()

    tools = configuration()

    assert packages - {"tests", "docs", "deploy"} == set(tools["importlinter"]["root_packages"])
    assert packages - {"docs", "deploy"} == set(tools["mypy"]["files"])


def test_the_readme_has_the_table_that_the_settings_make():
    import_module("mtm.settings")
    readme = (ROOT / "README.md").read_text()

    table = readme.partition("<!-- settings -->\n")[2].partition("\n<!-- /settings -->")[0]

    assert declared
    assert table == markdown_table(), "print it anew with `manage.py settings`"
