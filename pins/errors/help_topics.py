"""What the help page tells beside the rows of catalogue.py: the specification's best practices and troubleshooting,
with the numbers of limits.py."""

from __future__ import annotations

from dataclasses import dataclass

from pins import limits

from .catalogue import CATALOGUE, Explanation, Remedy, lazily, stuck_after

_width, _height = limits.IDEAL_SIZE
_shortest, _longest = limits.VIDEO_SECONDS
_video_gb = limits.VIDEO_BYTES // 1024**3
_codecs = " or ".join(limits.VIDEO_CODECS.values())


@dataclass(frozen=True)
class Topic:
    """A section of the help page. `link` is the name of an address and what stands on it."""

    anchor: str
    title: str
    points: tuple[str, ...]
    lead: str = ""
    link: tuple[str, str] | None = None


@dataclass(frozen=True)
class Group:
    """The rows of the table that ask the same of a person."""

    anchor: str
    title: str
    lead: str
    rows: tuple[Explanation, ...]


TOPICS = (
    Topic(
        "best-practices",
        "Pins that do well",
        (
            f"Make pictures {_width} × {_height} pixels (2:3): they fill the space that Pinterest gives a pin."
            f" {limits.GOOD_WIDTH} pixels of width is the least that looks good.",
            f"Use all {limits.DESCRIPTION_LENGTH} characters of the description, with keywords that people search for.",
            "Choose a board that matches what the pin is about.",
            "Add a link: pins with links drive 3x more traffic.",
        ),
    ),
    Topic(
        "rules",
        "What a pin is made of",
        (
            f"One picture, or 2 to {limits.CAROUSEL_IMAGES} pictures of the same width and height (a carousel), or a"
            " video with its cover image.",
            f"Pictures are JPG or PNG, up to {limits.IMAGE_BYTES // 1024**2} MB each.",
            f"A board is required. Optional are a title (up to {limits.TITLE_LENGTH} characters), a description"
            f" ({limits.DESCRIPTION_LENGTH}), a link ({limits.LINK_LENGTH:,}), an alternative text"
            f" ({limits.ALT_TEXT_LENGTH}), a section of the board and a dominant colour such as #FF5722.",
            "A draft may break every rule for a while; the rules hold when a pin is proposed, published or scheduled.",
        ),
    ),
    Topic(
        "video-pins",
        "Video pins",
        (
            "A video pin has exactly 2 attachments.",
            "The first attachment is the video: MP4, encoded as"
            f" {_codecs}, {_shortest} seconds to {_longest // 60} minutes, up to {_video_gb} GB, in a shape between"
            " 1:2 and 1.91:1.",
            "The second attachment is the cover image: JPG or PNG. If they stand the other way round, “Swap” mends it.",
            "The cover image shows before the video plays. A frame of the video can be the cover.",
        ),
    ),
    Topic(
        "video-processing",
        "If a video takes long",
        (
            "Pinterest processes each video after the upload. That takes 5 to 10 minutes as a rule, and the pin's page"
            " shows for how long already.",
            lazily(
                lambda: (
                    f"If it is stuck for over {stuck_after()}, the video is uploaded once more automatically. If that"
                    " doesn't help, the pin fails, and you can try again."
                )
            ),
            "Check that the format is MP4.",
            f"Verify that the file isn't too large: {_video_gb} GB at most, and smaller files go through faster.",
            "A video pin can be in review at Pinterest for 24 to 48 hours. It is published here, yet not visible to"
            " everybody so far; nothing needs to be done.",
        ),
    ),
    Topic(
        "boards",
        "If a board isn't listed",
        (
            "Create the board in Pinterest first: boards are not created here.",
            "Refresh the boards of the account, under Connections or in the composer.",
            "Verify the board's permissions: the account must be allowed to add pins to it. Secret boards are not"
            " listed, since Postiz Pins does not ask to see them.",
            "Check that the board isn't deleted or archived in Pinterest.",
            "If no board at all is listed, the connection may have ended: the account then says that it needs"
            " reconnecting.",
        ),
        link=("accounts:connection_list", "Go to Connections"),
    ),
    Topic(
        "links",
        "Links that Pinterest blocks",
        (
            "Use the address of the page itself, as the browser shows it when the page is open.",
            "Shortened links (bit.ly, tinyurl.com and so on) are often blocked, since nobody sees where they lead.",
            "So are links that redirect to another site or page. From http to https, or to the same address with www,"
            " is fine.",
            "Before a scheduled pin goes out, its link is opened once from here. You are warned if the page does not"
            " exist, answers with an error, or leads on to another. Nobody is warned about a site that is merely slow;"
            " if this server is offline, you are told that the link was not checked.",
        ),
    ),
    Topic(
        "check",
        "The check before publishing",
        (
            "A scheduled pin is checked right away: the rules, the files and the link.",
            "Ten minutes before it goes out it is checked again, with a look at Pinterest: is the board still there,"
            " is the account connected?",
            "What is found stands on the pin's page and on the dashboard under “Needs attention”, while there is time"
            " to fix it. Edit the pin, and it is checked again.",
            "A warning stops nothing. If a rule is broken when the time has come, the pin fails and says why.",
        ),
    ),
    Topic(
        "trial",
        "Trial access",
        (
            "A new app at Pinterest has Trial access. Its pins and boards can be seen only by the account that created"
            " them, so nobody else finds the pin.",
            "Pinterest may refuse to create pins for such an app at all, and allows it 1,000 requests a day.",
            "Ask for Standard access on developers.pinterest.com, under My apps. Pins that are created after that are"
            " public.",
            "Without any app you can practise: the bundled sandbox then stands in for Pinterest.",
        ),
    ),
    Topic(
        "analytics",
        "If figures are missing",
        (
            "New pins need 24 to 48 hours for their first figures, and Pinterest corrects the latest days afterwards.",
            "Check that the date range covers the day on which the pin was created.",
            "Some figures may be zero at first.",
            "Pinterest may be late for everybody for a while; missing days are filled in by themselves.",
        ),
    ),
)

_HEADINGS = {
    Remedy.FIX: (
        "fix",
        "Messages: yours to fix",
        "Change the pin, a file or the board, then publish again. Nothing is tried again by itself.",
    ),
    Remedy.RETRY: (
        "retry",
        "Messages: tried again by itself",
        "More attempts follow for about an hour. Only if the last one fails does the pin fail.",
    ),
    Remedy.RECONNECT: (
        "reconnect",
        "Messages: the connection",
        "The account's connection to Pinterest needs you. It is renewed under Connections.",
    ),
    Remedy.LOOK: (
        "look",
        "Messages: look first",
        "Look at Pinterest or at the video before you try again.",
    ),
}

GROUPS = tuple(
    Group(anchor, title, lead, tuple(row for row in CATALOGUE if row.remedy is remedy))
    for remedy, (anchor, title, lead) in _HEADINGS.items()
)
