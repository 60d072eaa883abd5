"""Words that ruff's pydocstyle rules do not know: a docstring begins with what it is about, and names who acts."""

import ast
import re
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FOLDERS = ("accounts", "analytics", "pins", "postiz_pins", "benchmarks")
BEGINNINGS = re.compile(r"(And|Or|Also|As|Of|The same|Whether|None|False)\b")
# "the user", "another worker", "no longer" say what is meant.
VAGUE = re.compile(r"\b(nobody|somebody|whoever|anybody|any more)\b", re.IGNORECASE)


def docstrings(tree):
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef)
    nodes = [node for node in ast.walk(tree) if isinstance(node, kinds)]
    return [(node, text) for node in nodes if (text := ast.get_docstring(node))]


def complaints(source):
    found = []
    for node, text in docstrings(ast.parse(source)):
        name = getattr(node, "name", "the module")
        if isinstance(node, ast.FunctionDef) and (beginning := BEGINNINGS.match(text)):
            found.append(f"{name} begins with {beginning[0]}")
        found += [f"{name} says {word}" for word in VAGUE.findall(text)]
    return found


@pytest.mark.parametrize(
    ("docstring", "complaint"),
    [
        ("As `remove`, by the person.", "f begins with As"),
        ("Return the row that nobody has.", "f says nobody"),
        ("Return the row, or None if another worker was faster.", None),
        ("Assert that it is so.", None),
    ],
)
def test_vague_docstrings_are_noticed(docstring, complaint):
    assert complaints(f'def f():\n    """{docstring}"""') == ([complaint] if complaint else [])


def test_docstrings_say_who_acts_and_begin_with_what_they_are_about():
    paths = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py") if "migrations" not in path.parts]
    found = {str(path.relative_to(ROOT)): complaints(path.read_text()) for path in paths}

    assert len(paths) > 300
    assert {path: texts for path, texts in found.items() if texts} == {}


def comments(path):
    """The comments of a module; of a script or a style sheet, all of it."""
    if path.suffix != ".py":
        return path.read_text()
    with path.open("rb") as source:
        return "\n".join(token.string for token in tokenize.tokenize(source.readline) if token.type == tokenize.COMMENT)


def test_comments_say_who_acts():
    paths = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py") if "migrations" not in path.parts]
    paths += [path for kind in ("js", "css") for path in (ROOT / "static" / kind).rglob(f"*.{kind}")]

    assert len(paths) > 300
    assert {str(path.relative_to(ROOT)): words for path in paths if (words := VAGUE.findall(comments(path)))} == {}
