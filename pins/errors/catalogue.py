"""What can go wrong between a pin and Pinterest, row by row: the table behind the messages and behind /help/.

Sources: facts.md ("Errors", "OAuth 2.0", "Video", "Links") and the specification, "Troubleshooting"."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.utils.functional import lazy

from pins import limits

from .explanation import Answer, Explanation, Remedy


def stuck_after() -> str:
    """For how long a video may be processed before it is uploaded again, as in "30 minutes"."""
    count = settings.PINTEREST_MEDIA_STUCK_MINUTES
    return f"{count} minute{'' if count == 1 else 's'}"


def lazily(text: Callable[[], str]) -> str:
    """`text` as it is when somebody reads it: its numbers are settings."""
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
    "Wait a day, change the picture, the text or the link, and publish less at once. Sending the same pin again makes"
    " it worse, so it was not repeated.",
    (
        "The same picture or link went out many times in a short while.",
        "The link leads through a shortener, or to a page that looks different from the pin.",
        "The account is new and publishes a lot at once.",
    ),
    (Answer(429, text="spam"), Answer(403, text="spam")),
)
RATE_LIMITED = Explanation(
    "rate_limited",
    Remedy.RETRY,
    "Pinterest's rate limit was reached",
    "The account has sent a lot in a short time. The pin goes out by itself when the pause is over.",
    (
        "The pause is as long as Pinterest asked for. It costs none of the pin's attempts.",
        "An app with Trial access has 1,000 requests a day in all; with Standard access this is rare.",
    ),
    (Answer(429), Answer(403, text="exceeded your rate limit")),
)
RECONNECT_NEEDED = Explanation(
    "reconnect_needed",
    Remedy.RECONNECT,
    "The account has to be connected again",
    "Pinterest no longer accepts the connection. Reconnect the account under Connections;"
    " the pin then goes out by itself.",
    (
        "Somebody removed the app in the account's settings at Pinterest, or changed the password there.",
        "Nothing was published or read for 60 days, so the connection ended.",
    ),
    (Answer(401),),
)
UNREACHABLE = Explanation(
    "pinterest_unreachable",
    Remedy.RETRY,
    "Pinterest couldn't be reached",
    "Postiz Pins tried several times over about an hour. Nothing is lost. Try again later.",
    ("Pinterest is down for everybody.", "The connection between this server and Pinterest is down or very slow."),
    operator_advice="Check whether a firewall blocks this server's way to Pinterest.",
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
    "Something blocked the way to Pinterest",
    "Something between this server and Pinterest answered in Pinterest's place, several times over about an hour."
    " Nothing is lost. Try again later. If it keeps happening, tell whoever runs this server.",
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
    ("Pinterest is down or being worked on. Such problems usually pass within minutes.",),
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
        "Open the board at Pinterest: if the pin is there, delete it here, and nothing goes out twice.",
        "Otherwise press “Try again”.",
    ),
)
MEDIA_MISSING = Explanation(
    "media_missing",
    Remedy.FIX,
    "A file of the pin is no longer in the library",
    "It was deleted from the media library. Edit the pin, upload the file again and publish.",
    ("Somebody deleted the file, and this pin needs it.",),
)
MEDIA_UNREADABLE = Explanation(
    "media_unreadable",
    Remedy.RETRY,
    "A file of the pin could not be read",
    "Six attempts within an hour failed. Nothing was published, and nothing is lost. Try again; if that fails too, edit"
    " the pin and upload the file again.",
    (
        "The storage of this server was out of reach. Such faults usually pass within minutes.",
        "The file was removed from the storage, or the disk has a fault: ask whoever runs this server.",
    ),
)
VIDEO_FAILED = Explanation(
    "video_failed",
    Remedy.FIX,
    "Pinterest could not process the video",
    "Check that the format is MP4 and that the file isn't too large, then upload the video again and publish.",
    (
        "The format is not MP4, or the picture is not encoded as H.264 or H.265: export it as MP4 with H.264.",
        f"The file is larger than {limits.VIDEO_BYTES // 1024**3} GB, or was damaged: play it to the end once.",
        "The cover image was sent in place of the video: the video comes first, the cover second.",
    ),
    (Answer(400, text="corrupted"), Answer(400, text="its status is failed")),
)
VIDEO_STUCK = Explanation(
    "video_stuck",
    Remedy.LOOK,
    "Pinterest has not finished processing the video",
    lazily(
        lambda: (
            f"It usually takes 5 to 10 minutes. After {stuck_after()} the video was uploaded once more, and that"
            " didn't help. Try again later."
        )
    ),
    (
        "Pinterest has a busy hour: the same video often goes through later. “Try again” uploads it anew.",
        "If it gets stuck every time, export the video again as MP4 with H.264, with a smaller file.",
    ),
)
UPLOAD_TOO_LARGE = Explanation(
    "upload_too_large",
    Remedy.FIX,
    "The video is too large for Pinterest",
    f"Pinterest takes videos up to {limits.VIDEO_BYTES // 1024**3} GB. Export it with a lower bit rate, upload it"
    " again and publish.",
    (),
    (Answer(413), Answer(400, text="entitytoolarge"), Answer(400, text="maximum allowed size")),
)
UPLOAD_REFUSED = Explanation(
    "upload_refused",
    Remedy.RETRY,
    "Pinterest's storage refused the video",
    "Its own words say why. Nothing is lost. Try again; if that fails too, tell whoever runs this server.",
    (
        "The permission for this upload had expired: it is valid for a short time only.",
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
    "It keeps an uploaded video for a while only. Try again, and the video is uploaded anew.",
    ("The pin waited long between the upload and its creation, for instance for a reconnection.",),
    (Answer(404, text="media"),),
)
UPLOAD_BROKEN = Explanation(
    "upload_broken",
    Remedy.RETRY,
    "The video upload was interrupted",
    "The connection broke off several times over about an hour. Nothing is lost. Try again later.",
    ("The connection is slow or unsteady: a large video needs it for minutes.",),
    (Answer(400, text="incompletebody"), Answer(400, text="requesttimeout")),
    "Check this server's connection to the internet.",
)
UNREACHABLE_URL = Explanation(
    "unreachable_url",
    Remedy.RETRY,
    "Pinterest couldn't load an image",
    "Pinterest couldn't download the image from this server, and sending it along didn't help either. Nothing is lost."
    " Try again; if that fails too, tell whoever runs this server.",
    ("After the first such answer Postiz Pins sends the image itself, so this usually passes by itself.",),
    (Answer(text="unable to reach the url"), Answer(text="could not fetch the image")),
    "Check that PUBLIC_URL is open to the internet, without a firewall or a login before the images, or set"
    " PINTEREST_IMAGE_SOURCE=base64.",
)
REFUSED = Explanation(
    "refused",
    Remedy.FIX,
    "Pinterest refused the pin",
    "Pinterest's own words say why. Change the pin accordingly and publish again.",
    (
        "Pinterest's reason is not one that Postiz Pins knows, so it is shown word for word.",
        "If it says nothing useful, give the request's number to Pinterest's support: they find the request by it.",
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
        ("The section was deleted or merged at Pinterest.",),
        (Answer(404, 2031), Answer(404, text="section")),
    ),
    Explanation(
        "board_not_found",
        Remedy.FIX,
        "The board is gone",
        "Pinterest does not find the board: it was deleted, or the account may no longer use it. Refresh the"
        " boards, choose another one and publish again.",
        (
            "The board was deleted, archived or made secret at Pinterest.",
            "It belongs to another account than the one that is connected.",
        ),
        (Answer(404, 40), Answer(404, text="board"), Answer(400, text="does not match '^\\d+$'")),
    ),
    Explanation(
        "pin_not_found",
        Remedy.LOOK,
        "Pinterest does not find the pin",
        "It was probably deleted at Pinterest. Duplicate it here if it should go out again.",
        ("Somebody deleted the pin or its board.", "Pinterest removed it for breaking its rules."),
        (Answer(404, 50), Answer(404, text="pin not found")),
    ),
    VIDEO_GONE,
    Explanation(
        "not_found",
        Remedy.FIX,
        "Pinterest does not find something that the pin needs",
        "The board, its section or the uploaded video is gone. Refresh the boards, choose the board again and publish.",
        (),
        (Answer(404),),
    ),
    UNREACHABLE_URL,
    Explanation(
        "too_many_images",
        Remedy.FIX,
        "Too many pictures",
        f"Pinterest takes at most {limits.CAROUSEL_IMAGES} pictures in one pin. Remove some and publish again.",
        (),
        (Answer(text=f"maxitems={limits.CAROUSEL_IMAGES}"),),
    ),
    Explanation(
        "carousel_sizes_differ",
        Remedy.FIX,
        "The pictures of the carousel differ in size",
        "All pictures of a carousel need the same width and height. Crop them to the size of the first one.",
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
        "Pinterest lets such apps create pins only in its own sandbox. Ask for Standard access on"
        " developers.pinterest.com (My apps), then try again.",
        (
            "Until then everything can be tried out in sandbox mode, with the bundled sandbox.",
            "Pins that a Trial app did create can be seen by their creator only.",
        ),
        (Answer(403, 29, "trial access"),),
    ),
    Explanation(
        "missing_permission",
        Remedy.RECONNECT,
        "A permission is missing",
        "Connect the account again under Connections and grant all five permissions, then try again.",
        (
            "One of the five permissions was left unticked when the account was connected.",
            "It was withdrawn later in the account's settings at Pinterest.",
        ),
        (Answer(403, text="missing:"), Answer(403, text="scope")),
    ),
    Explanation(
        "not_permitted",
        Remedy.RECONNECT,
        "Pinterest does not permit this",
        "The account may lack a permission or may not write to this board. Connect it again and grant all five"
        " permissions, or choose another board.",
        (
            "The board belongs to somebody else, who no longer lets this account add pins.",
            "The board is secret: Postiz Pins does not ask for the permission to use secret boards.",
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
