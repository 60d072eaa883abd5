"""How style sheets are put together, and what a page loads of them."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.storage import FileSystemStorage

from postiz_pins.static_files import IMPORT, WholeSheets

SHEETS = settings.BASE_DIR / "static" / "css"
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
    """E-mails aside, whose styles stand at their elements."""
    pages = [page for page in folder.rglob("*.html") if page.parent.name != "email" and page.name != "email.html"]

    assert [
        f"{page}:{number}"
        for page in pages
        for number, line in enumerate(page.read_text().splitlines(), start=1)
        if len(line) > LONGEST_LINE
    ] == []
