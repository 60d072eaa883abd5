"""What a team uses again, in the composer: link presets, snippets and templates."""

from __future__ import annotations

from collections.abc import MutableMapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import Board, User, Workspace
from pins.models import Pin, PinTemplate, Snippet
from pins.presets import templates
from pins.presets.choices import LinkPresets
from pins.rules.composition import Composition
from pins.tags.services import names_of
from postiz_pins.common.params import parse_keys

from . import services as composer
from .forms import PinForm

SNIPPET, TEMPLATE = "snippet:", "template:"


def use_link_preset(form: PinForm, pin: Pin | None, workspace: Workspace, *, by: User) -> bool:
    """Put the parameters of the link preset into the links of a valid form; return False, with an error, if not.

    A new pin whose link is to have its number is saved as a draft first, as it is saved without a button.
    """
    cleaned, presets, now = form.cleaned_data, LinkPresets(workspace), timezone.now()

    def content_of(pin: Pin | None, number: int | None = None) -> Composition:
        tags = form.tag_names
        if tags is None:
            tags = names_of(pin) if pin is not None else []
        at, key = cleaned["publish_at"], pin.pk if pin is not None else number
        return presets.apply(form.composition, cleaned["link_preset"], publish_at=at, tags=tags, pin_id=key, now=now)

    try:
        if pin is None and content_of(None, number=1) != content_of(None):
            pin = _draft_of(form, workspace, by=by, now=now)
            if pin is not None and not composer.is_still_meant(pin, content_of(pin)):
                pin = None  # it was published before, and another one is made
        composition = content_of(pin)
    except ValidationError as error:
        form.add_error("link", error)
        return False
    cleaned["link"], form.attachments = composition.link, composition.attachments
    return True


def _draft_of(form: PinForm, workspace: Workspace, *, by: User, now: datetime) -> Pin | None:
    """Return the pin that the form has created before, or else a draft of it; None: the form has no token."""
    token = form.cleaned_data["form_token"]
    if token is None:
        return None
    pin = composer.made_by_form(token, workspace)
    if pin is None:
        draft = composer.Submission(composition=form.composition, by=by, now=now)
        pin = composer.create(draft, workspace=workspace, form_token=token).pin
    return pin


def offers(choice: str, board: Board | None, workspace: Workspace) -> dict[str, Any]:
    """Return what the page offers: the presets with the chosen one, snippets and templates."""
    presets = LinkPresets(workspace)
    return {
        "link_presets": presets.all,
        "usual_preset": presets.usual(board),
        "link_preset": choice,
        "snippets": list(Snippet.objects.in_workspace(workspace).order_by("name", "pk")),
        "templates": list(PinTemplate.objects.in_workspace(workspace).order_by("name", "pk")),
    }


def fill_new(initial: dict[str, Any], board: Board | None, workspace: Workspace) -> str:
    """Fill a new pin from the template of its board, and return a sentence about it; empty without such a template."""
    template = templates.template_of(board, workspace)
    if template is None:
        return ""
    filled = templates.fill(template, initial)
    initial.update(filled.values)
    return filled.sentence if filled.values else ""


def is_action(action: str) -> bool:
    """Return whether the button inserts a snippet, or fills fields from a template."""
    return action.startswith((SNIPPET, TEMPLATE))


def carry_out(action: str, typed: MutableMapping[str, str], workspace: Workspace) -> str:
    """Change what was typed as the button says, and return a sentence about it; for a browser without scripts."""
    kind, _, key = action.partition(":")
    if kind == "snippet":
        snippet = Snippet.objects.in_workspace(workspace).filter(pk__in=parse_keys([key])).first()
        if snippet is None:
            return "This snippet no longer exists. Nothing was inserted."
        typed["description"] = " ".join(filter(None, [typed.get("description", "").rstrip(), snippet.text]))
        return f"Inserted “{snippet}” at the end of the description."
    template = PinTemplate.objects.in_workspace(workspace).filter(pk__in=parse_keys([key])).first()
    if template is None:
        return "This template no longer exists. Nothing was filled in."
    filled = templates.fill(template, typed)
    typed.update(filled.values)
    return filled.sentence
