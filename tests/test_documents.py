"""The documents: what they list is what there is."""

import pytest
from django.conf import settings
from django.contrib import admin

from accounts.notifications.kinds import ABOUT

LONGEST_LINE = 120
ADMINISTRATION = (settings.BASE_DIR / "docs/administration.md").read_text()


def actions():
    """The actions of our own lists in the administration, with the address of each list."""
    for model, model_admin in admin.site._registry.items():
        for name in model_admin.actions if model.__module__.startswith(("accounts.", "pins.", "analytics.")) else ():
            description = getattr(model_admin, name).short_description
            yield f"/admin/{model._meta.app_label}/{model._meta.model_name}/", description


def test_every_action_of_the_administration_is_documented():
    listed = list(actions())

    assert len(listed) > 10
    missing = [row for row in listed if f"`{row[0]}`" not in ADMINISTRATION or f"*{row[1]}*" not in ADMINISTRATION]
    assert missing == []


@pytest.mark.parametrize("kind", ABOUT)
def test_every_kind_of_notification_is_documented_with_its_recipients(kind):
    assert f"| {kind.label} | " in ADMINISTRATION
    [row] = [line for line in ADMINISTRATION.splitlines() if line.startswith(f"| {kind.label} | ")]

    assert row.endswith(f" | {ABOUT[kind].recipients} |")


def prose(text):
    """The numbered lines outside of code and tables."""
    in_code = False
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip().startswith("```"):
            in_code = not in_code
        elif not in_code and not line.startswith("|"):
            yield number, line


def test_lines_of_prose_fit_into_a_window():
    documents = [*settings.BASE_DIR.glob("*.md"), *settings.BASE_DIR.glob("docs/**/*.md")]
    documents.remove(settings.BASE_DIR / "CHANGELOG.md")  # one line for each change, so that two are merged easily

    assert len(documents) > 15
    assert [
        f"{document.name}:{number}"
        for document in documents
        for number, line in prose(document.read_text())
        if len(line) > LONGEST_LINE
    ] == []


def test_no_command_is_broken_by_a_line():
    """What is copied from a page runs as it stands."""
    documents = [*settings.BASE_DIR.glob("*.md"), *settings.BASE_DIR.glob("docs/**/*.md")]

    assert [
        f"{document.name}:{number}"
        for document in documents
        for number, line in prose(document.read_text())
        if line.count("`") % 2
    ] == []
