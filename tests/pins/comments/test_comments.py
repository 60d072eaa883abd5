"""Comments on a pin: who may write and delete them, and who is notified."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, Notification, NotificationKind, Role
from pins.comments import services
from pins.models import PinComment, PinStatus
from tests.factories import MembershipFactory, PinCommentFactory, PinFactory, UserFactory
from tests.page_text import page_text

pytestmark = pytest.mark.django_db


@pytest.fixture
def pin(team):
    return PinFactory(board=team.board, status=PinStatus.DRAFT, title="Oak", created_by=None)


def member(team, email, role=Role.EDITOR):
    return MembershipFactory(workspace=team.workspace, user=UserFactory(email=email), role=role).user


def told():
    """Whom each notification of a comment reached, with what it says."""
    rows = Notification.objects.filter(kind=NotificationKind.COMMENTED)
    return {row.user.email: row.text for row in rows.select_related("user")}


def comment(pin, text, by):
    return services.add_comment(pin, text, by=by, now=timezone.now())


def test_every_member_may_comment_viewers_too(team, pin):
    browser = Client()
    browser.force_login(team.bob)  # a viewer

    response = browser.post(reverse("pins:comment_add", args=[pin.pk]), {"text": "  Warmer, please.\nAnd larger. "})

    written = PinComment.objects.get()
    assert response["Location"] == f"/pins/{pin.pk}/#comment-{written.pk}"
    assert (written.pin, written.author, written.text) == (pin, team.bob, "Warmer, please.\nAnd larger.")
    page = browser.get(f"/pins/{pin.pk}/").content.decode()
    assert "<p>Warmer, please.<br>And larger.</p>" in page


def test_a_comment_is_plain_text_that_chooses_its_direction(alice, pin):
    PinCommentFactory(pin=pin, text="<script>alert(1)</script>")

    page = alice.get(f"/pins/{pin.pk}/").content.decode()

    assert '<div class="comment__text" dir="auto"><p>&lt;script&gt;' in page


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Write something first."),
        ("  \n", "Write something first."),
        ("x" * 2001, "The comment has 2001 characters; up to 2000 are allowed. Shorten it."),
        ("a\0b", "Null characters are not allowed."),
    ],
)
def test_what_is_no_comment_is_refused_with_a_sentence_and_kept(alice, pin, text, sentence):
    response = alice.post(reverse("pins:comment_add", args=[pin.pk]), {"text": text})

    assert response.status_code == 200
    assert sentence in page_text(response)
    assert response.context["comment_form"]["text"].value() == text
    assert not PinComment.objects.exists()


def test_2000_characters_are_allowed(alice, pin):
    alice.post(reverse("pins:comment_add", args=[pin.pk]), {"text": "x" * 2000})

    assert len(PinComment.objects.get().text) == 2000


def test_an_outsider_neither_comments_nor_deletes(team, pin):
    browser = Client()
    browser.force_login(team.charlie)
    written = PinCommentFactory(pin=pin, author=team.charlie)  # a member no longer

    assert browser.post(reverse("pins:comment_add", args=[pin.pk]), {"text": "Hello"}).status_code == 404
    assert browser.post(reverse("pins:comment_delete", args=[written.pk])).status_code == 404
    assert PinComment.objects.get() == written


def test_only_the_author_deletes_a_comment(team, alice, pin):
    own, other = PinCommentFactory(pin=pin, author=team.alice), PinCommentFactory(pin=pin, author=team.bob)

    page = alice.get(f"/pins/{pin.pk}/").content.decode()
    answers = [alice.post(reverse("pins:comment_delete", args=[row.pk])) for row in (own, other)]

    assert [reverse("pins:comment_delete", args=[row.pk]) in page for row in (own, other)] == [True, False]
    assert [answer.status_code for answer in answers] == [302, 404]
    assert PinComment.objects.get() == other


def test_those_whom_a_pin_concerns_are_told_once(team, pin):
    erin, frank, grace = (member(team, f"{name}@example.com") for name in ("erin", "frank", "grace"))
    member(team, "uninvolved@example.com")
    pin.created_by, pin.proposed_by = erin, frank
    pin.save()
    PinCommentFactory(pin=pin, author=grace)
    PinCommentFactory(pin=pin, author=grace)

    comment(pin, "Warmer,\nplease.", by=team.alice)

    text = "alice@example.com commented on “Oak”: Warmer, please."
    assert told() == dict.fromkeys(["erin@example.com", "frank@example.com", "grace@example.com"], text)
    assert Notification.objects.first().path == f"/pins/{pin.pk}/"


def test_admins_are_told_while_the_pin_waits_for_them(team, pin):
    erin = member(team, "erin@example.com")
    proposed = PinFactory(board=team.board, status=PinStatus.PROPOSED, title="Ash", created_by=erin)

    comment(pin, "Better?", by=erin)
    assert told() == {}
    comment(proposed, "Better?", by=erin)

    assert told() == {"alice@example.com": "erin@example.com commented on “Ash”: Better?"}


@pytest.mark.parametrize(
    "text",
    ["@erin look", "Look (@Erin).", "@erin@example.com", "Ask erin@example.com, please.", "See: @erin…", "@erin @erin"],
)
def test_whoever_is_mentioned_is_told_so(team, pin, text):
    erin = member(team, "erin@example.com")
    pin.created_by = erin
    pin.save()

    comment(pin, text, by=team.alice)

    assert told() == {"erin@example.com": f"alice@example.com mentioned you on “Oak”: {text}"}


@pytest.mark.parametrize("text", ["erin look", "@erina", "terin@example.com", "@erin@example.org", "a@erin", "@"])
def test_nobody_is_mentioned_by_chance(team, pin, text):
    member(team, "erin@example.com")

    comment(pin, text, by=team.alice)

    assert told() == {}


def test_people_outside_the_workspace_and_the_writer_are_not_told(team, pin):
    comment(pin, "@charlie @charlie@example.com @alice", by=team.alice)

    assert told() == {}


def test_a_member_without_the_emails_gets_none(team, pin):
    erin = member(team, "erin@example.com")
    Membership.objects.filter(user=erin).update(muted_kinds=[NotificationKind.COMMENTED])

    comment(pin, "@erin", by=team.alice)

    assert not Notification.objects.get(user=erin).wants_email


def test_reading_the_pin_reads_the_notification(team, pin, alice):
    comment(pin, "@alice", by=member(team, "erin@example.com"))

    alice.get(f"/pins/{pin.pk}/")

    assert Notification.objects.get().read_at is not None


def test_the_page_offers_names_that_mean_one_member(team, alice, pin):
    for email in ("erin@example.com", "sam@example.com", "sam@example.org"):
        member(team, email)

    handles = alice.get(f"/pins/{pin.pk}/").context["handles"]

    assert handles == ["bob", "erin", "sam@example.com", "sam@example.org"]


def test_the_newest_comments_are_shown_in_their_order(alice, pin, monkeypatch):
    monkeypatch.setattr(services, "COMMENTS_SHOWN", 2)
    for minutes in (3, 1, 2):
        PinCommentFactory(pin=pin, text=str(minutes), created_at=timezone.now() - timedelta(minutes=minutes))

    response = alice.get(f"/pins/{pin.pk}/")

    assert [each.text for each in response.context["comments"]] == ["2", "1"]
    assert "Only the newest comments are shown." in page_text(response)


def test_a_page_that_asks_for_news_reads_no_comments(alice, pin):
    PinCommentFactory(pin=pin, text="Warmer, please.")

    fragment = alice.get(f"/pins/{pin.pk}/", headers={"HX-Request": "true"})

    assert "Warmer, please." not in fragment.content.decode()


def test_comments_of_people_who_are_gone_stay(alice, pin):
    PinCommentFactory(pin=pin, author=None)

    assert "A former member" in page_text(alice.get(f"/pins/{pin.pk}/"))
