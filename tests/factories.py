"""Valid objects from no arguments; a test names only what it is about."""

import hashlib
import itertools
from datetime import time, timedelta
from hashlib import sha256

import factory
from django.core.files.base import ContentFile
from django.utils import timezone

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
from pins.models import (
    ACTIVE_STATUSES,
    Attachment,
    CalendarFeed,
    MediaFile,
    MediaKind,
    Pin,
    PinComment,
    PinFamily,
    PinImport,
    PinImportMedia,
    PinImportRow,
    PinStatus,
    PublishingTime,
)
from postiz_pins.common import encryption
from tests.media_bytes import mp4_bytes, picture_bytes, video_bytes

_numbers = itertools.count()


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


class PinImportFactory(factory.django.DjangoModelFactory):
    """A file of one row, whose board is unknown, and of one address that is yet to be fetched."""

    class Meta:
        model = PinImport
        skip_postgeneration_save = True

    workspace = factory.SubFactory(WorkspaceFactory)
    file_name = "plan.csv"
    sha256 = "0" * 64
    header = ["Title", "Media URL", "Pinterest board"]
    mapping = ["title", "media_url", "board"]
    time_zone = "UTC"

    @factory.post_generation
    def row(pin_import, create, extracted, **columns):  # noqa: N805  factory-boy passes the object
        cells = ["Oak chair", "https://example.com/chair.jpg", "Nowhere"]
        message = "There is no board “Nowhere”."
        problem = {"code": "board_unknown", "field": "board", "message": message, "is_warning": False, "choices": []}
        values = {"number": 2, "cells": cells, "problems": [problem], "has_problems": True} | columns
        PinImportRow.objects.create(pin_import=pin_import, **values)
        PinImportMedia.objects.create(pin_import=pin_import, address=cells[1], key="1" * 64)


class PinFamilyFactory(factory.django.DjangoModelFactory):
    """Pins for several boards, a week apart; `pins` are taken into it, in their order."""

    class Meta:
        model = PinFamily
        skip_postgeneration_save = True

    workspace = factory.SubFactory(WorkspaceFactory)

    @factory.post_generation
    def pins(family, create, extracted, **kwargs):  # noqa: N805  factory-boy passes the object
        members = extracted or []
        for position, pin in enumerate(members, start=1):
            Pin.objects.filter(pk=pin.pk).update(family=family, family_position=position)
            pin.family, pin.family_position = family, position
        PinFamily.objects.filter(pk=family.pk).update(size=max(len(members), 1))
        family.size = max(len(members), 1)


class PublishingTimeFactory(factory.django.DjangoModelFactory):
    """On Mondays at 9:00."""

    class Meta:
        model = PublishingTime

    account = factory.SubFactory(PinterestAccountFactory)
    weekday = 0
    time = time(9)


class CalendarFeedFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = CalendarFeed

    class Params:
        token = factory.Sequence(lambda number: f"token-{number}")

    membership = factory.SubFactory(MembershipFactory)
    token_hash = factory.LazyAttribute(lambda feed: sha256(feed.token.encode()).hexdigest())


class PinCommentFactory(factory.django.DjangoModelFactory):
    """A comment on a pin, by somebody who is a member of nothing."""

    class Meta:
        model = PinComment

    pin = factory.SubFactory(PinFactory)
    author = factory.SubFactory(UserFactory)
    text = "A warmer title, please."


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
