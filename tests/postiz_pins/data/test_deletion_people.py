"""A person's own account is erased, and the team keeps what is the team's."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.auth import get_user
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts.api_keys import services as api_keys
from accounts.deletion import requests as deletion_requests
from accounts.models import (
    ApiKey,
    AuditEntry,
    Invitation,
    Membership,
    Role,
    User,
    Workspace,
)
from pins import deletion as pins_deletion
from pins.models import MediaFile, Pin, PinComment, PinEvent, PinEventKind
from tests.accounts.mfa_helpers import protect, type_password
from tests.deletion_helpers import due, erase, files, populate, rows_of
from tests.factories import (
    InvitationFactory,
    MembershipFactory,
    PinFactory,
)

pytestmark = pytest.mark.django_db


def test_a_person_goes_and_the_team_keeps_its_pins_without_the_name(team, neighbours):
    dana = MembershipFactory(workspace=team.workspace, user__email="dana@example.com").user
    browser = Client()
    assert type_password(browser, dana).status_code == 302
    session_key = browser.session.session_key
    protect(dana)
    EmailAddress.objects.update_or_create(user=dana, email=dana.email, defaults={"verified": True, "primary": True})
    LogEntry.objects.create(
        user=dana,
        content_type=ContentType.objects.get_for_model(Pin),
        object_id="1",
        object_repr="x",
        action_flag=ADDITION,
    )
    for rows, column in (
        (Pin, "created_by"),
        (Pin, "proposed_by"),
        (PinEvent, "by"),
        (PinComment, "author"),
        (MediaFile, "uploaded_by"),
    ):
        rows.objects.update(**{column: dana})
    api_key, _ = api_keys.create(team.workspace, "Dana's", by=dana, now=timezone.now())
    InvitationFactory(workspace=team.workspace, invited_by=dana, email="friend@example.com")
    pins_before = Pin.objects.count()
    deletion_requests.request_user_deletion(dana, now=timezone.now())
    due(dana)

    erase()

    assert rows_of(User, dana.pk) == {}
    assert not User.objects.filter(email="dana@example.com").exists()
    assert not UserSession.objects.filter(user_id=dana.pk).exists()
    assert get_user(browser).is_anonymous
    assert not Session.objects.filter(session_key=session_key).exists()
    assert Pin.objects.count() == pins_before
    assert ApiKey.objects.get(pk=api_key.pk).revoked_at is not None
    assert Invitation.objects.get(email="friend@example.com").cancelled_at is not None
    actions = list(AuditEntry.objects.filter(target__contains="dana@").order_by("pk").values_list("action", flat=True))
    assert actions == ["erasure_asked", "left", "erased"]


def test_the_name_is_taken_from_many_rows_a_few_at_a_time(team, monkeypatch):
    monkeypatch.setattr(pins_deletion, "BATCH", 3)
    for _ in range(7):
        pin = PinFactory(board=team.board, created_by=team.bob)
        PinEvent.objects.create(pin=pin, kind=PinEventKind.DRAFTED, by=team.bob)
    PinFactory(board=team.board, created_by=team.alice)
    named = []

    for _ in pins_deletion.forget_user(team.bob):
        named.append(Pin.objects.filter(created_by=team.bob).count() + PinEvent.objects.filter(by=team.bob).count())

    assert named == [11, 8, 7, 4, 1, 0]
    assert Pin.objects.filter(created_by=team.alice).count() == 1


def test_the_address_can_sign_up_anew(team, client):
    deletion_requests.request_user_deletion(team.bob, now=timezone.now())
    due(team.bob)
    erase()

    response = client.post(
        "/accounts/signup/",
        {
            "email": "bob@example.com",
            "password1": "a long and unusual one",
            "workspace_name": "Bob's",
            "time_zone": "UTC",
        },
    )

    assert response.status_code == 302
    assert User.objects.get(email="bob@example.com").pk != team.bob.pk


def test_workspaces_of_the_person_alone_go_along(team, settings):
    alone = team.charlie.memberships.get().workspace
    populate(alone, team.charlie)
    deletion_requests.request_user_deletion(team.charlie, now=timezone.now())
    due(team.charlie)

    erase()

    assert rows_of(Workspace, alone.pk) == {}
    assert not Workspace.objects.filter(pk=alone.pk).exists()
    assert files(settings, alone) == {}
    assert list(Workspace.objects.all()) == [team.workspace]


def test_a_person_who_has_to_hand_over_stays_and_others_do_not_wait(team, caplog):
    User.objects.filter(pk__in=[team.alice.pk, team.charlie.pk]).update(delete_at=timezone.now() - timedelta(hours=1))

    erase()

    assert set(User.objects.values_list("email", flat=True)) == {"alice@example.com", "bob@example.com"}
    assert "the only admin of" in caplog.text
    assert Membership.objects.get(user=team.alice).role == Role.ADMIN
