"""The files of the pin being composed: read from its form, put in order, replaced by better ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.utils.datastructures import MultiValueDict

from accounts.models import User, Workspace
from pins import limits
from pins.media import editing as media_editing
from pins.models import MediaFile, Pin
from pins.rules.composition import AttachedMedia
from pins.rules.texts import clean_link, clean_text
from postiz_pins.common.params import parse_keys


def attachments_of(pin: Pin) -> list[AttachedMedia]:
    """Return the pin's media files with their texts, in order."""
    return [AttachedMedia(each.media, each.title, each.description, each.link) for each in pin.attachments.all()]


def attachments_from(data: MultiValueDict[str, str], workspace: Workspace) -> list[AttachedMedia]:
    """Return the workspace's media files with the posted ids, in their order and each once.

    Other ids are left out. Only the images of a carousel have texts of their own: those of other pins are dropped.
    """
    keys = parse_keys(data.getlist("attachments"))
    media_by_id = MediaFile.objects.in_workspace(workspace).select_related("workspace").in_bulk(keys)
    media_files = [media_by_id[key] for key in keys if key in media_by_id]
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
    """Return whether the files make a carousel: several images without a video."""
    return len(media_files) > 1 and not any(media.is_video for media in media_files)


def roles(attachments: Sequence[AttachedMedia]) -> list[str]:
    """Return what each file is in the pin, in words; attachments.js says the same while files are moved."""
    has_video = any(attached.media.is_video for attached in attachments)
    if has_video:
        kinds = ["video" if each.media.is_video else "cover" for each in attachments]
        kinds[2:] = ["too many"] * len(kinds[2:])
        return [f"{number}: {kind}" for number, kind in enumerate(kinds, start=1)]
    if len(attachments) == 1:
        return [""]
    return [f"{number} of {len(attachments)}" for number in range(1, len(attachments) + 1)]


def rearranged(attachments: Sequence[AttachedMedia], action: str, by: User) -> list[AttachedMedia]:
    """Return the attachments after a button such as "swap", "later:12" or "frame:2.5" without scripts.

    Raises MediaRefused if a file cannot be read. An action that fits nothing changes nothing.
    """
    name, _, argument = action.partition(":")
    arranged = list(attachments)
    index = next((n for n, each in enumerate(arranged) if str(each.media.pk) == argument), None)
    if name == "swap":
        arranged.reverse()
    elif name == "match_size":
        matched = media_editing.match_size([each.media for each in arranged], by)
        arranged = [replace(each, media=media) for each, media in zip(arranged, matched, strict=True)]
    elif name == "frame":
        arranged = _with_cover(arranged, argument, by)
    elif index is None:
        return arranged
    elif name == "remove":
        del arranged[index]
    elif name == "crop":
        cropped = media_editing.crop_to_ideal(arranged[index].media, media_editing.CENTRE, by)
        arranged[index] = replace(arranged[index], media=cropped)
    elif name in ("earlier", "later"):
        moved = arranged.pop(index)
        arranged.insert(max(0, index + (-1 if name == "earlier" else 1)), moved)
    return _each_once(arranged)


def _with_cover(attachments: list[AttachedMedia], at_seconds: str, by: User) -> list[AttachedMedia]:
    """Return the video followed by its frame of that moment, in place of its former cover."""
    video = next((each for each in attachments if each.media.is_video), None)
    try:
        moment = float(at_seconds)
    except ValueError:
        return attachments
    if video is None or not 0 <= moment <= (video.media.duration_seconds or 0):
        return attachments
    return [video, AttachedMedia(media_editing.frame_as_cover(video.media, moment, by))]


def _each_once(attachments: list[AttachedMedia]) -> list[AttachedMedia]:
    """Return each file once: two images that were cropped to the same one are one attachment."""
    return list({each.media.pk: each for each in attachments}.values())


def announcement(action: str, before: Sequence[AttachedMedia], after: Sequence[AttachedMedia]) -> str:
    """Return the sentence by which a screen reader's user learns what the button `action` has done to the files."""
    name, _, argument = action.partition(":")
    index = next((n for n, each in enumerate(after) if str(each.media.pk) == argument), None)
    removed = next((each.media for each in before if str(each.media.pk) == argument), None)
    if name == "remove" and removed is not None:
        return f"{removed} was removed. It stays in your library."
    if name == "swap" and after:
        return f"{after[0].media} is now first."
    if name == "match_size":
        return "All images now have the size of the first one."
    if index is None:
        return ""
    media = after[index].media
    if name in ("earlier", "later") and list(before) == list(after):
        return f"{media} is already {'first' if name == 'earlier' else 'last'}."
    return {
        "earlier": f"{media} is now {index + 1} of {len(after)}.",
        "later": f"{media} is now {index + 1} of {len(after)}.",
        "moved": f"{media} is now {index + 1} of {len(after)}.",
        "added": f"{media} was added.",
        "cropped": f"{media} replaced the original.",
        "covered": f"{media} is now the cover image.",
    }.get(name, "")


def is_better_size_advised(attachments: Sequence[AttachedMedia]) -> bool:
    """Return whether an image is smaller than Pinterest recommends, or of another shape, or there is no file yet."""
    media_files = [attached.media for attached in attachments]
    if any(media.is_video for media in media_files):
        return False
    width, height = limits.IDEAL_SIZE
    is_ideal = [media.has_ideal_shape and media.width >= width and media.height >= height for media in media_files]
    return not is_ideal or not all(is_ideal)
