"""The house rules no other tool checks: which files are ours, and what breaks a rule in them."""

import ast
import re
import tomllib
from collections.abc import Callable, Collection, Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
APPS = ("mtm", "snapshots", "webmail", "access", "restores", "support")
NOT_OURS = {"__pycache__", "vendor", "staticfiles", "state", "build"}

MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 40
FORBIDDEN_WORDS = {"backup", "backups", "undelete", "util", "utils", "helper", "helpers", "msg", "msgs"}
FORBIDDEN_MODULES = {"common", "helpers", "misc", "services", "utils"}
FORBIDDEN_IMPORTS = {"dill", "marshal", "pickle", "shelve"}
# What takes mail away or alters it, as a command of IMAP and as imapclient and imaplib call it. SQL deletes FROM.
DESTROYING = re.compile(r"\s*(UID )?(EXPUNGE|STORE|DELETE|RENAME|MOVE|CLOSE|SETACL|SETMETADATA)\b(?! FROM\b)")
DESTROYING_METHODS = {
    "expunge", "uid_expunge", "store", "delete_messages", "delete_folder", "rename_folder", "close_folder", "setacl",
    "add_flags", "remove_flags", "set_flags", "add_gmail_labels", "remove_gmail_labels", "set_gmail_labels",
    "set_metadata", "set_quota", "setquota",
}  # fmt: skip
OF_A_CONNECTION = re.compile(r"(client|connection|_imap|mailbox)\.(delete|rename|move|copy)")
ENVIRONMENT = {"os.environ", "os.environb", "os.getenv", "os.getenvb"}
# The brackets keep this file from breaking the rule it states.
UNFINISHED = re.compile(r"\b(TOD[O]|FIXM[E]|XX[X])\b")
UNSAFE_IN_TEMPLATES = {
    "inline script": re.compile(r"<script\b(?![^>]*\bsrc=)", re.IGNORECASE),
    "style element": re.compile(r"<style\b", re.IGNORECASE),
    "style attribute": re.compile(r"\sstyle\s*=", re.IGNORECASE),
    "event attribute": re.compile(r"\son[a-z]+\s*=", re.IGNORECASE),
    "javascript: address": re.compile(r"javascript:", re.IGNORECASE),
    "script in an htmx attribute": re.compile(r"hx-on|hx-[a-z-]+=[\"']\s*js:|hx-trigger=[^>]*\["),
    "escaping switched off": re.compile(r"\|\s*safe(seq)?\b|\bautoescape\s+off\b"),
}
TEMPLATE_TAG = re.compile(r"{%\s*comment\b.*?endcomment\s*%}|{%.*?%}|{#.*?#}|{{.*?}}", re.DOTALL)
VOID_ELEMENTS = {"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "use", "wbr"}

Finder = Callable[[ast.Module], Iterator[ast.AST]]


@cache
def files(*suffixes: str, below: tuple[str, ...] = (".",)) -> tuple[Path, ...]:
    """Return the project's own files, relative to its root: nothing hidden, generated or vendored."""
    there = [ROOT / top for top in below if (ROOT / top).is_dir()]
    found = (path.relative_to(ROOT) for top in there for path in walked(top))
    return tuple(path for path in found if path.suffix in suffixes)


def walked(directory: Path) -> Iterator[Path]:
    """Yield the files below a directory, without looking into what is not ours: a bench's mailbox is large."""
    for path in sorted(directory.iterdir()):
        if path.name.startswith(".") or path.name in NOT_OURS:
            continue
        if path.is_dir():
            yield from walked(path)
        else:
            yield path


@cache
def text_of(path: Path) -> str:
    return (ROOT / path).read_text()


def line_count(path: Path) -> int:
    return len(text_of(path).splitlines())


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(text_of(path), filename=str(path))


def places(find: Finder, paths: Collection[Path], *, but: Collection[str] = ()) -> list[str]:
    """Return `file:line` of everything that `find` finds in the files, those named in `but` left out."""
    chosen = [path for path in paths if path.as_posix() not in but]
    return [f"{path}:{getattr(node, 'lineno', 1)}" for path in chosen for node in find(tree_of(path))]


def unfinished_lines(text: str) -> Iterator[int]:
    lines = enumerate(text.splitlines(), start=1)
    return (number for number, line in lines if UNFINISHED.search(line))


def long_functions(tree: ast.Module) -> Iterator[ast.AST]:
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return (node for node in functions if (node.end_lineno or 0) - node.lineno >= MAX_FUNCTION_LINES)


def forbidden_names(tree: ast.Module) -> Iterator[ast.AST]:
    return (node for node in ast.walk(tree) if words(defined_name(node)) & FORBIDDEN_WORDS)


def defined_name(node: ast.AST) -> str:
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return node.name
    if isinstance(node, ast.arg):
        return node.arg
    return node.id if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) else ""


def words(name: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)}


def imported_names(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    if isinstance(node, ast.ImportFrom):
        return {f"{node.module}.{alias.name}" for alias in node.names}
    return set()


def forbidden_imports(tree: ast.Module) -> Iterator[ast.AST]:
    return (
        node for node in ast.walk(tree) if {name.split(".")[0] for name in imported_names(node)} & FORBIDDEN_IMPORTS
    )


def environment_reads(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if imported_names(node) & ENVIRONMENT or (isinstance(node, ast.Attribute) and ast.unparse(node) in ENVIRONMENT):
            yield node


def marks_of_safety(tree: ast.Module) -> Iterator[ast.AST]:
    marks = {"mark_safe", "SafeString", "SafeText"}
    return (node for node in ast.walk(tree) if {name.split(".")[-1] for name in imported_names(node)} & marks)


def forbidden_calls(tree: ast.Module) -> Iterator[ast.AST]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call) and runs_text(node))


def runs_text(call: ast.Call) -> bool:
    """Tell a call that runs code made of text, or a shell."""
    if isinstance(call.func, ast.Name) and call.func.id in {"eval", "exec"}:
        return True
    return any(word.arg == "shell" and ast.unparse(word.value) != "False" for word in call.keywords)


def destroying(tree: ast.Module) -> Iterator[ast.AST]:
    """Find what could take mail away from a server, or alter it there."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
            text = node.value if isinstance(node.value, str) else node.value.decode("latin-1")
            if DESTROYING.match(text):
                yield node
        elif isinstance(node, ast.Attribute) and (
            node.attr in DESTROYING_METHODS or OF_A_CONNECTION.search(ast.unparse(node))
        ):
            yield node


def unsafe_queries(tree: ast.Module) -> Iterator[ast.AST]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call) and is_unsafe_query(node))


def is_unsafe_query(call: ast.Call) -> bool:
    """Tell a query with SQL by hand, or with keys somebody else chose."""
    method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    takes_any_key = any(word.arg is None for word in call.keywords)
    return method in {"extra", "raw"} or (method in {"filter", "exclude"} and takes_any_key)


def unsafe_markup(source: str) -> Iterator[str]:
    return (rule for rule, pattern in UNSAFE_IN_TEMPLATES.items() if pattern.search(source))


class Roots(HTMLParser):
    """Collects the ids of outermost elements, template tags taken out."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.depth = 0
        self.ids: list[str | None] = []
        self.feed(TEMPLATE_TAG.sub("", source))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if self.depth == 0:
            self.ids.append(dict(attributes).get("id"))
        self.depth += tag not in VOID_ELEMENTS

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if self.depth == 0:
            self.ids.append(dict(attributes).get("id"))

    def handle_endtag(self, tag: str) -> None:
        self.depth -= tag not in VOID_ELEMENTS


def roots(source: str) -> list[str | None]:
    """Return the ids of the outermost elements of a template's source."""
    return Roots(source).ids


def root_id(path: Path) -> str:
    return path.stem.removeprefix("_").replace("_", "-")


def configuration() -> dict[str, Any]:
    """Return the tools' sections of pyproject.toml."""
    return dict(tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"])


def top_level_packages() -> set[str]:
    return {path.parts[0] for path in files(".py") if len(path.parts) > 1}
