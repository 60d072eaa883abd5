"""The files of the pin being composed: read from its form, put in order, replaced by better ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.utils.datastructures import MultiValueDict

from accounts.models import User, Workspace
from pins.media import editing as media_editing
from pins.models import MediaFile, Pin, shown_media
from pins.rules.composition import AttachedMedia
from pins.rules.texts import clean_link, clean_text
from postiz_pins.common.params import parse_keys


def attachments_of(pin: Pin) -> list[AttachedMedia]:
    return [AttachedMedia(each.media, each.title, each.description, each.link) for each in pin.attachments.all()]


def attachments_from(data: MultiValueDict[str, str], workspace: Workspace) -> list[AttachedMedia]:
    """The workspace's media files that the posted ids name, in their order and each once; other ids are left out.

    Their own texts belong to the images of a carousel: those of a pin that is none are dropped."""
    keys = parse_keys(data.getlist("attachments"))
    found = MediaFile.objects.in_workspace(workspace).select_related("workspace").in_bulk(keys)
    media_files = [found[key] for key in keys if key in found]
    if not is_carousel(media_files):
        return [AttachedMedia(media) for media in media_files]

    def text(name: str, media: MediaFile) -> str:
        typed = data.get(f"attachment_{name}-{media.pk}", "")
        return clean_link(typed) if name == "link" else clean_text(typed)

    return [
        AttachedMedia(media, text("title", media), text("description", media), text("link", media))
        for media in media_files
    ]


def is_carousel(media_files: Sequence[MediaFile]) -> bool:
    return len(media_files) > 1 and not any(media.is_video for media in media_files)


def roles(attachments: Sequence[AttachedMedia]) -> list[str]:
    """What each file is in the pin, as people say it; attachments.js says the same while files are moved."""
    has_video = any(attached.media.is_video for attached in attachments)
    if has_video:
        kinds = ["video" if each.media.is_video else "cover" for each in attachments]
        kinds[2:] = ["too many"] * len(kinds[2:])
        return [f"{number}: {kind}" for number, kind in enumerate(kinds, start=1)]
    if len(attachments) == 1:
        return [""]
    return [f"{number} of {len(attachments)}" for number in range(1, len(attachments) + 1)]


def rearranged(attachments: Sequence[AttachedMedia], action: str, by: User) -> list[AttachedMedia]:
    """The attachments after the button `action` of a form without scripts, such as "swap", "later:12" or "frame:2.5".

    Raises MediaRefused if a file cannot be read. An action that fits nothing changes nothing."""
    name, _, argument = action.partition(":")
    chosen = list(attachments)
    index = next((n for n, each in enumerate(chosen) if str(each.media.pk) == argument), None)
    if name == "swap":
        chosen.reverse()
    elif name == "match_size":
        matched = media_editing.match_size([each.media for each in chosen], by)
        chosen = [replace(each, media=media) for each, media in zip(chosen, matched, strict=True)]
    elif name == "frame":
        chosen = _with_cover(chosen, argument, by)
    elif index is None:
        return chosen
    elif name == "remove":
        del chosen[index]
    elif name == "crop":
        cropped = media_editing.crop_to_ideal(chosen[index].media, media_editing.CENTRE, by)
        chosen[index] = replace(chosen[index], media=cropped)
    elif name in ("earlier", "later"):
        moved = chosen.pop(index)
        chosen.insert(max(0, index + (-1 if name == "earlier" else 1)), moved)
    return _each_once(chosen)


def _with_cover(attachments: list[AttachedMedia], at_seconds: str, by: User) -> list[AttachedMedia]:
    """The video with the frame of that moment behind it, in place of what was its cover."""
    video = next((each for each in attachments if each.media.is_video), None)
    try:
        moment = float(at_seconds)
    except ValueError:
        return attachments
    if video is None or not 0 <= moment <= (video.media.duration_seconds or 0):
        return attachments
    return [video, AttachedMedia(media_editing.frame_as_cover(video.media, moment, by))]


def _each_once(attachments: list[AttachedMedia]) -> list[AttachedMedia]:
    """Two images that were cropped to the same one are one attachment."""
    return list({each.media.pk: each for each in attachments}.values())


def offered_alt_text(attachments: Sequence[AttachedMedia]) -> str:
    """The alt text that the library keeps for the picture that stands for the pin."""
    shown = shown_media([each.media for each in attachments])
    return shown.alt_text if shown else ""


def offered_color(attachments: Sequence[AttachedMedia]) -> str:
    """The colour that prevails in the first image, which is the cover of a video; empty if it is not known."""
    shown = shown_media([each.media for each in attachments])
    return shown.dominant_color if shown and not shown.is_video else ""
