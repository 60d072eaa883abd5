"""Valid objects from no arguments; a test names only what it is about."""

import hashlib
import io
import itertools
import struct
from datetime import timedelta
from tempfile import NamedTemporaryFile

import av
import factory
from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image

from accounts.models import (
    Board,
    Export,
    ExportStatus,
    Invitation,
    Membership,
    Notification,
    NotificationKind,
    PinterestAccount,
    Role,
    User,
    Workspace,
)
from accounts.team import services as teams
from analytics.models import AccountDay, AccountFeed, PinDay, PinKind, PinLifetime, PinSummary
from pins.models import ACTIVE_STATUSES, Attachment, MediaFile, MediaKind, Pin, PinStatus
from postiz_pins.common import encryption

_numbers = itertools.count()


def picture_bytes(width=1000, height=1500, image_format="JPEG", **options):
    """A plain picture; no two calls give the same one."""
    number = next(_numbers)
    content = io.BytesIO()
    image = Image.new("RGB", (width, height), (number * 37 % 256, number * 101 % 256, 120))
    image.putpixel((0, 0), (number % 256, number // 256 % 256, 0))
    image.save(content, image_format, **({"comment": str(number)} if image_format == "JPEG" else {}) | options)
    return content.getvalue()


def video_bytes(
    seconds=5,
    width=120,
    height=180,
    codec="libx264",
    container="mp4",
    frames_per_second=2,
    turned=0,
    sound_only=False,
    half_white=False,
    movflags="faststart",
):
    """A small video whose picture gets lighter from black to white; no two calls give the same one. With `half_white`
    the right half is white, and the left half black."""
    content = NamedTemporaryFile(suffix=f".{container}")  # noqa: SIM115  "faststart" needs a name to open it again
    options = {} if container == "webm" else {"movflags": movflags}
    with av.open(content.name, "w", options=options) as file:
        file.metadata["comment"] = str(next(_numbers))
        if sound_only:
            stream = file.add_stream("aac", rate=8000)
            silence = av.AudioFrame(format="fltp", layout="mono", samples=1024)
            silence.sample_rate = 8000
            for plane in silence.planes:
                plane.update(bytes(plane.buffer_size))
            packets = [packet for _ in range(seconds * 8) for packet in stream.encode(silence)]
        else:
            stream = file.add_stream(codec, rate=frames_per_second)
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            stream.codec_context.thread_count = 1
            if codec == "libx265":
                stream.options = {"x265-params": "log-level=none:pools=none:frame-threads=1"}
            if turned:
                stream.set_display_rotation(turned)
            count = seconds * frames_per_second
            shades = [Image.new("L", (width, height), 255 * number // (count - 1)) for number in range(count)]
            for shade in shades if half_white else []:
                shade.paste(0, (0, 0, width // 2, height))
                shade.paste(255, (width // 2, 0, width, height))
            frames = (av.VideoFrame.from_image(shade.convert("RGB")) for shade in shades)
            packets = [packet for frame in frames for packet in stream.encode(frame)]
        file.mux([*packets, *stream.encode()])
    with content:
        return content.read()


def with_free_box(video, size_bytes):
    """The beginning of a valid MP4 of `size_bytes`: a box follows that players skip, and that the caller fills."""
    free_bytes = size_bytes - len(video)
    return video + struct.pack(">I4sQ", 1, b"free", free_bytes)


def mp4_bytes(size=5_000):
    """What begins like an MP4 file, which is all that the sandbox looks at; no two calls give the same."""
    head = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + next(_numbers).to_bytes(8, "big")
    return head + bytes(max(size - len(head), 0))


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.com")
    password = factory.django.Password("correct horse battery")


class WorkspaceFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Workspace

    name = factory.Sequence(lambda n: f"Team {n}")
    time_zone = "Europe/Berlin"


class MembershipFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    workspace = factory.SubFactory(WorkspaceFactory)
    role = Role.ADMIN


class InvitationFactory(factory.django.DjangoModelFactory):
    """An invitation whose link was mailed an hour ago; `token` is what the link ends in."""

    class Meta:
        model = Invitation

    class Params:
        token = factory.Sequence(lambda n: f"token-{n}")

    workspace = factory.SubFactory(WorkspaceFactory)
    email = factory.Sequence(lambda n: f"guest{n}@example.com")
    role = Role.EDITOR
    token_hash = factory.LazyAttribute(lambda invitation: teams.token_hash(invitation.token))
    created_at = factory.LazyFunction(lambda: timezone.now() - timedelta(hours=1))
    sent_at = factory.SelfAttribute("created_at")
    expires_at = factory.LazyAttribute(lambda invitation: invitation.created_at + teams.INVITATION_LIFE)


class NotificationFactory(factory.django.DjangoModelFactory):
    """An unread one of two minutes ago, which waits for an e-mail; its person is a member of the workspace."""

    class Meta:
        model = Notification
        exclude = ["membership"]

    membership = factory.SubFactory(MembershipFactory)
    user = factory.SelfAttribute("membership.user")
    workspace = factory.SelfAttribute("membership.workspace")
    kind = NotificationKind.FAILED
    text = factory.Sequence(lambda n: f"“A chair {n}” failed: The board was not found.")
    path = "/pins/"
    at = factory.LazyFunction(lambda: timezone.now() - timedelta(minutes=2))
    wants_email = True


class ExportFactory(factory.django.DjangoModelFactory):
    """An export that became ready a moment ago; its file only begins like a zip."""

    class Meta:
        model = Export

    workspace = factory.SubFactory(WorkspaceFactory)
    status = ExportStatus.READY
    file = factory.LazyAttribute(
        lambda export: ContentFile(b"PK all of it", "export.zip") if export.status == ExportStatus.READY else ""
    )
    ready_at = factory.LazyAttribute(lambda export: timezone.now() if export.status == ExportStatus.READY else None)
    size_bytes = factory.LazyAttribute(lambda export: export.ready_at and 12)
    expires_at = factory.LazyAttribute(lambda export: export.ready_at and export.ready_at + timedelta(days=7))


class PinterestAccountFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = PinterestAccount

    workspace = factory.SubFactory(WorkspaceFactory)
    pinterest_user_id = factory.Sequence(lambda n: f"70000000{n:010}")
    username = factory.Sequence(lambda n: f"shop{n}")
    account_type = "BUSINESS"
    scopes = ["boards:read", "boards:write", "pins:read", "pins:write", "user_accounts:read"]
    access_token_encrypted = factory.LazyFunction(lambda: encryption.encrypt("pina_test"))
    refresh_token_encrypted = factory.LazyFunction(lambda: encryption.encrypt("pinr_test"))
    access_expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=30))
    refresh_expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=60))
    boards_synced_at = factory.LazyFunction(timezone.now)


class BoardFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Board

    account = factory.SubFactory(PinterestAccountFactory)
    pinterest_id = factory.Sequence(lambda n: f"80000000{n:010}")
    name = factory.Sequence(lambda n: f"Board {n}")


class MediaFileFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = MediaFile
        exclude = ["content"]

    workspace = factory.SubFactory(WorkspaceFactory)
    content = factory.LazyFunction(lambda: picture_bytes(200, 300))
    kind = MediaKind.IMAGE
    original_name = "chair.jpg"
    content_type = "image/jpeg"
    width = 200
    height = 300
    size_bytes = factory.LazyAttribute(lambda media: len(media.content))
    sha256 = factory.LazyAttribute(lambda media: hashlib.sha256(media.content).hexdigest())
    file = factory.LazyAttribute(lambda media: ContentFile(media.content, "chair.jpg"))
    thumbnail = factory.LazyAttribute(lambda media: ContentFile(media.content, "chair.jpg"))


class VideoFileFactory(MediaFileFactory):
    """The row of a video whose content only begins like one; its thumbnail is a picture. See PlayableVideoFactory."""

    content = factory.LazyFunction(mp4_bytes)
    file = factory.LazyAttribute(lambda media: ContentFile(media.content, "oak.mp4"))
    thumbnail = factory.LazyFunction(lambda: ContentFile(picture_bytes(200, 300), "oak.jpg"))
    kind = MediaKind.VIDEO
    original_name = "oak.mp4"
    content_type = "video/mp4"
    width = 1080
    height = 1920
    duration_seconds = 30.0
    video_codec = "h264"


class PlayableVideoFactory(VideoFileFactory):
    """A video that can be read, for tests that take frames out of it."""

    content = factory.LazyFunction(video_bytes)
    width = 120
    height = 180
    duration_seconds = 5.0
    file = factory.LazyAttribute(lambda media: ContentFile(media.content, "oak.mp4"))
    thumbnail = factory.LazyFunction(lambda: ContentFile(picture_bytes(120, 180), "oak.jpg"))


class AttachmentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Attachment
        skip_postgeneration_save = True

    pin = factory.SubFactory("tests.factories.PinFactory", attachments=0)
    media = factory.SubFactory(MediaFileFactory)
    position = 0

    @factory.post_generation
    def has_video(attachment, create, extracted, **kwargs):  # noqa: N805  factory-boy passes the object
        if attachment.media.is_video:
            attachment.pin.has_video = True
            Pin.objects.filter(pk=attachment.pin.pk).update(has_video=True)


class PinFactory(factory.django.DjangoModelFactory):
    """A scheduled pin with a picture, due now; `attachments=0` leaves the picture out."""

    class Meta:
        model = Pin
        skip_postgeneration_save = True

    board = factory.SubFactory(BoardFactory)
    account = factory.LazyAttribute(lambda pin: pin.board.account if pin.board else None)
    workspace = factory.LazyAttribute(lambda pin: pin.board.account.workspace)
    title = factory.Sequence(lambda n: f"A chair {n}")
    description = "Oak, by hand."
    link = "https://example.com/chair"
    status = PinStatus.SCHEDULED
    publish_at = factory.LazyFunction(timezone.now)
    next_attempt_at = factory.LazyAttribute(lambda pin: pin.publish_at if pin.status in ACTIVE_STATUSES else None)
    pinterest_media_id = factory.LazyAttribute(lambda pin: "5200000000" if pin.status == PinStatus.PROCESSING else "")
    processing_since = factory.LazyAttribute(lambda pin: pin.publish_at if pin.status == PinStatus.PROCESSING else None)
    published_at = factory.LazyAttribute(lambda pin: pin.publish_at if pin.status == "published" else None)
    warnings = factory.LazyFunction(list)
    has_warnings = factory.LazyAttribute(lambda pin: bool(pin.warnings))
    pinterest_pin_id = factory.Maybe(
        factory.LazyAttribute(lambda pin: pin.status == "published"),
        yes_declaration=factory.Sequence(lambda n: f"90000000{n:010}"),
        no_declaration="",
    )

    @factory.post_generation
    def attachments(pin, create, extracted, **kwargs):  # noqa: N805  factory-boy passes the object
        for position in range(1 if extracted is None else extracted):
            AttachmentFactory(pin=pin, media=MediaFileFactory(workspace=pin.workspace), position=position)


class AccountFeedFactory(factory.django.DjangoModelFactory):
    """An account whose figures were fetched a moment ago, up to the day before yesterday."""

    class Meta:
        model = AccountFeed

    account = factory.SubFactory(PinterestAccountFactory)
    days_fetched_at = factory.LazyFunction(timezone.now)
    lifetime_fetched_at = factory.LazyFunction(timezone.now)
    pins_fetched_at = factory.LazyFunction(timezone.now)
    days_next_at = factory.LazyFunction(lambda: timezone.now() + timedelta(hours=6))
    lifetime_next_at = factory.LazyAttribute(lambda feed: feed.days_next_at)
    pins_next_at = factory.LazyAttribute(lambda feed: feed.days_next_at)
    latest_on = factory.LazyFunction(lambda: timezone.now().date() - timedelta(days=2))


class AccountDayFactory(factory.django.DjangoModelFactory):
    """A day with figures: 100 impressions, 5 pin clicks."""

    class Meta:
        model = AccountDay

    account = factory.SubFactory(PinterestAccountFactory)
    date = factory.LazyFunction(lambda: timezone.now().date() - timedelta(days=2))
    data_status = "READY"
    impressions = 100
    pin_clicks = 5
    engagement = 9
    saves = 2
    outbound_clicks = 2
    pin_click_rate = factory.LazyAttribute(lambda day: day.pin_clicks / day.impressions if day.impressions else None)


class PinSummaryFactory(factory.django.DjangoModelFactory):
    """A published pin with its lifetime metrics; `pin` is made with the same board and moment."""

    class Meta:
        model = PinSummary

    pin = factory.SubFactory(PinFactory, status=PinStatus.PUBLISHED)
    workspace = factory.LazyAttribute(lambda summary: summary.pin.workspace)
    account = factory.LazyAttribute(lambda summary: summary.pin.account)
    board = factory.LazyAttribute(lambda summary: summary.pin.board)
    kind = PinKind.IMAGE
    published_at = factory.LazyAttribute(lambda summary: summary.pin.published_at)
    lifetime_at = factory.LazyFunction(timezone.now)
    impressions = 1000
    pin_clicks = 50
    outbound_clicks = 20
    saves = 30
    reactions = 4
    comments = 1
    save_rate = factory.LazyAttribute(
        lambda s: s.saves / s.impressions if s.impressions and s.saves is not None else None
    )


class PinDayFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = PinDay

    pin = factory.SubFactory(PinFactory, status=PinStatus.PUBLISHED)
    date = factory.LazyFunction(lambda: timezone.now().date() - timedelta(days=2))
    data_status = "READY"
    impressions = 40
    pin_clicks = 4
    outbound_clicks = 2
    saves = 1


class PinLifetimeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = PinLifetime

    pin = factory.SubFactory(PinFactory, status=PinStatus.PUBLISHED)
    date = factory.LazyFunction(lambda: timezone.now().date())
    impressions = 1000
    pin_clicks = 50
    outbound_clicks = 20
    saves = 30
    reactions = 4
    comments = 1
