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
    ExportFactory,
    InvitationFactory,
    MediaFileFactory,
    MembershipFactory,
    NotificationFactory,
    PinFactory,
    PinSummaryFactory,
    PinterestAccountFactory,
    PlayableVideoFactory,
    VideoFileFactory,
    picture_bytes,
    video_bytes,
)
from tests.url_matrix import ADDRESSES

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
ANALYTICS = (
    *("overview", "report", "best_times", "best_times_json", "best_times_csv", "best_boards_csv"),
    *("weekly_summary", "account_json", "account_csv"),
)
ROW_KINDS = {
    *("pin", "account", "disconnected", "leaving", "image", "video"),
    *("api_key", "member", "invitation", "export", "notification"),
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
    form("pins:media_match_size", "attachments", "attachments"),
    form("pins:media_upload", "workspace", "workspace", file=picture_bytes()),
    form("pins:media_fetch", "workspace", "workspace"),
    query("pins:media_choose", "workspace", "workspace"),
    *(query("pins:calendar", name, name) for name in ("account", "board")),
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
            *("accounts:workspace_settings", "accounts:export_list", "accounts:workspace_keep"),
        )
    ),
    query("accounts:export_list", "workspace", "workspace"),
    form("accounts:notifications_read", "until", "notification", is_ignored=True),
    *(query(f"analytics:{page}", "account", kind) for page in ANALYTICS for kind in ("account", "username")),
    *(form("analytics:refresh", "account", kind) for kind in ("account", "username")),
    *(query(f"analytics:{page}", name, name) for page in ("pin_list", "pin_list_csv") for name in ("account", "board")),
    query("analytics:best_slot", "workspace", "workspace"),
    query("analytics:best_slot", "pin", "pin", is_ignored=True),
    # Of a workspace with one account, whatever board is named it is that one.
    query("analytics:best_slot", "board", "board", is_ignored=True),
    *(Input(f"analytics:{page}", "", "pinterest_pin", "path") for page in ("pin_detail", "pin_json", "pin_csv")),
    *(Input(name, "", address.row, "path") for name, address in ADDRESSES.items() if address.row in ROW_KINDS),
    *(Input("api:create_pin", name, kind, "json") for name, kind in (("board", "board_id"), ("account", "username"))),
    Input("api:create_pin", "section", "section_id", "json", {"board": "own"}),
    *(Input("api:create_pin", "attachments", kind, "json") for kind in ("attachments", "attachment.id")),
    Input("api:list_boards", "account", "username", "key"),
    Input("api:list_sections", "", "board_id", "key path"),
    Input("api:list_sections", "account", "username", "key", {"board": "own"}),
    Input("api:get_pin", "", "pin", "key path"),
    *(
        Input(address, "account", kind, "key")
        for address in ("accounts:board_list", "analytics:account_json", "analytics:best_times_json")
        for kind in ("account", "username")
    ),
    Input("analytics:pin_json", "", "pinterest_pin", "key path"),
]
# What is no id, and why. Of an input that is new, an id goes into INPUTS, and anything else here.
NO_IDS = {
    "texts that are stored or searched for": {
        *("title", "description", "link", "alt_text", "dominant_color", "q", "name", "workspace_name", "address"),
        *("email", "passwordless", "comment", "who"),
    },
    "choices from a fixed list": {
        *("kind", "status", "sort", "what", "role", "time_zone", "browser_time_zone", "days", "requires_approval"),
        # With the workspace in the name of the field: of one that is not the person's, the name means nothing.
        *("kinds", "shown", "confirm", "view"),
    },
    "days and moments": {"publish_at", "on", "since", "until", "start", "end"},
    "numbers that are compared and never looked up": {
        "before",
        "after",
        "version",
        "replaces",
        "state",
        "position",
        "at_seconds",
    },
    "a path on this server, tests/accounts/connections/test_redirects.py": {"next"},
    "what a passkey answers, tests/accounts/auth/test_mfa.py": {"credential"},
}


@cache
def playable():
    """A video takes longer to make than all other rows together."""
    return video_bytes()


def rows_of(workspace, user, **numbers):
    """A row of each kind, with the texts of `numbers` where the factories would make others up."""
    texts = numbers.pop("texts", {})
    account = PinterestAccountFactory(workspace=workspace, **numbers, **texts.get("account", {}))
    AccountFeedFactory(account=account)
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
    key = ApiClient(workspace, user).row
    invitation = InvitationFactory(workspace=workspace, invited_by=user, **numbers)
    member = MembershipFactory(workspace=workspace, **numbers)
    export = ExportFactory(workspace=workspace, asked_by=user, **numbers)
    notification = NotificationFactory(membership=workspace.memberships.get(user=user), **numbers)
    return SimpleNamespace(
        workspace=workspace, account=account, board=board, section=section, image=image, pin=pin, video=video,
        api_key=key, invitation=invitation, member=member, export=export, notification=notification,
        # The views tell what they can do with it after they have found it.
        disconnected=account, leaving=account,
    )  # fmt: skip


def value_of(kind, whose, own, foreign):
    """What names a row of the kind: an own one, one of the foreign workspace, or none."""
    if kind.endswith(":"):  # a button that names a file
        return f"{kind}{value_of('attachments', whose, own, foreign)}"
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
    return getattr(rows, kind).pk


def send(asked, value, own, headers):
    """The request with `value` in the place that `asked` describes."""
    if asked.kind == "attachment.id":
        value = {"id": value}
    if asked.way == "json" and asked.name == "attachments":
        value = [value]
    fields = {asked.name: value} if asked.name else {}
    for name, other in asked.others.items():
        fields[name] = {"board": own.board.pk, "attachments": own.image.pk}[name] if other == "own" else other
    if "file" in fields:
        fields["file"] = SimpleUploadedFile("chair.jpg", fields["file"])
    browser = Client(headers=headers)
    if "path" in asked.way:
        return in_path(asked, value, own, browser)
    if asked.way == "json":
        if "board" in asked.others:
            fields["board"] = own.board.pinterest_id
        return own.program.create_pin(**fields)
    if asked.way == "key":
        path = {"board": own.board.pinterest_id} if asked.address == "api:list_sections" else {}
        return own.program.get(reverse(asked.address, kwargs=path), {asked.name: value})
    browser.force_login(own.user)
    path = {"pk": own.draft.pk} if asked.address in ("pins:pin_edit", "pins:pin_autosave") else {}
    url = reverse(asked.address, kwargs=path)
    if asked.way == "query":
        return browser.get(url, fields)
    if path:
        fields["version"] = own.draft.version
    return browser.post(url, fields)


def in_path(asked, value, own, browser):
    if asked.address == "api:get_pin":
        return own.program.get(f"/api/pins/{value}")
    if asked.address == "api:list_sections":
        return own.program.get(f"/api/boards/{value}/sections")
    url = reverse(asked.address, args=[value])
    if "key" in asked.way:
        return own.program.get(url)
    browser.force_login(own.user)
    methods = ADDRESSES[asked.address].answers if asked.address in ADDRESSES else ["GET"]
    return browser.post(url, ADDRESSES[asked.address].body) if "POST" in methods else browser.get(url)
