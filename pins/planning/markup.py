"""The markup of a pin in the calendar.

A template takes ten times as long for each of the hundred pins of a month; this is all that it would say.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from .chips import Chip

CHIP = """<article class="chip chip--{status}" id="chip-{pk}"{movable}>
<p class="chip__head">{time}{family}<span class="chip__status">{status_name}</span></p>
<span class="thumbnail">{thumbnail}</span>
<div class="chip__text"><a class="chip__title" href="{url}" dir="auto">{name}</a>
<p class="chip__board"><bdi>{board}</bdi>{kind}{warned}{too_close}</p></div>
{move}</article>"""
MOVABLE = ' data-move-url="{url}" data-version="{version}" data-at="{clock}"'
TIME = '<time class="chip__time" datetime="{moment}">{clock}</time> '
FAMILY = '<span class="chip__status" title="Made together with others">{family}</span> '
IMAGE = '<img src="{thumbnail_url}" alt="" loading="lazy">'
KIND = ' <span class="chip__mark">{kind}</span>'
WARNED = mark_safe(' <span class="chip__mark chip__mark--warned">Warning</span>')
TOO_CLOSE = """ <span class="chip__mark chip__mark--warned" title="{warnings}">Too close<span class="visually-hidden">:
{warnings}</span></span>"""
MOVE = """<a class="chip__move" href="{move_url}?next={here}" data-move>Move<span class="visually-hidden">
“<bdi>{name}</bdi>”</span>…</a>"""


def draw(chips: Sequence[Chip], here: str) -> None:
    """Note the markup of each pin; `here` is the address that moving it leads back to."""
    icon = render_to_string("_icon.html", {"name": "media"})
    back = quote(here, safe="")
    for chip in chips:
        chip.markup = _chip(chip, back, icon)


def _chip(chip: Chip, here: str, icon: str) -> SafeString:
    move_url, warnings = chip.move_url, " ".join(chip.warnings)
    return format_html(
        CHIP,
        pk=chip.pk,
        status=chip.status,
        status_name=chip.status_name,
        url=chip.url,
        name=chip.name,
        board=chip.board or "No board yet",
        movable=format_html(MOVABLE, url=move_url, version=chip.version, clock=chip.clock) if chip.has_move else "",
        time=format_html(TIME, moment=chip.moment, clock=chip.clock) if chip.at else "",
        family=format_html(FAMILY, family=chip.family) if chip.family else "",
        thumbnail=format_html(IMAGE, thumbnail_url=chip.thumbnail_url) if chip.thumbnail else icon,
        kind=format_html(KIND, kind=chip.kind) if chip.kind else "",
        warned=WARNED if chip.is_warned else "",
        too_close=format_html(TOO_CLOSE, warnings=warnings) if warnings else "",
        move=format_html(MOVE, move_url=move_url, here=here, name=chip.name) if chip.has_move else "",
    )
