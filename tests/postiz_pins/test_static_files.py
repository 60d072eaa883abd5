"""How style sheets and scripts are put together, and what a page loads of them."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.template import TemplateDoesNotExist
from django.template.loader import get_template

from postiz_pins.static_files import IMPORT, WholeScripts, WholeSheets

SHEETS = settings.BASE_DIR / "static" / "css"
SCRIPTS = settings.BASE_DIR / "static" / "js"
TEMPLATES = settings.BASE_DIR / "templates"
ENTRIES = sorted(SHEETS.glob("*.css"))
PARTS = sorted(SHEETS.glob("*/*.css"))
LONGEST = 400
LONGEST_LINE = 160


def whole(entry: Path) -> str:
    return WholeSheets(FileSystemStorage(SHEETS)).open(entry.name).read().decode()


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_sheet_is_served_with_its_parts_in_their_layers(entry: Path) -> None:
    served = whole(entry)

    assert "@import" not in served
    for part, layer in IMPORT.findall(entry.read_text()):
        assert f"@layer {layer} {{\n{(SHEETS / part).read_text()}}}" in served


def script(folder: Path, name: str) -> str:
    return WholeScripts(FileSystemStorage(folder)).open(name).read().decode()


@pytest.mark.parametrize("entry", sorted(SCRIPTS.glob("*.js")), ids=lambda entry: entry.name)
def test_script_is_served_with_the_modules_that_it_imports(entry: Path) -> None:
    served = script(SCRIPTS.parent, f"js/{entry.name}")

    assert not re.search(r"^\s*(import|export|//)", served, re.MULTILINE)


def test_modules_run_once_each_after_those_that_they_import(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "main.js").write_text(
        'import { half as part, Sum } from "./parts/sum.js";\nimport "./parts/told.js";\n'
        "// Why.\nlog(part(new Sum().of));\n"
    )
    (tmp_path / "parts/sum.js").write_text(
        'import { two } from "./two.js";\nexport class Sum {\n  of = 4;\n}\nexport const half = (all) => all / two;\n'
    )
    (tmp_path / "parts/told.js").write_text('import {\n  two,\n} from "../parts/two.js";\nlog(two);\n')
    (tmp_path / "parts/two.js").write_text("export const two = 2;\n")

    assert script(tmp_path, "main.js") == (
        "const parts_two = (() => {\nconst two = 2;\nreturn { two };\n})();\n"
        "const parts_sum = (() => {\nconst { two } = parts_two;\nclass Sum {\n  of = 4;\n}\n"
        "const half = (all) => all / two;\nreturn { Sum, half };\n})();\n"
        "const parts_told = (() => {\nconst {\n  two,\n} = parts_two;\nlog(two);\n})();\n"
        "const main = (() => {\nconst { half: part, Sum } = parts_sum;\nlog(part(new Sum().of));\n})();\n"
    )


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ('import everything from "./main.js";\n', "main.js: import everything"),
        ("export default 5;\n", "main.js: export default 5"),
        ('import "./main.js";\n', "main.js imports itself"),
    ],
)
def test_what_would_be_served_wrong_is_refused(tmp_path: Path, source: str, complaint: str) -> None:
    (tmp_path / "main.js").write_text(source)

    with pytest.raises(ValueError, match=complaint):
        script(tmp_path, "main.js")


def test_every_part_belongs_to_a_page() -> None:
    imported = {SHEETS / part for entry in ENTRIES for part, _ in IMPORT.findall(entry.read_text())}

    assert imported == set(PARTS)


def test_parts_name_no_files_of_their_own_and_are_short() -> None:
    """A relative address would point elsewhere once a part stands in its sheet."""
    for part in PARTS:
        content = part.read_text()
        assert "url(" not in content and "@import" not in content, part
        assert len(content.splitlines()) <= LONGEST, part


def test_app_sheet_declares_the_layers_that_all_sheets_use() -> None:
    declared = re.search(r"@layer ([\w, ]+);", (SHEETS / "app.css").read_text())

    assert declared is not None
    used = {layer for entry in ENTRIES for _, layer in IMPORT.findall(entry.read_text())}
    assert used == set(declared[1].split(", "))


def test_page_loads_at_most_three_sheets() -> None:
    """That of every page, and those that its template names."""
    for template in TEMPLATES.rglob("*.html"):
        assert len(re.findall(r"css/[\w-]+\.css", template.read_text())) <= 2, template
    assert re.findall(r"css/[\w-]+\.css", (TEMPLATES / "base.html").read_text()) == []


@pytest.mark.parametrize("folder", [TEMPLATES, settings.BASE_DIR / "postiz_pins" / "sandbox" / "templates"])
def test_no_line_of_a_page_is_longer_than_a_screen(folder: Path) -> None:
    """Nor one of an e-mail, as HTML or text."""
    pages = [*folder.rglob("*.html"), *folder.rglob("*.txt")]

    assert pages
    assert [
        f"{page}:{number}"
        for page in pages
        for number, line in enumerate(page.read_text().splitlines(), start=1)
        if len(line) > LONGEST_LINE
    ] == []


def test_every_template_that_another_includes_or_extends_is_there() -> None:
    """Django looks for them when a page is made: a page that the tests do not fill would fail in front of people."""
    names = {
        name
        for page in TEMPLATES.rglob("*.html")
        for name in re.findall(r'{% (?:include|extends) "([^"]+)"', page.read_text())
    }

    assert names
    assert [name for name in sorted(names) if not _is_there(name)] == []


def _is_there(name: str) -> bool:
    try:
        get_template(name)
    except TemplateDoesNotExist:
        return False
    return True
