"""The table of every place of a request that can carry an id, and how it is sent (test_foreign_ids.py)."""

import uuid
from dataclasses import dataclass, field
from functools import cache
from types import SimpleNamespace

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import BoardSection
from pins.models import PinStatus
from tests.api_client import ApiClient
from tests.factories import (
    AccountFeedFactory,
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
    PinSummaryFactory,
    PinterestAccountFactory,
    PlayableVideoFactory,
    PublishingTimeFactory,
    VideoFileFactory,
)
from tests.media_bytes import picture_bytes, video_bytes
from tests.pins.presets_helpers import bulk_of, row_of
from tests.url_matrix import ADDRESSES, IMPORT_SETTINGS, PRESET_BODIES
from tests.webhook_factories import WebhookDeliveryFactory, WebhookEndpointFactory

# Of the foreign row of each kind, and of none: two numbers that nothing else on a page looks like.
FOREIGN, MISSING = 7_654_321, 9_876_543
# Pictures and videos share their numbers.
FOREIGN_VIDEO = 7_655_321
# Pinterest's ids, user names and tokens of forms, which are texts.
TEXTS = {
    "board_id": ("76543210001", "98765430001"),
    "section_id": ("76543210002", "98765430002"),
    "pinterest_pin": ("76543210003", "98765430003"),
    "username": ("shop-7654321", "shop-9876543"),
    "form_token": (str(uuid.UUID(int=FOREIGN)), str(uuid.UUID(int=MISSING))),
}


# The addresses of one pin in the JSON API: the method, and what follows the pin's path.
API_PINS = {
    "api:get_pin": ("GET", ""),
    "api:update_pin": ("PATCH", ""),
    "api:delete_pin": ("DELETE", ""),
    "api:cancel_pin": ("POST", "/cancel"),
    "api:retry_pin": ("POST", "/retry"),
    "api:list_comments": ("GET", "/comments"),
    "api:create_comment": ("POST", "/comments"),
    "api:get_pin_metrics": ("GET", "/analytics"),
}
API_ACCOUNTS = {"api:list_next_times": "next-times", "api:get_account_metrics": "analytics"}


@dataclass(frozen=True)
class Input:
    """One place of a request that takes an id of a `kind`: a field of a form, of a query or of JSON, or the path."""

    address: str
    name: str
    kind: str
    way: str
    others: dict = field(default_factory=dict)
    # What the id of an own row gives is no different: the value is ignored.
    is_ignored: bool = False

    def __str__(self):
        return f"{self.address} {self.way} {self.name}:{self.kind} {self.others.get('action', '')}".strip()


def form(address, name, kind, is_ignored=False, **others):
    return Input(address, name, kind, "form", others, is_ignored)


def query(address, name, kind, is_ignored=False, **others):
    return Input(address, name, kind, "query", others, is_ignored)


COMPOSERS = ("pins:pin_create", "pins:pin_edit", "pins:pin_autosave_new", "pins:pin_autosave")
FRAGMENTS = ("pins:pin_files", "pins:pin_checklist")
ANALYTICS = (
    *("overview", "report", "tag_list", "best_times", "best_times_json", "best_times_csv", "best_boards_csv"),
    *("weekly_summary", "weekly_summary_preview", "account_json", "account_csv"),
)
# A form that says something of further pins.
FURTHER = {"more-token": "", "board": "own", "attachments": "own"}
ROW_KINDS = {
    *("pin", "family", "account", "disconnected", "leaving", "image", "video"),
    *("api_key", "member", "invitation", "export", "notification", "comment", "import", "calendar_feed"),
    *("webhook", "delivery"),
    *("bulk", *PRESET_BODIES),
}
INPUTS = [
    *(form(address, name, name, action="draft") for address in COMPOSERS for name in ("board", "attachments")),
    *(form(address, "board", "board_id", action="draft") for address in COMPOSERS),
    *(form(address, "section", "section", board="own", action="draft") for address in COMPOSERS),
    *(form(address, name, name, action="publish") for address in COMPOSERS[:2] for name in ("board", "attachments")),
    *(form(address, "workspace", "workspace") for address in ("pins:pin_create", "pins:pin_autosave_new")),
    *(form(address, "workspace", "workspace", is_ignored=True) for address in ("pins:pin_edit", "pins:pin_autosave")),
    *(form(address, "form_token", "form_token", title="A", action="draft") for address in COMPOSERS[::2]),
    *(form(address, "form_token", "form_token", is_ignored=True, title="A") for address in COMPOSERS[1::2]),
    *(form("pins:pin_create", name, name, action="refresh_boards") for name in ("board", "attachments")),
    form("pins:pin_create", "attachments", "attachments", action="match_size"),
    *(
        form("pins:pin_create", "action", f"{action}:", attachments="own", is_ignored=action == "later")
        for action in ("crop", "remove", "later")
    ),
    query("pins:pin_create", "media", "attachments"),
    *(
        form(address, f"more-0-{name}", kind, **FURTHER, **{"more-0-board": "own", "action": action})
        for address in COMPOSERS[:2]
        for name, kind in (("board", "board"), ("section", "section"), ("media", "attachments"))
        for action in ("more", "queue")
    ),
    *(form(address, name, name) for address in FRAGMENTS for name in ("attachments", "workspace")),
    *(form("pins:pin_create", "action", f"{kind}:", title="A") for kind in ("snippet", "template")),
    form("pins:pin_create", "link_preset", "link_preset", link="https://example.com/", action="draft"),
    form("pins:pin_link_preview", "workspace", "workspace"),
    form("pins:pin_link_preset", "workspace", "workspace"),
    form("pins:pin_link_preset", "link_preset", "link_preset", link="https://example.com/"),
    form("pins:pin_files", "action", "remove:", attachments="own"),
    form("pins:pin_checklist", "board", "board", title="A"),
    form("pins:pin_checklist", "pin", "pin", is_ignored=True, title="A"),
    form("pins:media_upload", "workspace", "workspace", file=picture_bytes()),
    form("pins:media_fetch", "workspace", "workspace"),
    query("pins:media_choose", "workspace", "workspace"),
    query("pins:queue", "account", "account"),
    *(
        # Files tell no own account from none: all pins are of that one. The page says what is chosen.
        query(page, name, name, is_ignored=page != "pins:export_page" and name != "import")
        for page in ("pins:export_page", "pins:export_pinterest", "analytics:plan_csv")
        for name in ("account", "board", "import")
    ),
    *(query(page, "pins", "pins") for page in ("pins:export_page", "pins:export_pinterest", "analytics:plan_csv")),
    *(form("pins:import_detail", name, name, **IMPORT_SETTINGS) for name in ("account", "board")),
    form("pins:publishing_times", "delete", "publishing_time"),
    *(query("pins:calendar", name, name) for name in ("account", "board")),
    *(form("pins:calendar_feeds", name, name) for name in ("account", "workspace")),
    query("pins:calendar_new", "account", "account", on="2999-03-05"),
    query("pins:pin_create", "account", "account", is_ignored=True),  # of an account without pins
    *(query("pins:pin_list", name, name) for name in ("account", "board", "author", "tag", "import")),
    form("pins:bulk_start", "pins", "pins", bulk_action="draft"),
    form("pins:bulk_start", "media", "media", bulk_action="delete_files"),
    form("pins:bulk_change", "board", "board", action="board"),
    form("pins:bulk_change", "section", "section", board="own", action="board"),
    form("pins:bulk_change", "preset", "link_preset", action="preset"),
    form("pins:bulk_start", "workspace", "workspace", bulk_action="draft", pins="1"),
    form("pins:grid", "workspace", "workspace", file=picture_bytes()),
    form("pins:grid", "media", "attachments"),
    query("pins:grid", "pins", "pins"),
    query("pins:media_list", "tag", "tag"),
    query("pins:calendar", "tag", "tag"),
    *(
        Input(f"pins:{kind}_create", name, name, "form", PRESET_BODIES[kind])
        for kind in ("link_preset", "template")
        for name in ("boards", "workspace")
    ),
    *(
        Input(f"pins:{kind}_create", "workspace", "workspace", "form", PRESET_BODIES[kind])
        for kind in ("tag", "snippet")
    ),
    form("accounts:workspace_switch", "workspace", "workspace"),
    form("pinterest_login", "workspace", "workspace"),
    form("pinterest_login", "account", "account"),
    *(query("accounts:board_list", "account", kind) for kind in ("account", "username")),
    query("accounts:board_sections", "board", "board"),
    query("accounts:board_sections", "section", "section", board="own"),
    *(
        form(address, "workspace", "workspace")
        for address in (
            *("accounts:api_key_list", "accounts:team", "accounts:team_leave", "analytics:weekly_summary"),
            *("accounts:workspace_settings", "accounts:export_list", "accounts:workspace_deletion_cancel"),
            "accounts:webhook_list",
        )
    ),
    *(query(f"accounts:{page}", "workspace", "workspace") for page in ("export_list", "webhook_list")),
    *(query("pins:dashboard", "account", kind) for kind in ("account", "username")),
    form("accounts:notifications_read", "until", "notification", is_ignored=True),
    *(query(f"analytics:{page}", "account", kind) for page in ANALYTICS for kind in ("account", "username")),
    *(form("analytics:refresh", "account", kind) for kind in ("account", "username")),
    *(
        query(f"analytics:{page}", name, name)
        for page in ("pin_list", "pin_list_csv")
        for name in ("account", "board", "tag")
    ),
    query("analytics:best_slot", "workspace", "workspace"),
    query("analytics:best_slot", "pin", "pin", is_ignored=True),
    # Of a workspace with one account, whatever board is named it is that one.
    query("analytics:best_slot", "board", "board", is_ignored=True),
    *(Input(f"analytics:{page}", "", "pinterest_pin", "path") for page in ("pin_detail", "pin_json", "pin_csv")),
    *(Input(name, "", address.row, "path") for name, address in ADDRESSES.items() if address.row in ROW_KINDS),
    *(Input("api:create_pin", name, kind, "json") for name, kind in (("board", "board_id"), ("account", "username"))),
    Input("api:create_pin", "section", "section_id", "json", {"board": "own"}),
    *(Input("api:create_pin", "attachments", kind, "json") for kind in ("attachments", "attachment.id")),
    Input("api:create_pin", "boards", "board_id", "json", {"board": "own", "publish_at": "2031-05-06T09:00:00Z"}),
    Input("api:list_boards", "account", "username", "key"),
    Input("api:list_sections", "", "board_id", "key path"),
    Input("api:list_sections", "account", "username", "key", {"board": "own"}),
    *(Input(name, "", "pin", "key path") for name in API_PINS),
    *(Input("api:list_pins", name, kind, "key") for name, kind in (("account", "username"), ("board", "board_id"))),
    Input("api:list_pins", "cursor", "pin", "key", is_ignored=True),
    Input("api:get_import", "", "import", "key path"),
    *(Input(address, "", kind, "key path") for address in API_ACCOUNTS for kind in ("account", "username")),
    Input("api:delete_media", "", "image", "key path"),
    Input("api:list_media", "cursor", "image", "key", is_ignored=True),
    *(
        Input(address, "account", kind, "key")
        for address in ("accounts:board_list", "analytics:account_json", "analytics:best_times_json")
        for kind in ("account", "username")
    ),
    Input("analytics:pin_json", "", "pinterest_pin", "key path"),
]


@cache
def playable():
    """A video takes longer to make than all other rows together."""
    return video_bytes()


def rows_of(workspace, user, **numbers):
    """A row of each kind, with the texts of `numbers` where the factories would make others up."""
    texts = numbers.pop("texts", {})
    account = PinterestAccountFactory(workspace=workspace, **numbers, **texts.get("account", {}))
    AccountFeedFactory(account=account)
    publishing_time = PublishingTimeFactory(account=account, **numbers)
    board = BoardFactory(account=account, **numbers, **texts.get("board", {}))
    section = BoardSection.objects.create(
        board=board, name="Shelf", **numbers, **texts.get("section", {"pinterest_id": "55"})
    )
    image = MediaFileFactory(workspace=workspace, **numbers)
    pin = PinFactory(board=board, status=PinStatus.PUBLISHED, **numbers, **texts.get("pin", {}))
    PinSummaryFactory(pin=pin)
    if numbers:
        video = VideoFileFactory(workspace=workspace, pk=FOREIGN_VIDEO)
    else:
        video = PlayableVideoFactory(workspace=workspace, content=playable())
    family = PinFamilyFactory(workspace=workspace, pins=[pin], **numbers)
    comment = PinCommentFactory(pin=pin, author=user, **numbers)
    key = ApiClient(workspace, user).row
    invitation = InvitationFactory(workspace=workspace, invited_by=user, **numbers)
    member = MembershipFactory(workspace=workspace, **numbers)
    export = ExportFactory(workspace=workspace, asked_by=user, **numbers)
    webhook = WebhookEndpointFactory(workspace=workspace, **numbers)
    delivery = WebhookDeliveryFactory(endpoint=webhook, **numbers)
    pin_import = PinImportFactory(workspace=workspace, created_by=user, **numbers)
    own_membership = workspace.memberships.get(user=user)
    notification = NotificationFactory(membership=own_membership, **numbers)
    calendar_feed = CalendarFeedFactory(membership=own_membership, **numbers)
    return SimpleNamespace(
        workspace=workspace, account=account, board=board, section=section, image=image, pin=pin, video=video,
        api_key=key, invitation=invitation, member=member, export=export, notification=notification, author=member.user,
        comment=comment, family=family, pin_import=pin_import, webhook=webhook, delivery=delivery,
        calendar_feed=calendar_feed,
        publishing_time=publishing_time,
        boards=board,
        pins=pin,
        media=image,
        bulk=bulk_of(workspace, **numbers),
        **{kind: row_of(kind, workspace, **numbers) for kind in PRESET_BODIES},
        # The views tell what they can do with it after they have found it.
        disconnected=account, leaving=account,
    )  # fmt: skip


def value_of(kind, whose, own, foreign):
    """What names a row of the kind: an own one, one of the foreign workspace, or none."""
    if kind.endswith(":"):  # a button that names a file, a snippet or a template
        named = kind[:-1] if kind[:-1] in PRESET_BODIES else "attachments"
        return f"{kind}{value_of(named, whose, own, foreign)}"
    if whose != "own" and kind in TEXTS:
        return TEXTS[kind][whose == "missing"]
    if whose == "missing":
        return MISSING
    rows = own if whose == "own" else foreign
    match kind:
        case "board_id":
            return rows.board.pinterest_id
        case "section_id":
            return rows.section.pinterest_id
        case "pinterest_pin":
            return rows.pin.pinterest_pin_id
        case "username":
            return rows.account.username
        case "form_token":
            return str(rows.draft.form_token)
        case "attachments" | "attachment.id":
            return rows.image.pk
        case "import":
            return rows.pin_import.pk
    return getattr(rows, kind).pk


def send(asked, value, own, headers):
    """The request with `value` in the place that `asked` describes."""
    if asked.kind == "attachment.id":
        value = {"id": value}
    if asked.way == "json" and asked.name == "attachments":
        value = [value]
    fields = {asked.name: value} if asked.name else {}
    for name, other in asked.others.items():
        own_rows = {"board": own.board.pk, "attachments": own.image.pk, "more-0-board": own.board.pk}
        fields.setdefault(name, own_rows[name] if other == "own" else other)
    if "file" in fields:
        fields["file"] = SimpleUploadedFile("chair.jpg", fields["file"])
    browser = Client(headers=headers)
    if "path" in asked.way:
        return in_path(asked, value, own, browser)
    if asked.way == "json":
        if "board" in asked.others:
            fields["board"] = own.board.pinterest_id
        if asked.name == "boards":
            fields["boards"] = [{"board": value}]
        return own.program.create_pin(**fields)
    if asked.way == "key":
        path = {"board": own.board.pinterest_id} if asked.address == "api:list_sections" else {}
        return own.program.get(reverse(asked.address, kwargs=path), {asked.name: value})
    browser.force_login(own.user)
    path = {"pk": own.draft.pk} if asked.address in ("pins:pin_edit", "pins:pin_autosave") else {}
    if asked.address == "pins:import_detail":
        return browser.post(reverse(asked.address, args=[own.pin_import.pk]), fields)
    if asked.address == "pins:bulk_change":
        change = bulk_of(own.workspace, action=asked.others["action"])
        return browser.post(reverse(asked.address, args=[change.pk]), fields | {"step": "options"})
    if asked.address == "pins:publishing_times":
        return browser.post(reverse(asked.address, args=[own.account.pk]), fields, follow=True)
    url = reverse(asked.address, kwargs=path)
    if asked.way == "query":
        return browser.get(url, fields)
    if path:
        fields["version"] = own.draft.version
    return browser.post(url, fields)


def in_path(asked, value, own, browser):
    if asked.address in API_PINS:
        method, step = API_PINS[asked.address]
        body = '{"text": "Hello"}' if asked.address == "api:create_comment" else "{}"
        return own.program.generic(method, f"/api/pins/{value}{step}", body, content_type="application/json")
    if asked.address == "api:get_import":
        return own.program.get(f"/api/imports/{value}")
    if asked.address == "api:list_sections":
        return own.program.get(f"/api/boards/{value}/sections")
    if asked.address in API_ACCOUNTS:
        return own.program.get(f"/api/accounts/{value}/{API_ACCOUNTS[asked.address]}")
    if asked.address == "api:delete_media":
        return own.program.delete(f"/api/media/{value}")
    # A row of an import has a number beside it, which every import has.
    url = reverse(asked.address, args=[value, *([2] if asked.address == "pins:import_row" else [])])
    if "key" in asked.way:
        return own.program.get(url)
    browser.force_login(own.user)
    methods = ADDRESSES[asked.address].answers if asked.address in ADDRESSES else ["GET"]
    return browser.post(url, ADDRESSES[asked.address].body) if "POST" in methods else browser.get(url)
