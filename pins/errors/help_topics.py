"""The help page's topics beside the rows of catalogue.py.

They are the specification's best practices and troubleshooting, with the numbers of limits.py.
"""

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
        "Best practices",
        (
            f"Make images {_width} × {_height} pixels (2:3) to fill the space that Pinterest gives a pin. Use at"
            f" least {limits.GOOD_WIDTH} pixels of width.",
            f"Use all {limits.DESCRIPTION_LENGTH} characters of the description, with keywords that people search for.",
            "Choose a board that matches what the pin is about.",
            "Add a link: pins with links drive 3x more traffic.",
        ),
    ),
    Topic(
        "rules",
        "What a pin needs",
        (
            f"One image, 2 to {limits.CAROUSEL_IMAGES} images of the same width and height (a carousel), or a video"
            f" with a cover image.",
            f"Images are JPG or PNG, up to {limits.IMAGE_BYTES // 1024**2} MB each.",
            f"A board is required. Optional: a title (up to {limits.TITLE_LENGTH} characters), a description"
            f" ({limits.DESCRIPTION_LENGTH}), a link ({limits.LINK_LENGTH:,}), an alt text"
            f" ({limits.ALT_TEXT_LENGTH}), a board section and a dominant color such as #FF5722.",
            "Drafts may break these rules. They apply when a pin is proposed, published or scheduled.",
        ),
    ),
    Topic(
        "video-pins",
        "Video pins",
        (
            "A video pin has exactly 2 attachments.",
            "The first attachment is the video: MP4, encoded as"
            f" {_codecs}, {_shortest} seconds to {_longest // 60} minutes, up to {_video_gb} GB, with an aspect"
            f" ratio between 1:2 and 1.91:1.",
            "The second attachment is the cover image: JPG or PNG. If they are in the wrong order, use “Swap”.",
            "The cover image is shown before the video plays. You can pick a frame of the video.",
        ),
    ),
    Topic(
        "video-processing",
        "If a video takes a long time",
        (
            "Pinterest processes each video after the upload. This usually takes 5 to 10 minutes. The pin's page"
            " shows how long it has taken so far.",
            lazily(
                lambda: (
                    f"If it's stuck for over {stuck_after()}, the video is uploaded again automatically. If that"
                    f" doesn't help, the pin fails, and you can try again."
                )
            ),
            "Check that the format is MP4.",
            f"Verify that the file isn't too large: {_video_gb} GB at most. Smaller files are processed faster.",
            "Pinterest may review a video pin for 24 to 48 hours. It's published, but not everyone can see it yet."
            " You don't need to do anything.",
        ),
    ),
    Topic(
        "boards",
        "If a board isn't listed",
        (
            "Create the board on Pinterest first. Postiz Pins doesn't create boards.",
            "Refresh the boards of the account, under Connections or in the composer.",
            "Verify the board's permissions: the account must be allowed to add pins to it. Secret boards aren't"
            " listed, because Postiz Pins doesn't request access to them.",
            "Check that the board isn't deleted or archived on Pinterest.",
            "If no boards are listed at all, the connection may have expired. The account then says that it needs"
            " reconnecting.",
        ),
        link=("accounts:connection_list", "Go to Connections"),
    ),
    Topic(
        "links",
        "Links that Pinterest blocks",
        (
            "Use the page's own link, as your browser shows it when the page is open.",
            "Shortened links (bit.ly, tinyurl.com and so on) are often blocked, because they hide where they lead.",
            "Links that redirect to another site or page are often blocked, too. Redirects from http to https, or to"
            " the same site with www, are fine.",
            "Before a scheduled pin is published, we open its link once. We warn you if the page doesn't exist,"
            " returns an error or redirects, but not if the site is only slow. If this server is offline, we tell"
            " you that the link wasn't checked.",
        ),
    ),
    Topic(
        "spacing",
        "Spacing of pins",
        (
            "We warn you when pins of an account are too close together. Warnings don't stop a pin, and “Keep it"
            " anyway” turns one off for the pin as it is. The queue keeps to the limits by itself.",
            "Pinterest publishes no numbers for this. Its guidelines forbid spam, such as the same content over"
            " and over, and it advises publishing fresh content. All numbers below are our own cautious defaults."
            " Change them for each account under Settings, Publishing times, Spacing.",
            "Same link: 2 days, so that one page doesn't fill the feed of your followers.",
            "Same image or video on another board: 7 days, and up to 10 boards, so that it doesn't look like a"
            " series of repeats.",
            "Same image or video on the same board: always a warning, because it's a repeat of the same pin.",
            "More than 25 pins a day: a hint. It's a common rule of thumb among marketers, not a limit of Pinterest.",
            "More than 50 pins a day, or 5 an hour: a warning. It's far below what Pinterest lets apps send, but"
            " so many pins look automated.",
            "Links are the same without tracking parameters (utm_…, gclid), the part after # and a final slash."
            " Images are the same if their files are. Drafts and failed pins don't count.",
        ),
    ),
    Topic(
        "check",
        "The check before publishing",
        (
            "When you schedule a pin, we check its text, files and link right away.",
            "Ten minutes before it's published, we check again, and also whether the board still exists and the"
            " account is connected.",
            "Problems appear on the pin's page and on the dashboard under “Needs attention” while there is time to fix"
            " them. When you edit the pin, it's checked again.",
            "Warnings don't stop a pin. If a rule is broken at publishing time, the pin fails and says why.",
        ),
    ),
    Topic(
        "trial",
        "Trial access",
        (
            "A new Pinterest app has Trial access. Only the account that created its pins and boards can see them.",
            "Pinterest may not let such an app create pins at all, and allows it 1,000 requests a day.",
            "Request Standard access on developers.pinterest.com, under My apps. Pins created after that are public.",
            "Without an app, you can use sandbox mode: the bundled sandbox stands in for Pinterest.",
        ),
    ),
    Topic(
        "analytics",
        "If analytics are missing",
        (
            "New pins need 24 to 48 hours for their first analytics, and Pinterest may still correct recent days.",
            "Check that the date range includes the day the pin was created.",
            "Some numbers may be zero at first.",
            "Pinterest's data is sometimes late. Missing days are filled in automatically.",
        ),
    ),
)

_HEADINGS = {
    Remedy.FIX: (
        "fix",
        "Messages: you need to fix this",
        "Change the pin, a file or the board, then publish again. These pins aren't retried automatically.",
    ),
    Remedy.RETRY: (
        "retry",
        "Messages: retried automatically",
        "We retry for about an hour. The pin fails only if the last attempt fails.",
    ),
    Remedy.RECONNECT: (
        "reconnect",
        "Messages: the connection",
        "The account's connection to Pinterest needs attention. Reconnect it under Connections.",
    ),
    Remedy.LOOK: (
        "look",
        "Messages: check first",
        "Check Pinterest or the video before you try again.",
    ),
}

GROUPS = tuple(
    Group(anchor, title, lead, tuple(row for row in CATALOGUE if row.remedy is remedy))
    for remedy, (anchor, title, lead) in _HEADINGS.items()
)
