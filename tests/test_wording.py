"""One word for one thing, in American English: words that no page, message or document for people has anymore."""

import ast
import re
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

ROOT: Path = settings.BASE_DIR
# Each with the word that is used instead.
FORBIDDEN = {
    r"pictures?": "image",
    r"figures?": "analytics, numbers",
    r"colou?rs?(?<!color)(?<!colors)": "color",
    r"cancelled": "canceled",
    r"e-mails?": "email",
    r"practice mode": "sandbox mode",
    r"second steps?": "two-factor authentication",
    r"call(?:ed)? off": "cancel",
    r"mend(?:s|ed|ing)?": "fix",
    r"alternative texts?": "alt text",
    r"audit trail": "audit log",
    r"somebody|nobody|anybody|whoever": "someone, the user, another person",
}
# Apostrophes are straight, as most are typed.
CURLY = r"\w+’\w*"
PATTERN = re.compile("|".join([*(rf"\b(?:{word})\b" for word in FORBIDDEN), CURLY]), re.IGNORECASE)
# What is right in its place.
ALLOWED = {
    ("CHANGELOG.md", "figures"): "the name of a scope",
    ("docs/api.md", "figures"): "the name of a scope",
    ("docs/mcp.md", "figures"): "the name of a scope",
    ("docs/architecture.md", "figures"): "the name of a module",
    ("postiz_pins/sandbox/pictures.py", "pictures"): "the name of a table",
    ("postiz_pins/sandbox/state.py", "pictures"): "the name of a table",
    ("postiz_pins/schedules.py", "Figures"): "names of rows that migrations have made",
    ("postiz_pins/schedules.py", "e-mails"): "names of rows that migrations have made",
    **{
        ("pins/imports/columns.py", word): "what files call a column"
        for word in ("alternative text", "colour", "picture")
    },
    ("postiz_pins/sandbox/seed.py", "colours"): "a title that a person in London has written",
}
TEMPLATE_TAGS = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)
TAGS = re.compile(r"<[^>]*>")


def files(*endings):
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    product = ("accounts/", "pins/", "analytics/", "postiz_pins/", "templates/", "static/js/", "docs/")
    of_product = [name for name in listed if name.startswith(product) or "/" not in name]
    return [name for name in of_product if name.endswith(endings) and "/migrations/" not in name]


def shown(name):
    """What a template shows of its own: neither tags nor the names within them."""
    return TAGS.sub("\n", TEMPLATE_TAGS.sub("", (ROOT / name).read_text()))


def faults(name, text):
    found = {match.group() for match in PATTERN.finditer(text)}
    return [f"{name}: “{word}”" for word in sorted(found) if (name, word) not in ALLOWED]


def sentences(source):
    """The strings of a module that people may read: no docstrings, and no names."""
    nodes = list(ast.walk(ast.parse(source)))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {node.body[0].value for node in nodes if isinstance(node, documented) and is_docstring(node)}
    strings = [node for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    texts = [node.value for node in strings if node not in docstrings]
    return "\n".join(text for text in texts if " " in text.strip() or text[:1].isupper())


def is_docstring(node):
    first = node.body[0] if node.body else None
    return isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)


def test_the_words_are_found():
    assert faults("a.md", "Cancelled: nobody sees the colour of a picture.") == [
        "a.md: “Cancelled”",
        "a.md: “colour”",
        "a.md: “nobody”",
        "a.md: “picture”",
    ]
    assert faults("a.md", "The server’s disk, editors’ pins, “so”, it's") == ["a.md: “editors’”", "a.md: “server’s”"]
    assert faults("a.md", "The dominant color of an image is configured. Colors!") == []
    assert sentences('"""Nobody"""\nx = "erase_picture"\ny = f"Nobody {x} it"') == "Nobody "


@pytest.mark.parametrize("ending", [".html", ".txt"])
def test_no_page_and_no_email_has_one(ending):
    names = [name for name in files(ending) if name.startswith(("templates/", "postiz_pins/"))]

    assert names
    assert [fault for name in names for fault in faults(name, shown(name))] == []


def test_no_message_of_the_code_has_one():
    names = files(".py")

    assert len(names) > 300
    assert [fault for name in names for fault in faults(name, sentences((ROOT / name).read_text()))] == []


def test_no_document_has_one():
    names = files(".md")

    assert {"README.md", "CHANGELOG.md", "docs/api.md", "docs/architecture.md"} <= set(names)
    assert [fault for name in names for fault in faults(name, (ROOT / name).read_text())] == []


def test_what_is_allowed_is_still_there():
    assert [key for key in ALLOWED if key[1] not in (ROOT / key[0]).read_text()] == []
