"""What can go wrong between a pin and Pinterest, row by row: the table behind the messages and behind /help/.

Sources: docs/pinterest.md, "Errors", "OAuth" and "Video".
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.utils.functional import lazy

from pins import limits

from .explanation import Answer, Explanation, Remedy


def stuck_after() -> str:
    """Return for how long a video may be processed before it is uploaded again, as in "30 minutes"."""
    count = settings.PINTEREST_MEDIA_STUCK_MINUTES
    return f"{count} minute{'' if count == 1 else 's'}"


def lazily(text: Callable[[], str]) -> str:
    """Return `text` as it is when it is read: its numbers are settings."""
    return lazy(text, str)()


LINK_BLOCKED = Explanation(
    "link_blocked",
    Remedy.FIX,
    "Pinterest blocked the link",
    "Pinterest thinks the pin's link may lead to spam, so the pin wasn't published. Nothing is lost. Change or remove"
    " the link, then publish again.",
    (
        "The site is new to Pinterest, or many pins with the same link were published in a short time.",
        "The link goes through a shortener or redirects to another page.",
        "If the site is yours and Pinterest is wrong, ask Pinterest's Help Center to review the block.",
    ),
    (Answer(text="blocked this link"),),
)
SPAM = Explanation(
    "spam",
    Remedy.FIX,
    "Pinterest took the pin for spam",
    "Wait a day, change the image, the text or the link, and publish less at once. Sending the same pin again would"
    " make it worse, so we didn't retry.",
    (
        "The same image or link was published many times in a short time.",
        "The link uses a shortener, or leads to a page that looks different from the pin.",
        "The account is new and publishes a lot at once.",
    ),
    (Answer(429, text="spam"), Answer(403, text="spam")),
)
RATE_LIMITED = Explanation(
    "rate_limited",
    Remedy.RETRY,
    "Pinterest's rate limit was reached",
    "The account has published a lot in a short time. The pin will be published automatically when the pause is over.",
    (
        "Pinterest sets the length of the pause. It doesn't count as one of the pin's attempts.",
        "An app with Trial access has 1,000 requests a day in total. With Standard access this is rare.",
    ),
    (Answer(429), Answer(403, text="exceeded your rate limit")),
)
RECONNECT_NEEDED = Explanation(
    "reconnect_needed",
    Remedy.RECONNECT,
    "The account needs reconnecting",
    "Pinterest no longer accepts the connection. Reconnect the account under Connections. The pin will then be"
    " published automatically.",
    (
        "The app was removed in the account's Pinterest settings, or the password was changed.",
        "Nothing was published or read for 60 days, so the connection expired.",
    ),
    (Answer(401),),
)
UNREACHABLE = Explanation(
    "pinterest_unreachable",
    Remedy.RETRY,
    "Pinterest couldn't be reached",
    "Postiz Pins tried several times over about an hour. Nothing is lost. Try again later.",
    ("Pinterest is down.", "The connection between this server and Pinterest is down or very slow."),
    operator_advice="Check whether a firewall blocks this server's connection to Pinterest.",
)
OFFLINE = Explanation(
    "server_offline",
    Remedy.RETRY,
    "This server was offline",
    "It couldn't reach anything on the internet for about an hour. Nothing is lost. Try again once it's back online.",
    ("The server that runs Postiz Pins lost its connection to the internet.",),
    operator_advice="Check this server's network connection and its name servers (DNS).",
)
ANSWERED_BY_PROXY = Explanation(
    "answered_by_proxy",
    Remedy.RETRY,
    "Something blocked the connection to Pinterest",
    "Something between this server and Pinterest answered in Pinterest's place, several times over about an hour."
    " Nothing is lost. Try again later. If it keeps happening, tell your administrator.",
    ("A proxy, a firewall or a content filter didn't let the request through.",),
    operator_advice="Check the proxy, firewall or filter between this server and Pinterest. It answered instead of"
    " Pinterest.",
)
PINTEREST_FAILED = Explanation(
    "pinterest_failed",
    Remedy.RETRY,
    "Pinterest had a problem",
    "Pinterest answered with an error several times over about an hour. Nothing is wrong with your pin, and nothing is"
    " lost. Try again later.",
    ("Pinterest is down or under maintenance. Such problems usually pass within minutes.",),
    (Answer(range(500, 600)),),
)
STORAGE_BUSY = Explanation(
    "storage_busy",
    Remedy.RETRY,
    "Pinterest's storage was busy",
    "Pinterest's video storage couldn't take the video, several times over about an hour. Nothing is wrong with your"
    " video, and nothing is lost. Try again later.",
    ("Pinterest stores videos at a provider, which limits uploads when it is busy.",),
    (Answer(range(400, 600), text="slowdown"),),
)
UNVERIFIED = Explanation(
    "unverified",
    Remedy.LOOK,
    "We couldn't confirm the pin was published",
    "We didn't get a reply from Pinterest, and the board couldn't be checked afterwards. “Try again” checks the board"
    " first and publishes the pin only if it isn't there.",
    (
        "Open the board on Pinterest. If the pin is there, delete it here, so it isn't published twice.",
        "Otherwise press “Try again”.",
    ),
)
MEDIA_MISSING = Explanation(
    "media_missing",
    Remedy.FIX,
    "A file of the pin is no longer in your library",
    "It was deleted from the media library. Edit the pin, upload the file again and publish.",
    ("The file was deleted, but this pin needs it.",),
)
MEDIA_UNREADABLE = Explanation(
    "media_unreadable",
    Remedy.RETRY,
    "A file of the pin couldn't be read",
    "Six attempts within an hour failed. Nothing was published, and nothing is lost. Try again; if that fails too, edit"
    " the pin and upload the file again.",
    (
        "The server's storage was unavailable. Such problems usually pass within minutes.",
        "The file was removed from the storage, or the disk is failing. Ask your administrator.",
    ),
)
VIDEO_FAILED = Explanation(
    "video_failed",
    Remedy.FIX,
    "Pinterest couldn't process the video",
    "Check that the format is MP4 and that the file isn't too large, then upload the video again and publish.",
    (
        "The format isn't MP4, or the video isn't encoded as H.264 or H.265. Export it as MP4 with H.264.",
        f"The file is larger than {limits.VIDEO_BYTES // 1024**3} GB, or damaged. Play it to the end to check.",
        "The cover image was sent in place of the video. The video comes first, the cover second.",
    ),
    (Answer(400, text="corrupted"), Answer(400, text="its status is failed")),
)
VIDEO_STUCK = Explanation(
    "video_stuck",
    Remedy.LOOK,
    "Pinterest is still processing the video",
    lazily(
        lambda: (
            f"It usually takes 5 to 10 minutes. After {stuck_after()} the video was uploaded again, and that didn't"
            f" help. Try again later."
        )
    ),
    (
        "Pinterest is busy: the same video often goes through later. “Try again” uploads it again.",
        "If it gets stuck every time, export the video again as MP4 with H.264, with a smaller file.",
    ),
)
UPLOAD_TOO_LARGE = Explanation(
    "upload_too_large",
    Remedy.FIX,
    "The video is too large for Pinterest",
    f"Pinterest accepts videos up to {limits.VIDEO_BYTES // 1024**3} GB. Export it at a lower bit rate, upload it"
    f" again and publish.",
    (),
    (Answer(413), Answer(400, text="entitytoolarge"), Answer(400, text="maximum allowed size")),
)
UPLOAD_REFUSED = Explanation(
    "upload_refused",
    Remedy.RETRY,
    "Pinterest's storage refused the video",
    "Its own message says why. Nothing is lost. Try again. If that fails too, tell your administrator.",
    (
        "The permission for this upload had expired. It's valid only for a short time.",
        "A proxy between this server and Pinterest changed the request, for instance by leaving out its length (411).",
        "The file changed while it was being sent.",
    ),
    (
        Answer(411),
        Answer(412),
        Answer(403, text="accessdenied"),
        Answer(403, text="according to policy"),
        Answer(400, text="malformedpostrequest"),
        Answer(400, text="invalidargument"),
    ),
    "Check whether a proxy changes uploads on their way to Pinterest, for instance by leaving out their length.",
)
VIDEO_GONE = Explanation(
    "video_gone",
    Remedy.RETRY,
    "Pinterest no longer has the video",
    "It keeps uploaded videos only for a while. Try again, and the video will be uploaded again.",
    ("The pin waited a long time between the upload and its creation, for instance for a reconnection.",),
    (Answer(404, text="media"),),
)
UPLOAD_BROKEN = Explanation(
    "upload_broken",
    Remedy.RETRY,
    "The video upload was interrupted",
    "The connection broke several times over about an hour. Nothing is lost. Try again later.",
    ("The connection is slow or unsteady: a large video needs it for minutes.",),
    (Answer(400, text="incompletebody"), Answer(400, text="requesttimeout")),
    "Check this server's connection to the internet.",
)
UNREACHABLE_URL = Explanation(
    "unreachable_url",
    Remedy.RETRY,
    "Pinterest couldn't load an image",
    "Pinterest couldn't download the image from this server, and sending it along didn't help either. Nothing is"
    " lost. Try again. If that fails too, tell your administrator.",
    ("After the first such reply, Postiz Pins sends the image itself, so this usually resolves itself.",),
    (Answer(text="unable to reach the url"), Answer(text="could not fetch the image")),
    "Check that PUBLIC_URL is open to the internet, without a firewall or a login before the images, or set"
    " PINTEREST_IMAGE_SOURCE=base64.",
)
REFUSED = Explanation(
    "refused",
    Remedy.FIX,
    "Pinterest refused the pin",
    "Pinterest's own message says why. Change the pin and publish again.",
    (
        "Postiz Pins doesn't know this reason, so Pinterest's message is shown word for word.",
        "If it doesn't help, give the request ID to Pinterest's support. They can look it up.",
    ),
)

# The first row with an answer that fits explains it: what says more stands before what says less.
CATALOGUE = (
    LINK_BLOCKED,
    SPAM,
    RATE_LIMITED,
    STORAGE_BUSY,
    Explanation(
        "section_gone",
        Remedy.FIX,
        "The board's section is gone",
        "Choose another section of the board, or none, and publish again.",
        ("The section was deleted or merged on Pinterest.",),
        (Answer(404, 2031), Answer(404, text="section")),
    ),
    Explanation(
        "board_not_found",
        Remedy.FIX,
        "The board is gone",
        "Pinterest can't find the board: it was deleted, or the account can no longer use it. Refresh the boards,"
        " choose another one and publish again.",
        (
            "The board was deleted, archived or made secret on Pinterest.",
            "It belongs to an account other than the connected one.",
        ),
        (Answer(404, 40), Answer(404, text="board"), Answer(400, text="does not match '^\\d+$'")),
    ),
    Explanation(
        "pin_not_found",
        Remedy.LOOK,
        "Pinterest can't find the pin",
        "It was probably deleted on Pinterest. To publish it again, duplicate it here.",
        ("The pin or its board was deleted.", "Pinterest removed it because it broke Pinterest's rules."),
        (Answer(404, 50), Answer(404, text="pin not found")),
    ),
    VIDEO_GONE,
    Explanation(
        "not_found",
        Remedy.FIX,
        "Pinterest can't find something that the pin needs",
        "The board, its section or the uploaded video is gone. Refresh the boards, choose the board again and publish.",
        (),
        (Answer(404),),
    ),
    UNREACHABLE_URL,
    Explanation(
        "too_many_images",
        Remedy.FIX,
        "Too many images",
        f"Pinterest allows up to {limits.CAROUSEL_IMAGES} images in one pin. Remove some and publish again.",
        (),
        (Answer(text=f"maxitems={limits.CAROUSEL_IMAGES}"),),
    ),
    Explanation(
        "carousel_sizes_differ",
        Remedy.FIX,
        "The carousel's images differ in size",
        "All images in a carousel need the same width and height. Crop them to match the first one.",
        (),
        (Answer(400, text="same dimensions"),),
    ),
    Explanation(
        "cover_missing",
        Remedy.FIX,
        "The cover image is missing",
        "A video pin needs a video and a cover image. Add a JPG or PNG as the second attachment and publish again.",
        ("A frame of the video can be the cover: “Choose a cover frame” in the composer.",),
        (Answer(text="cover_image_url or cover_image_content_type"),),
    ),
    VIDEO_FAILED,
    VIDEO_STUCK,
    UPLOAD_TOO_LARGE,
    UPLOAD_REFUSED,
    UPLOAD_BROKEN,
    MEDIA_MISSING,
    MEDIA_UNREADABLE,
    Explanation(
        "trial_access",
        Remedy.FIX,
        "Your Pinterest app has Trial access only",
        "Pinterest lets such apps create pins only in its own sandbox. Request Standard access on"
        " developers.pinterest.com (My apps), then try again.",
        (
            "Until then, you can try everything in sandbox mode.",
            "Only their creator can see pins that a Trial app did create.",
        ),
        (Answer(403, 29, "trial access"),),
    ),
    Explanation(
        "missing_permission",
        Remedy.RECONNECT,
        "A permission is missing",
        "Reconnect the account under Connections and grant all five permissions, then try again.",
        (
            "One of the five permissions was left unchecked when the account was connected.",
            "It was withdrawn later in the account's Pinterest settings.",
        ),
        (Answer(403, text="missing:"), Answer(403, text="scope")),
    ),
    Explanation(
        "not_permitted",
        Remedy.RECONNECT,
        "Pinterest doesn't allow this",
        "The account may lack a permission, or may not be allowed to add pins to this board. Reconnect it and grant"
        " all five permissions, or choose another board.",
        (
            "The board belongs to another account, which no longer lets this one add pins.",
            "The board is secret. Postiz Pins doesn't request permission to use secret boards.",
        ),
        (Answer(403),),
    ),
    RECONNECT_NEEDED,
    PINTEREST_FAILED,
    ANSWERED_BY_PROXY,
    UNREACHABLE,
    OFFLINE,
    UNVERIFIED,
    REFUSED,
)
