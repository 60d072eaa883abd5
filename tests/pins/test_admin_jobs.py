"""What an operator finds out about pins on their way, and does about them, in the administration."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.utils import timezone

from accounts.connections import pausing
from accounts.models import AccountStatus, AuditEntry, BoardSection
from pins.models import VERIFICATION_DELAYS, Pin, PinStatus
from pins.scheduling import services as scheduling
from tests.factories import (
    AttachmentFactory,
    BoardFactory,
    MediaFileFactory,
    MembershipFactory,
    PinFactory,
    PinterestAccountFactory,
    UserFactory,
    WorkspaceFactory,
)

from .test_admin import PINS, act, address_of, claimed, root, rows, text

pytestmark = pytest.mark.django_db

__all__ = ["root"]

HOUR = timedelta(hours=1)


def due(ago, **fields):
    at = timezone.now() - ago
    return PinFactory(publish_at=at, next_attempt_at=at, **fields)


def test_jobs_are_filtered_by_what_keeps_them(root):
    now = timezone.now()
    away = BoardFactory(account=PinterestAccountFactory(status=AccountStatus.NEEDS_RECONNECT))
    overdue, held, late, just_due = due(HOUR), due(HOUR, board=away), due(25 * HOUR), due(timedelta(seconds=2))
    working = claimed(status=PinStatus.UPLOADING)
    abandoned = claimed(status=PinStatus.UPLOADING)
    Pin.objects.filter(pk=abandoned.pk).update(claimed_until=now - timedelta(seconds=1), next_attempt_at=now)
    in_doubt = due(HOUR, status=PinStatus.VERIFYING, sent_at=now - HOUR)
    PinFactory(publish_at=now + HOUR, next_attempt_at=now + HOUR)

    def found(job):
        return set(rows(root.get(PINS, {"job": job})))

    assert found("overdue") == {overdue, in_doubt}
    assert found("claimed") == {working}
    assert found("stuck") == {abandoned, in_doubt}
    assert found("on_hold") == {held, late}
    assert just_due in found("")


def test_a_paused_accounts_pins_are_on_hold(root):
    pin = due(HOUR)
    pausing.pause(pin.account, by=root.user, now=timezone.now())

    assert rows(root.get(PINS, {"job": "on_hold"})) == [pin]


def test_lateness_is_told_in_words(root):
    with time_machine.travel(timezone.now(), tick=False):
        due(timedelta(hours=2, minutes=5))

        assert "2\xa0hours, 5\xa0minutes" in text(root.get(PINS))


@pytest.mark.parametrize(("late", "told"), [(12, "12 seconds"), (1, "1 second"), (75, "1\xa0minute")])
def test_lateness_of_less_than_a_minute_is_told_in_seconds(root, late, told):
    with time_machine.travel(timezone.now(), tick=False):
        due(timedelta(seconds=late))

        assert f">{told}<" in text(root.get(PINS))


def test_pins_media_and_boards_name_their_workspace_and_are_found_by_it(root):
    first, second = WorkspaceFactory(name="Oak and Ash"), WorkspaceFactory(name="Pine")
    for workspace in (first, second):
        account = PinterestAccountFactory(workspace=workspace)
        PinFactory(board=BoardFactory(account=account), workspace=workspace)

    for model, path in (("pins/pin", "workspace"), ("accounts/board", "account__workspace")):
        address = f"/admin/{model}/"
        assert "Oak and Ash" in text(root.get(address))
        assert len(rows(root.get(address, {"q": "oak and"}))) == 1
        assert len(rows(root.get(address, {f"{path}__id__exact": first.pk}))) == 1
    MediaFileFactory(workspace=first)
    media = "/admin/pins/mediafile/"
    only_first = rows(root.get(media, {"workspace__id__exact": first.pk}))
    assert {file.workspace for file in only_first} == {first}
    assert f"/admin/pins/pin/?workspace__id__exact={first.pk}" in text(root.get("/admin/accounts/workspace/"))


def test_a_pins_page_links_the_app_and_pinterest_and_shows_all_content(root, settings):
    settings.PINTEREST_SANDBOX = False
    pin = PinFactory(
        status=PinStatus.PUBLISHED, pinterest_pin_id="123456789", published_at=timezone.now(), attachments=0, version=7
    )
    pin.section = BoardSection.objects.create(board=pin.board, pinterest_id="1", name="Oak")
    pin.warnings = [{"code": "x", "field": "link", "message": "The link does not answer."}]
    pin.save()
    AttachmentFactory(pin=pin, title="First page", description="About it", link="https://example.com/1")

    page = text(root.get(address_of(Pin, "change", pin.pk)))

    assert f'href="/pins/{pin.pk}/"' in page
    assert 'href="https://www.pinterest.com/pin/123456789/"' in page
    for words in ("First page", "About it", "https://example.com/1", "Oak", "The link does not answer.", ">7<"):
        assert words in page


def test_times_are_told_in_utc_with_seconds_whatever_the_workspace_says(root):
    member = MembershipFactory(user=root.user, workspace=WorkspaceFactory(time_zone="Asia/Tokyo"))
    at = timezone.now().replace(year=2027, month=3, day=1, hour=14, minute=5, second=9)
    PinFactory(workspace=member.workspace, publish_at=at)

    assert "2027-03-01 14:05:09 UTC" in text(root.get(PINS))


def test_a_scheduled_pin_is_published_now(root, django_capture_on_commit_callbacks):
    later = timezone.now() + 5 * HOUR
    pin = PinFactory(publish_at=later, next_attempt_at=later)
    draft, proposed = PinFactory(status=PinStatus.DRAFT), PinFactory(status=PinStatus.PROPOSED)

    said = act(root, "publish_now", pin, draft, proposed)

    pin.refresh_from_db()
    assert pin.status == PinStatus.SCHEDULED
    assert pin.next_attempt_at <= timezone.now()
    assert said == ["1 pin will be published now.", "2 pins skipped: only scheduled pins can be published now."]
    assert Pin.objects.get(pk=draft.pk).status == PinStatus.DRAFT
    assert Pin.objects.get(pk=proposed.pk).status == PinStatus.PROPOSED


def test_a_pin_on_its_way_is_canceled(root):
    pin, published = PinFactory(), PinFactory(status=PinStatus.PUBLISHED)

    said = act(root, "cancel", pin, published)

    assert Pin.objects.get(pk=pin.pk).status == PinStatus.DRAFT
    assert said == ["1 pin canceled.", "1 pin skipped: not waiting to be published."]


def test_an_account_is_paused_and_resumed(root):
    pin = due(HOUR)
    account = pin.account

    assert act(root, "pause_accounts", pin) == [f"Publishing for {account} is paused."]

    now = timezone.now()
    assert not Pin.objects.due(now).exists()
    pin.refresh_from_db()
    assert "paused publishing" in scheduling.hold_reason(pin, now)
    assert act(root, "pause_accounts", pin)[-1] == f"Publishing for {account} is already paused."
    assert AuditEntry.objects.get().detail == "Publishing paused. By an administrator."
    resumed = {"action": "resume_publishing", "_selected_action": account.pk}
    root.post("/admin/accounts/pinterestaccount/", resumed)
    assert Pin.objects.due(timezone.now()).get() == pin
    assert AuditEntry.objects.count() == 2


@pytest.mark.parametrize("looks", [0, len(VERIFICATION_DELAYS)])
def test_a_paused_account_holds_also_a_pin_that_is_long_in_doubt(root, looks):
    long_ago = timezone.now() - timedelta(minutes=61)
    pin = due(HOUR, status=PinStatus.VERIFYING, sent_at=long_ago, looks=looks)
    pausing.pause(pin.account, by=root.user, now=timezone.now())

    assert not Pin.objects.due(timezone.now()).exists()


def test_resuming_does_not_end_the_pause_that_pinterest_has_asked_for(root):
    pin = due(HOUR)
    now = timezone.now()
    pin.account.posting_paused_until = now + HOUR
    pin.account.save()
    pausing.pause(pin.account, by=root.user, now=now)
    pin.account.refresh_from_db()
    pausing.resume(pin.account, by=root.user, now=now)

    assert not Pin.objects.due(timezone.now()).exists()


def test_pausing_needs_the_permission_to_change_accounts(client):
    staff = UserFactory(is_staff=True)
    staff.user_permissions.set(Permission.objects.filter(codename__in=["view_pin", "change_pin"]))
    client.force_login(staff)
    pin = due(HOUR)

    act(client, "pause_accounts", pin)

    pin.account.refresh_from_db()
    assert pin.account.publishing_paused_at is None


def test_every_page_has_the_icon_and_one_block_for_each_app(root):
    page = text(root.get("/admin/"))

    assert re.search(r'<link rel="icon" href="[^"]*favicon', page)
    blocks = re.findall(r'<a href="/admin/[a-z_]+/" class="section"[^>]*>\s*([^<]+?)\s*</a>', page)
    assert len(blocks) == len(set(blocks)) > 4
    assert ">API keys</a>" in page
