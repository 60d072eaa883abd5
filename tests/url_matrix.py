"""The table of every address, with what each kind of visitor gets there (test_url_matrix.py)."""

from dataclasses import dataclass, field

from accounts.models import Role
from pins.models import PinStatus
from tests.media_bytes import picture_bytes

# What a viewer and what an editor gets; a method that is not named is answered with 405.
PAGE = {"GET": (200, 200)}
FORM = {"GET": (403, 200), "POST": (403, 302)}
BUTTON = {"POST": (403, 302)}
FOR_EVERY_MEMBER = {"GET": (200, 200), "POST": (302, 302)}
LOOK_BUT_DO_NOT_TOUCH = "but not make changes"
ONLY_ADMINS = "Only admins of"


@dataclass(frozen=True)
class Address:
    answers: dict[str, tuple[int, int]]
    # The row that the address names, as visits.py makes it; a pin in this status.
    row: str = ""
    status: PinStatus = PinStatus.DRAFT
    body: dict = field(default_factory=dict)
    # What a member without the right is told; only an admin has the right to what is not for editors.
    refusal: str = LOOK_BUT_DO_NOT_TOUCH
    is_for_editors: bool = True

    def answer(self, method, role):
        is_allowed = role == Role.ADMIN or (role == Role.EDITOR and self.is_for_editors)
        return self.answers[method][is_allowed]


IMPORT_SETTINGS = {"destination": "draft", "empty_date": "draft", "time_zone": "UTC", "column-0": "title"}
WEBHOOK = {"url": "https://example.com/hooks", "events": "pin.published"}
ADDRESSES = {
    "pins:dashboard": Address(PAGE),
    "pins:pin_list": Address(PAGE),
    "pins:bulk_start": Address(BUTTON, body={"bulk_action": "draft", "pins": "1"}),
    # It asks for what it does, so a POST without an answer shows the form again; tests/pins/bulk/ goes on from there.
    "pins:bulk_change": Address({"GET": (403, 200), "POST": (403, 200)}, row="bulk", body={"step": "options"}),
    "pins:grid": Address(FORM, body={"file": picture_bytes()}),
    "pins:grid_row": Address({"POST": (403, 200)}, row="pin", body={"step": "save"}),
    "pins:calendar": Address(PAGE),
    "pins:calendar_new": Address({"GET": (403, 200)}),
    # The answer to the POST shows the link, which no other page does.
    "pins:calendar_feeds": Address({"GET": (200, 200), "POST": (200, 200)}),
    "pins:calendar_feed_revoke": Address({"POST": (302, 302)}, row="calendar_feed"),
    "pins:queue": Address(PAGE),
    "pins:queue_pause": Address(BUTTON, row="account"),
    "pins:queue_resume": Address(FORM, row="account"),
    # What is confirmed is the list that was shown, and these show another one; tests/pins/queue/ goes on from there.
    "pins:queue_move": Address({"GET": (403, 200), "POST": (403, 200)}, row="account"),
    "pins:publishing_times_home": Address({"GET": (302, 302)}),
    "pins:publishing_times": Address({"GET": (200, 200), "POST": (403, 302)}, row="account", body={"action": "three"}),
    "pins:spacing": Address({"GET": (200, 200), "POST": (403, 302)}, row="account", body={"action": "defaults"}),
    "pins:pin_keep": Address(BUTTON, row="pin", body={"keeps": "same_link"}),
    "pins:pin_first": Address({"GET": (403, 200), "POST": (403, 200)}, row="pin"),
    "pins:pin_move": Address(FORM, row="pin", body={"version": "1", "publish_at": "2999-03-01T09:30"}),
    "pins:export_page": Address(PAGE),
    "pins:import_list": Address(FORM, body={"text": "Title,Board\nOak chair,Chairs"}),
    "pins:import_detail": Address(FORM, row="import", body=IMPORT_SETTINGS),
    "pins:import_start": Address(BUTTON, row="import", body={"action": "fetch"}),
    "pins:import_row": Address(FORM, row="import", body={"action": "skip"}),
    "pins:import_problems": Address({"GET": (403, 200)}, row="import"),
    "pins:import_delete": Address(FORM, row="import", body={"what": "import"}),
    "pins:pin_create": Address(FORM, body={"title": "Oak chair", "action": "draft"}),
    "pins:pin_detail": Address(PAGE, row="pin"),
    "pins:pin_family": Address(PAGE, row="family"),
    "pins:pin_edit": Address(FORM, row="pin", body={"title": "Oak chair", "action": "draft"}),
    "pins:pin_autosave_new": Address({"POST": (403, 200)}, body={"title": "Oak chair"}),
    "pins:pin_autosave": Address({"POST": (403, 200)}, row="pin", body={"title": "Oak chair"}),
    "pins:pin_files": Address({"POST": (403, 200)}, body={"attachments": "own"}),
    "pins:pin_link_preview": Address({"POST": (403, 200)}, body={"link": ""}),
    "pins:pin_link_preset": Address({"POST": (403, 200)}, body={"link": ""}),
    "pins:pin_checklist": Address({"POST": (403, 200)}, body={"title": "Oak chair"}),
    "pins:pin_cancel": Address(BUTTON, row="pin", status=PinStatus.SCHEDULED),
    # A pin that nobody has edited has version 1.
    "pins:pin_approve": Address(BUTTON, row="pin", status=PinStatus.PROPOSED, body={"version": "1"}),
    "pins:pin_send_back": Address(
        BUTTON, row="pin", status=PinStatus.PROPOSED, body={"version": "1", "comment": "A warmer title, please."}
    ),
    "pins:pin_take_back": Address(BUTTON, row="pin", body={"version": "1"}),
    "pins:pin_schedule": Address(BUTTON, row="pin", body={"version": "1"}),
    "pins:pin_retry": Address(BUTTON, row="pin", status=PinStatus.FAILED),
    "pins:pin_duplicate": Address(BUTTON, row="pin"),
    "pins:pin_delete": Address(FORM, row="pin"),
    "pins:comment_add": Address({"POST": (302, 302)}, row="pin", body={"text": "A warmer title, please."}),
    "pins:comment_delete": Address({"POST": (302, 302)}, row="comment"),
    "pins:preset_list": Address(PAGE),
    "pins:media_list": Address(PAGE),
    "pins:media_upload": Address(BUTTON, body={"file": picture_bytes()}),
    "pins:help": Address(PAGE),
    "pins:search": Address(PAGE),
    "pins:media_choose": Address(PAGE),
    "pins:media_detail": Address({"GET": (200, 200), "POST": (403, 302)}, row="image", body={"alt_text": "A chair"}),
    "pins:media_crop": Address(FORM, row="image", body={"position": "50"}),
    "pins:media_frames": Address(FORM, row="video", body={"at_seconds": "1.5"}),
    "pins:media_delete": Address(FORM, row="image"),
    "accounts:connection_list": Address(PAGE),
    "accounts:board_refresh": Address(BUTTON, row="account"),
    "accounts:disconnect": Address(FORM, row="account"),
    "accounts:account_delete": Address(FORM, row="disconnected", refusal=ONLY_ADMINS, is_for_editors=False),
    "accounts:account_deletion_cancel": Address(BUTTON, row="leaving", refusal=ONLY_ADMINS, is_for_editors=False),
    # Whoever may, is asked for the password first; tests/accounts/deletion/test_views.py goes on from there.
    "accounts:workspace_delete": Address(
        {"GET": (403, 302), "POST": (403, 302)}, refusal=ONLY_ADMINS, is_for_editors=False
    ),
    "accounts:workspace_deletion_cancel": Address(BUTTON, row="", refusal=ONLY_ADMINS, is_for_editors=False),
    "accounts:board_list": Address(PAGE),
    "accounts:api_key_list": Address(
        {"GET": (200, 200), "POST": (403, 200)}, body={"name": "Shop import"}, refusal=ONLY_ADMINS, is_for_editors=False
    ),
    "accounts:export_list": Address({"GET": (403, 200), "POST": (403, 302)}, refusal=ONLY_ADMINS, is_for_editors=False),
    "accounts:export_download": Address({"GET": (403, 200)}, row="export", refusal=ONLY_ADMINS, is_for_editors=False),
    "accounts:api_key_revoke": Address(FORM, row="api_key", refusal=ONLY_ADMINS, is_for_editors=False),
    "accounts:webhook_list": Address(
        {"GET": (403, 200), "POST": (403, 200)}, body=WEBHOOK, refusal=ONLY_ADMINS, is_for_editors=False
    ),
    "accounts:webhook_detail": Address(FORM, row="webhook", body=WEBHOOK, refusal=ONLY_ADMINS, is_for_editors=False),
    "accounts:webhook_rotate": Address({"POST": (403, 200)}, row="webhook", refusal=ONLY_ADMINS, is_for_editors=False),
    "accounts:webhook_test": Address(BUTTON, row="webhook", refusal=ONLY_ADMINS, is_for_editors=False),
    "accounts:webhook_switch": Address(
        BUTTON, row="webhook", body={"state": "off"}, refusal=ONLY_ADMINS, is_for_editors=False
    ),
    "accounts:webhook_delete": Address(FORM, row="webhook", refusal=ONLY_ADMINS, is_for_editors=False),
    "accounts:webhook_delivery": Address(
        {"GET": (403, 200)}, row="delivery", refusal=ONLY_ADMINS, is_for_editors=False
    ),
    "accounts:webhook_resend": Address(BUTTON, row="delivery", refusal=ONLY_ADMINS, is_for_editors=False),
    "accounts:audit_trail": Address({"GET": (403, 200)}, refusal=ONLY_ADMINS, is_for_editors=False),
    "accounts:workspace_settings": Address(
        {"GET": (200, 200), "POST": (403, 302)},
        body={"name": "Tables", "time_zone": "Europe/Paris"},
        refusal=ONLY_ADMINS,
        is_for_editors=False,
    ),
    "accounts:workspace_create": Address(FOR_EVERY_MEMBER, body={"name": "Tables", "time_zone": "Europe/Paris"}),
    "accounts:workspace_switch": Address({"POST": (302, 302)}, body={"workspace": "own"}),
    "pinterest_login": Address(FORM),
    # Without a consent that was begun it only leads back to the connections page.
    "pinterest_callback": Address({"GET": (302, 302)}),
    "analytics:overview": Address(PAGE),
    "analytics:best_times": Address(PAGE),
    "analytics:weekly_summary": Address(
        {"GET": (200, 200), "POST": (403, 302)}, body={"action": "on"}, refusal=ONLY_ADMINS, is_for_editors=False
    ),
    "analytics:weekly_summary_preview": Address(PAGE),
    "accounts:notification_list": Address(PAGE),
    "accounts:notification_open": Address({"GET": (302, 302)}, row="notification"),
    "accounts:notifications_read": Address({"POST": (302, 302)}, body={"until": "1"}),
    "accounts:notification_settings": Address(FOR_EVERY_MEMBER),
    "accounts:team": Address(
        {"GET": (200, 200), "POST": (403, 200)},
        body={"email": "dana@example.com", "role": "editor"},
        refusal=ONLY_ADMINS,
        is_for_editors=False,
    ),
    "accounts:team_leave": Address(FOR_EVERY_MEMBER),
    "accounts:member_role": Address(
        BUTTON, row="member", body={"role": "admin"}, refusal=ONLY_ADMINS, is_for_editors=False
    ),
    "accounts:member_remove": Address(FORM, row="member", refusal=ONLY_ADMINS, is_for_editors=False),
    "accounts:invitation_resend": Address(
        {"GET": (403, 302), "POST": (403, 200)}, row="invitation", refusal=ONLY_ADMINS, is_for_editors=False
    ),
    "accounts:invitation_cancel": Address(BUTTON, row="invitation", refusal=ONLY_ADMINS, is_for_editors=False),
    "pins:media_fetch": Address(FORM, body={"address": "https://example.com/chair.jpg"}),
    "analytics:report": Address(PAGE),
    "analytics:refresh": Address(BUTTON),
    "analytics:pin_list": Address(PAGE),
    "analytics:tag_list": Address(PAGE),
}
# What a team uses again: each kind has the same pages.
PRESET_BODIES = {
    "tag": {"name": "Autumn"},
    "link_preset": {"name": "For autumn", "campaign": "{board}"},
    "snippet": {"name": "Autumn", "kind": "text", "text": "In our shop."},
    "template": {"name": "Autumn", "title": "Oak"},
}
for kind, body in PRESET_BODIES.items():
    ADDRESSES[f"pins:{kind}_create"] = Address(FORM, body=body)
    ADDRESSES[f"pins:{kind}_edit"] = Address(FORM, row=kind, body=body)
    ADDRESSES[f"pins:{kind}_delete"] = Address(FORM, row=kind)
WITH_ROW = [name for name, address in ADDRESSES.items() if address.row]
WITHOUT_ROW = [name for name in ADDRESSES if name not in WITH_ROW]
# Addresses outside of the table: how their names begin, and why.
OTHERS = {
    "accounts:audit_trail_csv": "it is streamed; tests/accounts/audit/test_views.py",
    "account_": "allauth's pages are about nobody but the person who is, or wants to be, signed in",
    "accounts:board_sections": "its board is in the query string; tests/accounts/connections/test_section_sync.py",
    "accounts:invitation_open": "open: people without an account are invited; tests/accounts/team/test_invitations.py",
    "mfa_": "allauth's pages of the own second step; tests/accounts/auth/test_mfa.py",
    "usersessions_": "allauth's page of the own sessions; tests/accounts/auth/test_sessions.py",
    "admin_status": "for operators; tests/postiz_pins/operations/test_status.py",
    "admin:": "Django's own permissions guard them; tests/accounts/test_admin.py",
    "analytics:best_boards_csv": "it needs a month of pins to name anything; tests/analytics/best_times/test_views.py",
    "analytics:best_slot": "it names nothing of the team's; tests/analytics/best_times/test_views.py",
    "analytics:best_times_json": "keys open it, too; tests/test_api_url_matrix.py",
    "analytics:best_times_csv": "it names nothing of the team's; tests/analytics/best_times/test_views.py",
    "analytics:account_": "files and JSON, the account in the query; tests/analytics/account_report/test_views.py",
    "pins:export_pinterest": "it is a file; tests/pins/exports/test_views.py",
    "analytics:plan_csv": "it is streamed; tests/analytics/plan_export/test_views.py",
    "analytics:pin_list_csv": "it is streamed; tests/analytics/pin_report/test_views.py",
    "analytics:pin_detail": "Pinterest's id names the pin; tests/analytics/pin_report/test_views.py",
    "analytics:pin_json": "likewise",
    "analytics:pin_csv": "likewise",
    "sample_data": "it takes seconds to make; tests/postiz_pins/demo/test_sample.py",
    "accounts:privacy": "open to everyone; tests/accounts/test_privacy.py",
    "accounts:user_": "about nobody but the person who asks; tests/accounts/deletion/test_views.py",
    "api:": "a key opens them, a session does not; tests/test_api_url_matrix.py",
    "mcp": "likewise; tests/pins/mcp/test_views.py",
    "pins:feed_ics": "open, by a link that cannot be guessed; tests/pins/calendar_feed/test_views.py",
    "pins:media_thumbnail": "open, by an unguessable name; tests/pins/media/test_thumbnails.py",
    "pins:media_content": "open: Pinterest fetches pictures without a login; tests/pins/media/test_views.py",
}
# An address whose name is the beginning of others'.
OTHERS_EXACTLY = {"accounts:invitation": "open, as the link that leads to it; tests/accounts/team/test_invitations.py"}
