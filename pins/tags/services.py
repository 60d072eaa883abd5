"""Tags are read from a line of text, and put on pins and media files. A name in another case is the same tag."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from django.core.exceptions import ValidationError
from django.db.models.functions import Lower

from accounts.models import Workspace
from pins import limits
from pins.models import MediaFile, Pin, PinTemplate, Tag
from pins.rules.texts import clean_text
from postiz_pins.common.text import collapse_whitespace

# More make no list to choose from; all of them can be typed.
SUGGESTED = 200
SEPARATORS = re.compile(r"[,;\n]")


def parse_names(text: str) -> list[str]:
    """Return the names in a line such as “Spring sale, #outdoor”, each once, in their order."""
    return clean_names(SEPARATORS.split(text))


def clean_names(names: Iterable[str]) -> list[str]:
    """Return the names without blanks around them, the sign of a hashtag, and repetitions."""
    found: dict[str, str] = {}
    for typed in names:
        name = collapse_whitespace(clean_text(typed)).lstrip("#").strip()
        if name:
            found.setdefault(name.casefold(), name)
    return list(found.values())


def check_names(names: Sequence[str]) -> None:
    """Raise ValidationError with a sentence if there are too many names, or one is too long."""
    if len(names) > limits.TAGS_PER_PIN:
        raise ValidationError(
            f"{len(names)} tags are entered; up to {limits.TAGS_PER_PIN} are allowed. Remove some.",
            code="tags_too_many",
        )
    for name in names:
        if len(name) > limits.TAG_LENGTH:
            raise ValidationError(
                f"The tag “{name[: limits.TAG_LENGTH]}…” has {len(name)} characters; up to {limits.TAG_LENGTH} are"
                " allowed. Separate tags with commas.",
                code="tag_too_long",
            )


def tags_named(names: Sequence[str], workspace: Workspace) -> list[Tag]:
    """Return the workspace's tags of these names, in their order; those that are not there yet are created."""
    found = _found(names, workspace)
    new = [Tag(workspace=workspace, name=name) for name in names if name.casefold() not in found]
    if new:
        Tag.objects.bulk_create(new, ignore_conflicts=True)  # another request may create the same at this moment
        found = _found(names, workspace)
    return [found[name.casefold()] for name in names if name.casefold() in found]


def tags_called(name: str, workspace: Workspace) -> list[Tag]:
    """Return the workspace's tag of this name in any case, in a list; empty if there is none."""
    names = clean_names([name])
    found = _found(names, workspace)
    return [found[each.casefold()] for each in names if each.casefold() in found]


def _found(names: Sequence[str], workspace: Workspace) -> dict[str, Tag]:
    """Return the tags by their names in lower case."""
    if not names:
        return {}
    tags = Tag.objects.in_workspace(workspace)
    if all(name.isascii() for name in names):  # SQLite knows no other letters in lower case
        tags = tags.annotate(key=Lower("name")).filter(key__in=[name.lower() for name in names])
    return {tag.name.casefold(): tag for tag in tags}


def names_of(row: Pin | MediaFile | PinTemplate) -> list[str]:
    """Return the names of its tags in the alphabet's order."""
    return sorted((tag.name for tag in row.tags.all()), key=str.lower)


def suggested_names(workspace: Workspace) -> list[str]:
    """Return the names that a field for tags offers."""
    return list(Tag.objects.in_workspace(workspace).order_by(Lower("name")).values_list("name", flat=True)[:SUGGESTED])


def set_tags(row: Pin | MediaFile, names: Sequence[str]) -> None:
    """Give the pin or file exactly these tags. Names have been checked; what is not there yet is created."""
    if {name.casefold() for name in names} != {name.casefold() for name in names_of(row)}:
        row.tags.set(tags_named(names, row.workspace))


def add_tags(row: Pin | MediaFile, names: Sequence[str]) -> bool:
    """Add the tags, as far as there is room for all of them; return False, and add none, if there is not."""
    before = names_of(row)
    known = {name.casefold() for name in before}
    after = [*before, *(name for name in names if name.casefold() not in known)]
    if len(after) > limits.TAGS_PER_PIN:
        return False
    set_tags(row, after)
    return True
