import re
import uuid
from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.api_keys import services as api_keys
from pins.composer import services as composer
from pins.models import CalendarFeed, MediaFile, Pin, PinEvent, PinEventKind, PinStatus, PostingSlot
from pins.scheduling import services as scheduling
from postiz_pins.common.admin.filters import CHOICES_SHOWN
from tests.factories import (
    AttachmentFactory,
    BoardFactory,
    CalendarFeedFactory,
    InvitationFactory,
    MediaFileFactory,
    MembershipFactory,
    NotificationFactory,
    PinFactory,
    PinterestAccountFactory,
    UserFactory,
)
from tests.webhook_factories import WebhookDeliveryFactory

pytestmark = pytest.mark.django_db

PINS = "/admin/pins/pin/"
OWN_MODELS = [model for model in admin.site._registry if model._meta.app_label in ("accounts", "pins")]


@pytest.fixture
def root(client):
    """A browser in which a superuser is signed in who is in no workspace."""
    user = UserFactory(email="root@example.com", is_staff=True, is_superuser=True)
    client.force_login(user)
    client.user = user
    return client


def text(response):
    assert response.status_code == 200
    return response.content.decode()


def rows(response):
    return list(response.context["cl"].result_list)


def address_of(model, page="changelist", *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def act(client, action, *pins, **more):
    """Runs an action of the list on the pins; the sentences that it reports."""
    response = client.post(PINS, {"action": action, "_selected_action": [pin.pk for pin in pins], **more})
    return [str(message) for message in get_messages(response.wsgi_request)]


def claimed(**fields):
    return PinFactory(claim_token=uuid.uuid4(), claimed_until=timezone.now() + timedelta(minutes=1), **fields)


def populate():
    """One more row of everything, each hanging on rows of its own."""
    pin = PinFactory()
    maker = MembershipFactory(workspace=pin.workspace).user
    api_keys.create(pin.workspace, "Shop import", by=maker, now=timezone.now())
    InvitationFactory(workspace=pin.workspace)
    NotificationFactory()
    PostingSlot.objects.create(number=PostingSlot.objects.count(), account=pin.account)
    WebhookDeliveryFactory(endpoint__workspace=pin.workspace, endpoint__created_by=maker)
    CalendarFeedFactory(membership__workspace=pin.workspace, account=pin.account)


@pytest.mark.parametrize("model", OWN_MODELS, ids=lambda model: model.__name__)
def test_a_list_costs_as_many_queries_for_three_rows_as_for_one(root, model):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            text(root.get(address_of(model)))
        return len(captured)

    populate()
    with_one = queries()
    populate()
    populate()

    assert queries() == with_one


@pytest.mark.parametrize("model", OWN_MODELS, ids=lambda model: model.__name__)
def test_no_choice_of_a_form_grows_with_the_tables(root, model):
    def options():
        pages = [root.get(address_of(model, "change", row.pk)), root.get(address_of(model, "add"))]
        return [page.content.count(b"<option") for page in pages]

    populate()
    row = model.objects.order_by("pk").last()
    before = options()
    for _ in range(3):
        populate()

    assert options() == before


@pytest.mark.parametrize("model", OWN_MODELS, ids=lambda model: model.__name__)
def test_pages_need_no_inline_style_or_script(root, model):
    populate()
    row = model.objects.order_by("pk").last()

    for address in (address_of(model), address_of(model, "change", row.pk)):
        page = text(root.get(address))
        assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)|<style| style=| on[a-z]+=", page)


def test_a_pins_page_shows_job_content_and_history_and_nothing_to_write_in(root):
    pin = PinFactory(title="Oak chair", status=PinStatus.FAILED, error_code="refused", error_text="Not possible.")
    PinEvent.objects.create(pin=pin, kind=PinEventKind.FAILED, text="Pinterest said no.", by=root.user)

    page = text(root.get(address_of(Pin, "change", pin.pk)))

    for words in ("Oak chair", "refused", "Not possible.", "Pinterest said no.", "root@example.com", "chair.jpg"):
        assert words in page
    [media] = pin.media.all()
    assert f'href="{address_of(MediaFile, "change", media.pk)}"' in page
    assert re.findall(r'<(?:input(?! type="hidden")|select|textarea)[^>]*', page.partition('id="content"')[2]) == []


def test_nothing_posted_to_a_pins_page_changes_it(root):
    pin = PinFactory(status=PinStatus.DRAFT)

    response = root.post(address_of(Pin, "change", pin.pk), {"status": PinStatus.PUBLISHED, "title": "Changed"})

    assert response.status_code == 403
    assert root.get(address_of(Pin, "add")).status_code == 403
    assert Pin.objects.get(pk=pin.pk).status == PinStatus.DRAFT


def test_a_calendar_feed_is_shown_without_what_opens_it_and_is_revoked_by_deleting_it(root):
    feed = CalendarFeedFactory()
    pages = text(root.get(address_of(CalendarFeed))) + text(root.get(address_of(CalendarFeed, "change", feed.pk)))

    response = root.post(address_of(CalendarFeed, "delete", feed.pk), {"post": "yes"})

    assert feed.membership.user.email in pages
    assert feed.token_hash not in pages
    assert response.status_code == 302
    assert not CalendarFeed.objects.exists()


def test_pins_are_filtered_by_status(root):
    failed, _ = PinFactory(status=PinStatus.FAILED), PinFactory()

    assert rows(root.get(PINS, {"status__exact": "failed"})) == [failed]


def test_pins_are_filtered_by_account(root):
    pin, _ = PinFactory(), PinFactory()

    assert rows(root.get(PINS, {"account__id__exact": pin.account_id})) == [pin]
    assert rows(root.get(PINS, {"account__isnull": "True"})) == []
    assert root.get(PINS, {"account__id__exact": "nonsense"}).status_code == 302


def test_the_filter_offers_the_newest_accounts_and_the_chosen_one(root):
    oldest = PinterestAccountFactory(username="oldest")
    newer = PinterestAccountFactory.create_batch(CHOICES_SHOWN)
    PinFactory(board=BoardFactory(account=newer[0]))

    unfiltered = text(root.get(PINS))
    filtered = text(root.get(PINS, {"account__id__exact": oldest.pk}))

    assert unfiltered.count("?account__id__exact=") == CHOICES_SHOWN
    assert "@oldest" not in unfiltered
    assert "@oldest" in filtered


def test_a_pin_is_found_by_title_by_both_ids_by_account_and_by_error(root):
    pin = PinFactory(
        title="Oak chair",
        status=PinStatus.PUBLISHED,
        pinterest_pin_id="123456789012",
        error_code="odd_code",
        board=BoardFactory(account=PinterestAccountFactory(username="chairshop", workspace__name="Chairs")),
    )
    PinFactory(title="Table", board__account__workspace__name="Tables")

    for term in ("oak", "123456789012", str(pin.pk), "chairshop", "odd_code"):
        assert rows(root.get(PINS, {"q": term})) == [pin], term


@pytest.mark.parametrize("title", ["Oak " * 60, "x" * 200], ids=["words", "one word"])
def test_a_long_title_does_not_push_the_columns_out_of_the_list(root, title):
    PinFactory(title=title.strip(), status=PinStatus.DRAFT)

    page = text(root.get(PINS))

    assert f'title="{title.strip()}"' in page
    assert f">{title[:99].strip()}…</span>" in page


def test_retrying_sends_the_failed_pins_and_says_why_not_the_others(root):
    failed = PinFactory(status=PinStatus.FAILED, error_code="refused", attempts=5)
    without_board = PinFactory(board=None, workspace=failed.workspace, status=PinStatus.FAILED)
    published, draft = PinFactory(status=PinStatus.PUBLISHED), PinFactory(status=PinStatus.DRAFT)

    said = act(root, "retry", failed, without_board, published, draft)

    failed.refresh_from_db()
    assert (failed.status, failed.attempts) == (PinStatus.SCHEDULED, 0)
    assert [(event.kind, event.by) for event in failed.events.all()] == [(PinEventKind.RETRIED, root.user)]
    assert said == [
        "1 pin will be retried now.",
        "1 pin skipped: no board.",
        "2 pins skipped: only failed pins can be retried.",
    ]
    assert set(Pin.objects.exclude(pk=failed.pk).values_list("status", flat=True)) == {"failed", "published", "draft"}


def test_a_pin_that_changes_while_it_is_retried_is_reported(root, monkeypatch):
    pin = PinFactory(status=PinStatus.FAILED)

    def retry_too_late(pin, **how):
        Pin.objects.filter(pk=pin.pk).update(status=PinStatus.DRAFT)
        return retry(pin, **how)

    retry = scheduling.retry
    monkeypatch.setattr(scheduling, "retry", retry_too_late)

    assert act(root, "retry", pin) == ["1 pin skipped: changed in the meantime."]


def test_releasing_gives_claims_back_and_says_how_many_had_none(root):
    held, also_held, free = claimed(), claimed(), PinFactory()

    said = act(root, "release_claim", held, also_held, free)

    held.refresh_from_db()
    assert (held.claim_token, held.claimed_until, held.status) == (None, None, PinStatus.SCHEDULED)
    assert [(event.kind, event.by) for event in held.events.all()] == [(PinEventKind.RELEASED, root.user)]
    assert said == ["2 pins released.", "1 pin skipped: not claimed by a worker."]


def test_the_actions_need_the_permission_to_change_pins(client):
    staff = UserFactory(is_staff=True)
    staff.user_permissions.add(Permission.objects.get(codename="view_pin"))
    client.force_login(staff)
    pin = PinFactory(status=PinStatus.FAILED)

    page = text(client.get(PINS))
    act(client, "retry", pin)

    assert 'value="retry"' not in page
    assert Pin.objects.get(pk=pin.pk).status == PinStatus.FAILED
    staff.user_permissions.add(Permission.objects.get(codename="change_pin"))
    act(client, "retry", pin)
    assert Pin.objects.get(pk=pin.pk).status == PinStatus.SCHEDULED


@pytest.mark.parametrize("status", [PinStatus.CREATING, PinStatus.VERIFYING])
def test_a_pin_that_pinterest_may_be_creating_cannot_be_deleted(root, status):
    unsure, draft = PinFactory(title="Oak chair", status=status), PinFactory(status=PinStatus.DRAFT)
    address = address_of(Pin, "delete", unsure.pk)

    page = text(root.get(address))
    root.post(address, {"post": "yes"})
    act(root, "delete_selected", unsure, draft, post="yes")

    assert "Oak chair: Pinterest may be creating it at this moment" in page
    assert Pin.objects.count() == 2


def test_other_pins_are_deleted_one_by_one_and_together(root):
    pins = [PinFactory(status=PinStatus.DRAFT), PinFactory(), PinFactory(status=PinStatus.PUBLISHED)]

    root.post(address_of(Pin, "delete", pins[0].pk), {"post": "yes"})
    said = act(root, "delete_selected", *pins[1:], post="yes")

    assert said[-1] == "Successfully deleted 2 pins."
    assert not Pin.objects.exists()


def test_a_pin_that_is_being_created_by_now_survives_the_deletion(root, monkeypatch):
    pin = PinFactory()
    delete_pin = composer.delete_pin

    def delete_a_moment_later(pin, **who):
        Pin.objects.filter(pk=pin.pk).update(status=PinStatus.CREATING)
        return delete_pin(pin, **who)

    monkeypatch.setattr(composer, "delete_pin", delete_a_moment_later)
    act(root, "delete_selected", pin, post="yes")

    assert Pin.objects.get().status == PinStatus.CREATING


def test_a_media_file_is_shown_and_only_read(root):
    media = MediaFileFactory(original_name="oak.jpg")

    for page in (text(root.get(address_of(MediaFile))), text(root.get(address_of(MediaFile, "change", media.pk)))):
        assert f'<img src="{media.thumbnail.url}"' in page
        assert "oak.jpg" in page
    assert root.post(address_of(MediaFile, "change", media.pk), {"original_name": "x"}).status_code == 403


def test_a_media_file_is_found_by_its_address(root):
    media, _ = MediaFileFactory(), MediaFileFactory()

    assert rows(root.get(address_of(MediaFile), {"q": media.file.name})) == [media]
    assert rows(root.get(address_of(MediaFile), {"q": media.sha256})) == [media]


@pytest.mark.parametrize("action", ["page", "list"])
def test_deleting_a_media_file_takes_it_out_of_the_library(root, django_capture_on_commit_callbacks, action):
    media = MediaFileFactory()
    AttachmentFactory(pin=PinFactory(status=PinStatus.PUBLISHED, attachments=0), media=media)

    with django_capture_on_commit_callbacks(execute=True):
        if action == "page":
            root.post(address_of(MediaFile, "delete", media.pk), {"post": "yes"})
        else:
            chosen = {"action": "delete_selected", "_selected_action": media.pk, "post": "yes"}
            root.post(address_of(MediaFile), chosen)

    media.refresh_from_db()
    assert media.deleted_at is not None
    assert not media.file.storage.exists(media.file.name)
    assert media.thumbnail.storage.exists(media.thumbnail.name)


def test_a_media_file_that_a_pin_needs_stays(root):
    attachment = AttachmentFactory(pin=PinFactory(status=PinStatus.SCHEDULED, title="Oak chair", attachments=0))

    page = text(root.get(address_of(MediaFile, "delete", attachment.media.pk)))
    root.post(address_of(MediaFile, "delete", attachment.media.pk), {"post": "yes"})

    assert "protected" in page
    assert "needed by “Oak chair”" in page
    attachment.media.refresh_from_db()
    assert attachment.media.deleted_at is None
    assert attachment.media.file.storage.exists(attachment.media.file.name)


def test_slots_are_looked_at_and_left_alone(root):
    slot = PostingSlot.objects.create(number=0, holder=uuid.uuid4(), held_until=timezone.now())

    assert str(slot.holder) in text(root.get(address_of(PostingSlot)))
    assert root.post(address_of(PostingSlot, "delete", slot.pk), {"post": "yes"}).status_code == 403
    assert root.post(address_of(PostingSlot, "change", slot.pk), {"number": "1"}).status_code == 403
