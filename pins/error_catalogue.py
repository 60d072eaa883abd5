"""What Pinterest answers, and what it means for the pin and for the person: one table.

The status counts first, then the code, then the text, because codes repeat (facts.md, "Errors")."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from postiz_pins.pinterest.errors import PinterestError, SpamRefused, UploadRefused

from .models import Pin


class Remedy(enum.Enum):
    FIX = "a person changes the pin or the board"
    RETRY = "the publisher tries again by itself"
    RECONNECT = "a person connects the account again"
    LOOK = "a person looks at the board"


@dataclass(frozen=True)
class Explanation:
    """A row of the catalogue. `status`, `pinterest_code` and `text` say which answers it explains; None fits any."""

    code: str
    remedy: Remedy
    title: str
    advice: str
    status: int | None = None
    pinterest_code: int | None = None
    text: str | None = None

    def fits(self, error: PinterestError) -> bool:
        return (
            (self.status is None or self.status == error.status)
            and (self.pinterest_code is None or self.pinterest_code == error.code)
            and (self.text is None or self.text.lower() in error.message.lower())
        )


SPAM = Explanation(
    "spam",
    Remedy.FIX,
    "Pinterest took the pin for spam",
    "Wait a day, change the picture, the text or the link, and publish less at once. Sending the same pin again makes"
    " it worse, so it was not repeated.",
)
RATE_LIMITED = Explanation(
    "rate_limited",
    Remedy.RETRY,
    "Pinterest asked for a pause",
    "The account has sent a lot in a short time. The pin goes out by itself when the pause is over.",
)
RECONNECT_NEEDED = Explanation(
    "reconnect_needed",
    Remedy.RECONNECT,
    "The account has to be connected again",
    "Pinterest no longer accepts the connection. Reconnect the account under Connections;"
    " the pin then goes out by itself.",
)
UNREACHABLE = Explanation(
    "pinterest_unreachable",
    Remedy.RETRY,
    "Pinterest could not be reached",
    "Five attempts within an hour failed. Check that this server is online and that Pinterest is up, then retry.",
)
UNVERIFIED = Explanation(
    "unverified",
    Remedy.LOOK,
    "Nobody knows whether Pinterest has the pin",
    "Its answer was lost, and the board could not be read afterwards. “Retry” looks at the board again and sends the"
    " pin only if it is not there.",
)
MEDIA_MISSING = Explanation(
    "media_missing",
    Remedy.FIX,
    "The picture is no longer in the library",
    "Its file cannot be read on this server. Edit the pin, upload the picture again and publish.",
)
REFUSED = Explanation(
    "refused",
    Remedy.FIX,
    "Pinterest refused the pin",
    "Pinterest's own words stand below. Change the pin accordingly and publish again.",
)
VIDEO_GONE = Explanation(
    "video_gone",
    Remedy.RETRY,
    "Pinterest no longer has the video",
    "It keeps an uploaded video for a while only. Retry, and the video is uploaded again.",
    text="media",
    status=404,
)
UPLOAD_INTERRUPTED = Explanation(
    "upload_interrupted",
    Remedy.RETRY,
    "The upload of the video broke off",
    "Six attempts did not get through. Check this server's connection to the internet, then retry: the upload begins"
    " anew.",
)
UPLOAD_REFUSED = Explanation(
    "upload_refused",
    Remedy.RETRY,
    "Pinterest's storage did not take the video",
    "The permission for the upload may have expired, or a proxy on the way may have changed the request. Retry; if it"
    " fails again, let somebody who runs this server look at its proxy.",
)
UPLOAD_TOO_LARGE = Explanation(
    "upload_too_large",
    Remedy.FIX,
    "The video is too large for Pinterest",
    "Verify that the file size isn’t too large: Pinterest takes up to 2 GB. Export the video with a lower bit rate,"
    " upload it again and publish.",
)
PROCESSING_FAILED = Explanation(
    "processing_failed",
    Remedy.FIX,
    "Pinterest could not process the video",
    "Check that the video format is MP4, with H.264 or H.265, and verify that the file size isn’t too large. Export the"
    " video again, replace it in the pin and publish.",
)
PROCESSING_STUCK = Explanation(
    "processing_stuck",
    Remedy.RETRY,
    "Processing the video does not come to an end",
    "Processing can take 5 to 10 minutes; this one was stuck over 30 minutes, twice. Check that the video format is MP4"
    " and that the file size isn’t too large, then retry.",
)

# The first row that fits an answer explains it.
CATALOGUE = (
    VIDEO_GONE,
    Explanation(
        "trial_access",
        Remedy.FIX,
        "Your Pinterest app has Trial access only",
        "Pinterest lets such apps create pins only in its own sandbox. Ask for Standard access on"
        " developers.pinterest.com (My apps), then retry.",
        status=403,
        pinterest_code=29,
        text="trial access",
    ),
    Explanation(
        "not_permitted",
        Remedy.RECONNECT,
        "Pinterest does not permit this",
        "The account may lack a permission or may not write to this board. Connect it again and grant all five"
        " permissions, or choose another board.",
        status=403,
    ),
    Explanation(
        "board_not_found",
        Remedy.FIX,
        "The board is gone",
        "Pinterest does not find the board: it was deleted, or the account may no longer use it. Refresh the"
        " boards, choose another one and publish again.",
        status=404,
    ),
    Explanation(
        "board_not_found",
        Remedy.FIX,
        "The board is gone",
        "Pinterest does not accept the board. Refresh the boards, choose another one and publish again.",
        status=400,
        text="does not match '^\\d+$'",
    ),
    Explanation(
        "unreachable_url",
        Remedy.RETRY,
        "Pinterest could not fetch the picture",
        "Check that PUBLIC_URL is open to the internet, or set PINTEREST_IMAGE_SOURCE=base64, then retry.",
        text="unable to reach the url",
    ),
    Explanation(
        "too_many_images",
        Remedy.FIX,
        "Too many pictures",
        "Pinterest takes at most five pictures in one pin. Remove some and publish again.",
        text="maxitems=5",
    ),
    Explanation(
        "cover_missing",
        Remedy.FIX,
        "The cover image is missing",
        "A video pin needs a video and a cover image. Add a JPG or PNG as the second attachment and publish again.",
        text="cover_image_url or cover_image_content_type",
    ),
)

_BY_CODE = {
    row.code: row
    for row in (
        *reversed(CATALOGUE),
        SPAM,
        RATE_LIMITED,
        RECONNECT_NEEDED,
        UNREACHABLE,
        UNVERIFIED,
        MEDIA_MISSING,
        REFUSED,
        UPLOAD_INTERRUPTED,
        UPLOAD_REFUSED,
        UPLOAD_TOO_LARGE,
        PROCESSING_FAILED,
        PROCESSING_STUCK,
    )
}


def explain(error: PinterestError) -> Explanation:
    """The row for Pinterest's answer; `REFUSED`, which shows Pinterest's own words, where none fits better."""
    if isinstance(error, SpamRefused):
        return SPAM
    return next((row for row in CATALOGUE if row.fits(error)), REFUSED)


def explain_upload(error: UploadRefused) -> Explanation:
    """The row for a refusal of the upload target, whose statuses mean other things than those of Pinterest's API."""
    return UPLOAD_TOO_LARGE if error.word == "EntityTooLarge" else UPLOAD_REFUSED


def explanation_for(code: str) -> Explanation | None:
    """The row with this code; None where the code is a rule of composition.py, whose sentence says it all."""
    return _BY_CODE.get(code)


@dataclass(frozen=True)
class Trouble:
    """What went wrong with a pin last, for people."""

    title: str
    advice: str
    pinterest_words: str


def explanation_of(pin: Pin) -> Trouble | None:
    """What to tell about the pin's last error; None if there was none."""
    if not pin.error_code:
        return None
    row = explanation_for(pin.error_code)
    if row is None:
        return Trouble("The pin needs a change", pin.error_text, "")
    is_retried = pin.is_on_its_way and row.remedy is Remedy.RETRY
    return Trouble(row.title, "It is tried again by itself." if is_retried else row.advice, pin.error_text)
