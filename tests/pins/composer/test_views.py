"""The composer: one form is one pin, and an edit never overtakes Pinterest."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from accounts.connections.board_sync import SyncOutcome
from accounts.connections.sync import Changes
from accounts.models import AccountStatus, PinterestAccount, Role
from pins.composer import services as composer
from pins.composer import views as composer_views
from pins.models import MediaFile, Pin, PinEventKind, PinStatus
from pins.scheduling import services as scheduling
from tests.factories import BoardFactory, MediaFileFactory, MembershipFactory, PinFactory, PinterestAccountFactory
from tests.media_bytes import picture_bytes
from tests.page_text import page_text, said, text

pytestmark = pytest.mark.django_db

TOO_LATE = [("error", scheduling.TOO_LATE)]


@pytest.fixture
def pin(team):
    """Makes pins of the team: `pin(status=…)`."""

    def make(**fields):
        return PinFactory(**({"board": team.board, "status": PinStatus.DRAFT} | fields))

    return make


def url(name, pin=None):
    return reverse(f"pins:{name}", args=[pin.pk] if pin else [])


def upload(content=None, name="chair.jpg"):
    return SimpleUploadedFile(name, picture_bytes() if content is None else content)


def content_of(pin, **changes):
    """What the composer sends when somebody saves the pin, with some changes."""
    form = {"board": pin.board_id, "title": pin.title, "attachments": [media.pk for media in pin.media.all()]}
    return form | changes


def read_again(pin):
    return Pin.objects.get(pk=pin.pk)


def test_a_refused_pin_says_at_the_top_what_is_to_be_fixed_and_where(team, alice):
    media = MediaFileFactory(workspace=team.workspace)

    page = text(alice.post(url("pin_create"), {"title": "x" * 101, "attachments": media.pk, "action": "publish"}))

    summary = page.partition('id="form-problems"')[2].partition("</div>")[0]
    assert "This pin isn't ready yet. Nothing is lost. Please fix:" in summary
    assert '<a href="#id_title">Title</a>: The title has 101 characters; Pinterest allows 100.' in summary
    assert '<a href="#board-picker">Board</a>: Choose a board for the pin.' in summary


def test_the_same_form_sent_twice_is_one_pin(team, alice, django_capture_on_commit_callbacks):
    form = text(alice.get(url("pin_create")))
    token = form.partition('name="form_token" value="')[2].partition('"')[0]
    media = MediaFileFactory(workspace=team.workspace)
    sent = {"board": team.board.pk, "attachments": media.pk, "title": "Oak", "form_token": token, "action": "publish"}

    first, second = alice.post(url("pin_create"), sent), alice.post(url("pin_create"), sent)

    pin = Pin.objects.get()
    assert first["Location"] == second["Location"] == url("pin_detail", pin)
    assert [event.kind for event in pin.events.all()].count(PinEventKind.DRAFTED) == 1


TOKEN = "8f14e45f-ceea-4f7e-9b5c-0d2f3c4b5a69"


def test_going_back_and_changing_the_form_of_a_draft_changes_the_draft(team, alice):
    for title in ("Oak", "Birch"):
        alice.post(url("pin_create"), {"title": title, "form_token": TOKEN, "version": 1, "action": "draft"})

    assert [pin.title for pin in Pin.objects.all()] == ["Birch"]


def test_going_back_after_publishing_and_changing_the_form_makes_a_second_pin(team, alice):
    media = MediaFileFactory(workspace=team.workspace)
    form = {"board": team.board.pk, "attachments": media.pk, "form_token": TOKEN, "version": 1, "action": "publish"}

    for title in ("Oak", "Birch"):
        alice.post(url("pin_create"), form | {"title": title, "link": f"https://example.com/{title}"})

    assert [pin.title for pin in Pin.objects.order_by("pk")] == ["Oak", "Birch"]


def test_going_back_and_saving_as_a_draft_takes_the_pin_back(team, alice):
    media = MediaFileFactory(workspace=team.workspace)
    form = {"board": team.board.pk, "attachments": media.pk, "form_token": TOKEN}

    alice.post(url("pin_create"), form | {"action": "schedule", "publish_at": "2027-05-05T10:00"})
    alice.post(url("pin_create"), form | {"action": "draft", "publish_at": "2027-05-05T10:00"})

    assert [pin.status for pin in Pin.objects.all()] == ["draft"]


def test_two_forms_with_the_same_content_are_two_pins(alice):
    for _ in range(2):
        alice.post(url("pin_create"), {"title": "Oak", "action": "draft"})

    assert Pin.objects.count() == 2


def test_refreshing_the_boards_keeps_everything_typed(team, alice, monkeypatch):
    def sync(workspace):
        BoardFactory(account=team.account, name="Brand new")
        return [SyncOutcome(team.account, Changes(offered=2, added=1))]

    monkeypatch.setattr(composer_views.board_sync, "sync_workspace", sync)
    media = MediaFileFactory(workspace=team.workspace)
    typed = {
        "board": str(team.board.pk),
        "title": "a" * 112,
        "description": "By hand.\nOak.",
        "link": "example.com",
        "alt_text": "A chair",
        "dominant_color": "red",
        "publish_at": "2027-03-28T03:00",
        "form_token": TOKEN,
    }

    response = alice.post(url("pin_create"), {**typed, "attachments": media.pk, "action": "refresh_boards"})

    page = text(response)
    assert {name: response.context["form"][name].value() for name in typed} == typed
    assert response.context["media"] == [media]
    assert "Brand new" in page
    assert f"{team.account}: 2 boards, 1 new." in page
    assert not Pin.objects.exists()
    assert not response.context["form"].errors


def test_refreshing_stores_a_file_that_was_chosen_meanwhile(team, alice, monkeypatch):
    monkeypatch.setattr(composer_views.board_sync, "sync_workspace", lambda workspace: [])

    response = alice.post(url("pin_create"), {"attachments": upload(), "action": "refresh_boards"})

    assert response.context["media"] == [MediaFile.objects.get()]


def test_without_a_board_the_composer_says_what_to_do(team, alice):
    team.board.delete()
    assert "Create a board on Pinterest, then refresh." in text(alice.get(url("pin_create")))

    PinterestAccount.objects.update(status=AccountStatus.NEEDS_RECONNECT)
    page = text(alice.get(url("pin_create")))
    assert f"Reconnect {team.account} to see its boards." in page
    assert f'form="reconnect-{team.account.pk}">Reconnect {team.account}</button>' in page
    assert f'id="reconnect-{team.account.pk}"' in page
    assert "Connect Pinterest to see your boards" not in page

    PinterestAccount.objects.update(status=AccountStatus.DISCONNECTED)
    assert "Connect Pinterest to see your boards" in text(alice.get(url("pin_create")))

    team.account.delete()
    assert "Connect Pinterest to see your boards" in text(alice.get(url("pin_create")))


def test_the_composer_offers_boards_that_a_pin_can_go_to(team, alice):
    gone = BoardFactory(account=team.account, missing_since=timezone.now())
    lost = BoardFactory(account=PinterestAccountFactory(workspace=team.workspace, status=AccountStatus.DISCONNECTED))

    assert alice.get(url("pin_create")).context["boards"] == [team.board]
    for board in (gone, lost):  # the pin's own board stays visible, with the reason beside it when it is sent
        assert board in alice.get(url("pin_edit", PinFactory(board=board))).context["boards"]


def test_the_composer_shows_a_pin_as_it_is(alice, pin):
    oak = pin(title="Oak", publish_at=timezone.now())

    response = alice.get(url("pin_edit", oak))

    form = response.context["form"]
    assert (form["title"].value(), form["board"].value()) == ("Oak", oak.board_id)
    assert response.context["media"] == list(oak.media.all())
    assert Pin.objects.get() == oak


def test_saving_a_scheduled_pin_checks_it_again(alice, pin):
    scheduled = pin(status=PinStatus.SCHEDULED, title="Oak", publish_at=timezone.now() + timedelta(days=1))

    for broken in ({"attachments": []}, {"board": ""}, {"link": "javascript:alert(1)"}):
        response = alice.post(
            url("pin_edit", scheduled),
            content_of(scheduled, action="schedule", publish_at="2027-05-05T10:00", **broken),
        )

        assert list(response.context["form"].errors) == list(broken)
    unchanged = read_again(scheduled)
    assert (unchanged.status, unchanged.publish_at, unchanged.board) == (
        *(PinStatus.SCHEDULED, scheduled.publish_at, scheduled.board),
    )
    assert unchanged.attachments.count() == 1
    assert not unchanged.events.exists()


def test_an_edited_pin_is_scheduled_with_its_new_content(team, alice, pin):
    scheduled = pin(status=PinStatus.SCHEDULED)
    media = MediaFileFactory(workspace=team.workspace)

    response = alice.post(
        url("pin_edit", scheduled),
        content_of(scheduled, title="Birch", attachments=media.pk, action="schedule", publish_at="2027-05-05T10:00"),
    )

    edited = read_again(scheduled)
    assert response["Location"] == url("pin_detail", scheduled)
    assert (edited.title, edited.status, list(edited.media.all())) == ("Birch", PinStatus.SCHEDULED, [media])
    assert edited.next_attempt_at.isoformat() == "2027-05-05T08:00:00+00:00"
    assert [(event.kind, event.by) for event in edited.events.all()] == [
        (PinEventKind.EDITED, team.alice),
        (PinEventKind.SCHEDULED, team.alice),
    ]


def test_a_draft_that_was_scheduled_may_lose_its_board(alice, pin):
    scheduled = pin(status=PinStatus.SCHEDULED)

    alice.post(url("pin_edit", scheduled), content_of(scheduled, action="draft", board=""))

    assert (read_again(scheduled).status, read_again(scheduled).board) == (PinStatus.DRAFT, None)


def test_saving_a_scheduled_pin_as_a_draft_takes_it_back(alice, pin):
    scheduled = pin(status=PinStatus.SCHEDULED)

    response = alice.post(url("pin_edit", scheduled), content_of(scheduled, action="draft", attachments=[]))

    assert said(response) == [("success", "Saved as a draft. It's no longer scheduled.")]
    edited = read_again(scheduled)
    assert (edited.status, edited.next_attempt_at, edited.attachments.count()) == (PinStatus.DRAFT, None, 0)


@pytest.mark.parametrize("status", [PinStatus.CREATING, PinStatus.VERIFYING, PinStatus.PUBLISHED])
def test_a_pin_that_pinterest_may_have_cannot_be_edited_any_more(alice, pin, status):
    busy = pin(status=status, title="Oak")

    opened = alice.get(url("pin_edit", busy))
    sent = alice.post(url("pin_edit", busy), {"title": "Birch"})

    assert opened["Location"] == url("pin_detail", busy)
    assert said(opened) == TOO_LATE
    assert "Too late: the pin is already being published" in sent.content.decode()
    assert 'value="Birch"' in sent.content.decode()
    assert (read_again(busy).title, read_again(busy).status) == ("Oak", status)


def test_a_pin_that_is_being_created_by_the_time_it_is_saved_stays_as_it_was(alice, pin, monkeypatch):
    scheduled = pin(status=PinStatus.SCHEDULED, title="Oak")
    edit_pin = composer.edit_pin

    def edit_too_late(pin, *content, **how):
        Pin.objects.filter(pk=pin.pk).update(status=PinStatus.CREATING)
        return edit_pin(pin, *content, **how)

    monkeypatch.setattr(composer, "edit_pin", edit_too_late)
    response = alice.post(url("pin_edit", scheduled), content_of(scheduled, title="Birch", action="publish"))

    assert "Too late: the pin is already being published" in response.content.decode()
    assert 'value="Birch"' in response.content.decode()
    assert (read_again(scheduled).title, read_again(scheduled).status) == ("Oak", PinStatus.CREATING)


def test_an_edit_whose_sending_is_too_late_is_not_kept_as_its_message_says(alice, pin, monkeypatch):
    scheduled = pin(status=PinStatus.SCHEDULED, title="Oak")
    monkeypatch.setattr(composer.approval, "send_out", lambda *args, **how: False)

    response = alice.post(url("pin_edit", scheduled), content_of(scheduled, title="Birch", action="publish"))

    assert scheduling.TOO_LATE in response.content.decode() and "Nothing was changed" in scheduling.TOO_LATE
    assert 'value="Birch"' in response.content.decode()
    before = read_again(scheduled)
    assert (before.title, before.version) == ("Oak", scheduled.version)


@pytest.mark.parametrize("action", ["draft", "publish"])
def test_what_was_typed_into_a_pin_that_somebody_deletes_becomes_a_draft(alice, pin, monkeypatch, action):
    gone = pin(title="Oak")
    edit_pin = composer.edit_pin

    def edit_too_late(pin, *content, **how):
        composer.delete_pin(Pin.objects.get(pk=pin.pk), by=how["by"], now=how["now"])
        return edit_pin(pin, *content, **how)

    monkeypatch.setattr(composer, "edit_pin", edit_too_late)
    response = alice.post(url("pin_edit", gone), content_of(gone, title="Birch", action=action))

    made = Pin.objects.get()
    assert response["Location"] == url("pin_edit", made)
    assert (made.title, made.status) == ("Birch", PinStatus.DRAFT)
    assert "This pin was deleted while you were editing." in said(response)[0][1]


@pytest.mark.parametrize("status", [PinStatus.SCHEDULED, PinStatus.CREATING, PinStatus.PUBLISHED])
def test_publishing_in_a_second_tab_what_is_out_already_leads_to_the_pin(alice, pin, status):
    sent = pin(status=status, version=2)
    same = {"description": sent.description, "link": sent.link, "version": "1"}

    response = alice.post(url("pin_edit", sent), content_of(sent, action="publish", **same))

    assert response["Location"] == url("pin_detail", sent)
    assert said(response) == []
    assert read_again(sent).status == status


def test_a_picture_for_a_pin_of_another_own_workspace_is_stored_there(team, alice):
    other = MembershipFactory(user=team.alice, role=Role.EDITOR).workspace
    elsewhere = PinFactory(board=BoardFactory(account=PinterestAccountFactory(workspace=other)), status=PinStatus.DRAFT)

    alice.post(url("pin_edit", elsewhere), content_of(elsewhere, attachments=upload(), action="draft"))

    assert {media.workspace for media in read_again(elsewhere).media.all()} == {other}


def test_a_form_of_a_workspace_left_in_another_tab_still_belongs_to_it(team, alice):
    other = MembershipFactory(user=team.alice, role=Role.EDITOR).workspace

    alice.post(reverse("pins:pin_create"), {"workspace": other.pk, "title": "Oak", "action": "draft"})

    assert Pin.objects.get().workspace == other


def test_a_form_that_names_somebody_elses_workspace_is_a_404(team, alice):
    foreign = MembershipFactory().workspace

    for address in ("pins:pin_create", "pins:media_upload"):
        assert alice.post(reverse(address), {"workspace": foreign.pk}).status_code == 404
    assert not Pin.objects.exists()


def test_a_link_names_the_time_of_a_new_pin(alice, team):
    page = alice.get(reverse("pins:pin_create"), {"publish_at": "2031-05-06T07:08"}).content.decode()

    assert 'value="2031-05-06T07:08"' in page


HINT = "Add alt text: your workspace asks for a description of the image."


def test_a_workspace_may_ask_for_alt_text(team, alice):
    page = alice.get(reverse("pins:pin_create"))
    assert HINT not in page_text(page)
    assert page.context["is_more_open"] is False
    team.workspace.asks_for_alt_text = True
    team.workspace.save()

    page = alice.get(reverse("pins:pin_create"))

    assert HINT in page_text(page)
    assert page.context["is_more_open"] is True
