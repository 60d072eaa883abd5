"""Opens the addresses of url_matrix.py, each with a row that it can name."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from accounts.api_keys import services as api_keys
from accounts.models import (
    AccountStatus,
    ApiKey,
    Export,
    Invitation,
    Membership,
    PinterestAccount,
    Role,
    WebhookDelivery,
    WebhookEndpoint,
    Workspace,
)
from pins.models import LinkPreset, MediaFile, Pin, PinStatus, PinTemplate, Snippet, Tag
from tests.factories import (
    BoardFactory,
    CalendarFeedFactory,
    ExportFactory,
    InvitationFactory,
    MediaFileFactory,
    MembershipFactory,
    NotificationFactory,
    PinCommentFactory,
    PinFactory,
    PinFamilyFactory,
    PinImportFactory,
    PinterestAccountFactory,
    PlayableVideoFactory,
    UserFactory,
)
from tests.pins.presets_helpers import bulk_of, row_of
from tests.url_matrix import ADDRESSES, PRESET_BODIES
from tests.webhook_factories import WebhookDeliveryFactory, WebhookEndpointFactory


def patterns(resolver=None, namespace=""):
    for pattern in (resolver or get_resolver()).url_patterns:
        if hasattr(pattern, "url_patterns"):
            yield from patterns(pattern, f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace)
        else:
            yield f"{namespace}{pattern.name}", pattern


class Visits:
    """Opens addresses with rows of the team: `visit(user, name)`."""

    def __init__(self, team):
        self.team = team

    def url_of(self, name, user=None):
        """The address, of a new row if it names one."""
        team, address = self.team, ADDRESSES[name]
        kwargs = {}
        if address.row == "pin":
            comment = "A warmer title, please." * (name == "pins:pin_take_back")
            pin = PinFactory(board=team.board, status=address.status, title="The team's chair", review_comment=comment)
            kwargs["pk"] = pin.pk
        elif address.row == "account":
            kwargs["pk"] = team.account.pk
        elif address.row == "family":
            pin = PinFactory(board=team.board, title="The team's chair")
            kwargs["pk"] = PinFamilyFactory(workspace=team.workspace, pins=[pin]).pk
        elif address.row in ("disconnected", "leaving"):
            delete_at = timezone.now() if address.row == "leaving" else None
            status = AccountStatus.DISCONNECTED
            kwargs["pk"] = PinterestAccountFactory(workspace=team.workspace, status=status, delete_at=delete_at).pk
        elif address.row == "image":
            kwargs["pk"] = MediaFileFactory(workspace=team.workspace, original_name="the-teams.jpg").pk
        elif address.row == "video":
            kwargs["pk"] = PlayableVideoFactory(workspace=team.workspace).pk
        elif address.row == "api_key":
            kwargs["pk"] = api_keys.create(team.workspace, "Spreadsheet", by=team.alice, now=timezone.now())[0].pk
        elif address.row == "member":
            kwargs["pk"] = member(team, Role.EDITOR).memberships.get().pk
        elif address.row == "notification":
            mine = user and user.memberships.filter(workspace=team.workspace).first()
            kwargs["pk"] = NotificationFactory(membership=mine or team.alice.memberships.get()).pk
        elif address.row == "calendar_feed":
            mine = user and user.memberships.filter(workspace=team.workspace).first()
            kwargs["pk"] = CalendarFeedFactory(membership=mine or team.alice.memberships.get()).pk
        elif address.row == "comment":
            pin = PinFactory(board=team.board, status=PinStatus.DRAFT)
            mine = user is not None and user.memberships.filter(workspace=team.workspace).exists()
            kwargs["pk"] = PinCommentFactory(pin=pin, author=user if mine else team.alice).pk
        elif address.row == "invitation":
            kwargs["pk"] = InvitationFactory(workspace=team.workspace, invited_by=team.alice).pk
        elif address.row == "import":
            kwargs["pk"] = PinImportFactory(workspace=team.workspace, created_by=team.alice).pk
            if name == "pins:import_row":
                kwargs["number"] = 2
        elif address.row == "bulk":
            kwargs["pk"] = bulk_of(team.workspace).pk
        elif address.row in PRESET_BODIES:
            kwargs["pk"] = row_of(address.row, team.workspace).pk
        elif address.row == "webhook":
            kwargs["pk"] = WebhookEndpointFactory(workspace=team.workspace).pk
        elif address.row == "delivery":
            endpoint = WebhookEndpointFactory(workspace=team.workspace)
            kwargs["pk"] = WebhookDeliveryFactory(endpoint=endpoint).pk
        elif address.row == "export":
            kwargs["pk"] = ExportFactory(workspace=team.workspace, asked_by=team.alice).pk
        return reverse(name, kwargs=kwargs)

    def __call__(self, user, name, method="GET", browser=None):
        team, address, browser = self.team, ADDRESSES[name], browser or Client()
        if user is not None:
            browser.force_login(user)
        url = self.url_of(name, user)
        body = dict(address.body)
        if body.get("workspace") == "own":
            body["workspace"] = user.memberships.get().workspace_id if user else team.workspace.pk
        if body.get("attachments") == "own":
            body["attachments"] = MediaFileFactory(workspace=team.workspace).pk
        if "file" in body:
            body["file"] = SimpleUploadedFile("chair.jpg", body["file"])
        before = rows()
        response = browser.get(url) if method == "GET" else browser.post(url, body)
        if response.streaming:
            response.getvalue()  # else its file stays open
        response.changed = rows() != before
        return response


def rows():
    """All that the addresses of the table could change."""
    tables = (Pin, MediaFile, PinterestAccount, ApiKey, Membership, Invitation, Export, Workspace)
    tables += (WebhookEndpoint, WebhookDelivery)
    tables += (Tag, LinkPreset, Snippet, PinTemplate)
    return [list(model.objects.order_by("pk").values()) for model in tables]


def member(team, role):
    return MembershipFactory(workspace=team.workspace, user=UserFactory(), role=role).user


def populate(team):
    """One more row of everything that the team's pages list."""
    account = PinterestAccountFactory(workspace=team.workspace)
    board = BoardFactory(account=account)
    for status in PinStatus:
        PinFactory(board=team.board if status == PinStatus.DRAFT else board, status=status, title="The team's chair")
    MediaFileFactory(workspace=team.workspace, original_name="the-teams.jpg")
    api_keys.create(team.workspace, "The team's chair", by=UserFactory(), now=timezone.now())
    WebhookDeliveryFactory(endpoint__workspace=team.workspace)
    member(team, Role.EDITOR)
    InvitationFactory(workspace=team.workspace, invited_by=UserFactory())
    NotificationFactory(membership=team.alice.memberships.get(), text="The team's chair")
