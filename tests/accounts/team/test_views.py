"""The page of the team, as its members see it and its admins use it."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import Invitation, Membership, Role, Workspace
from accounts.team import emails as invitation_emails
from accounts.team import services as teams
from tests.accounts.conftest import said
from tests.factories import InvitationFactory, MembershipFactory, UserFactory
from tests.page_text import page_text

pytestmark = pytest.mark.django_db


def invite(browser, **changes):
    return browser.post("/team/", {"email": "dana@example.com", "role": "editor"} | changes)


def signed_in(user):
    browser = Client()
    browser.force_login(user)
    return browser


def role_of(user, workspace):
    return Membership.objects.get(user=user, workspace=workspace).role


def test_every_member_sees_people_roles_and_invitations_but_only_admins_have_buttons(team, alice):
    invitation = InvitationFactory(workspace=team.workspace, invited_by=team.alice)
    InvitationFactory(workspace=team.workspace, email="late@example.com", created_at=timezone.now() - timedelta(days=9))
    foreign = InvitationFactory()

    pages = {who: signed_in(who).get("/team/").content.decode() for who in (team.alice, team.bob)}

    for page in pages.values():
        for part in ("alice@example.com", "bob@example.com", invitation.email, "Expired", "Expires", "since"):
            assert part in page
        assert foreign.email not in page
        assert "charlie@example.com" not in page
    for part in ("/role/", "/remove/", "/resend/", "/cancel/", "Send invitation"):
        assert part in pages[team.alice]
        assert part not in pages[team.bob]
    assert all("/team/leave/" in page for page in pages.values())


def test_the_account_menu_leads_to_the_team(alice):
    assert 'href="/team/"' in alice.get("/connections/").content.decode()


def test_a_member_from_before_we_kept_it_has_no_since(team, alice):
    Membership.objects.update(joined_at=None)

    assert "since" not in alice.get("/team/").content.decode()


def test_the_page_costs_two_queries_beside_knowing_who_asks_and_the_side_bar(team, alice, django_assert_num_queries):
    for _ in range(3):
        InvitationFactory(workspace=team.workspace, invited_by=UserFactory())
        MembershipFactory(workspace=team.workspace)

    with django_assert_num_queries(6):
        alice.get("/team/")


# Inviting


def test_inviting_sends_an_e_mail_and_shows_the_link_this_once(team, alice):
    page = invite(alice)

    [message] = mail.outbox
    link = page.context["sent"]["link"]
    assert message.to == ["dana@example.com"]
    assert link in message.body
    assert link in page.content.decode()
    assert "We emailed dana@example.com a link that works for seven days." in page_text(page)
    assert link not in alice.get("/team/").content.decode()
    assert "no-store" in page["Cache-Control"]


@pytest.mark.parametrize("state", ["member", "invited"])
def test_whoever_is_in_already_is_told_at_the_field(team, alice, state):
    if state == "invited":
        InvitationFactory(workspace=team.workspace, email="dana@example.com")
    page = invite(alice, email="BOB@example.com" if state == "member" else "Dana@example.com")

    [error] = page.context["form"].errors["email"]
    assert "already" in error
    assert page.content.decode().count('class="errorlist"') == 1
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *[("email", value) for value in ("", "dana", "d@x.y\nBcc: all@example.com", "a\0b@example.com")],
        ("email", f"{'d' * 60}@{'x' * 60}.{'y' * 60}.{'z' * 60}.{'w' * 20}.com"),
        *[("role", value) for value in ("", "owner", "admin\0", "ADMIN")],
    ],
)
def test_a_field_that_is_wrong_gets_its_sentence_and_keeps_the_rest(team, alice, field, value):
    page = invite(alice, **{field: value})

    assert page.status_code == 200
    assert list(page.context["form"].errors) == [field]
    assert mail.outbox == []
    assert not Invitation.objects.exists()


def test_inviting_tells_nothing_about_who_has_an_account(team, alice):
    UserFactory(email="known@example.com")
    texts = []

    for who in ("known", "other"):
        page = invite(alice, email=f"{who}@example.com").content.decode()
        token = mail.outbox[-1].body.partition("/invitations/")[2].partition("/")[0]
        invitation = Invitation.objects.get(email=f"{who}@example.com")
        guest = Client()
        opened = guest.get(f"/invitations/{token}/", follow=True).content.decode()
        texts.append((page + mail.outbox[-1].body + opened).replace(who, "x").replace(token, "t"))
        Invitation.objects.filter(pk=invitation.pk).delete()

    assert without_numbers(texts[0]) == without_numbers(texts[1])


def without_numbers(text):
    """Without ids, times and the CSRF token, which differ anyway."""
    lines = [line for line in text.splitlines() if "csrfmiddlewaretoken" not in line]
    return ["".join(character for character in line if not character.isdigit()) for line in lines]


def test_a_mail_server_that_is_down_gets_a_sentence_and_the_invitation_stays(team, alice, settings, caplog):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1

    page = invite(alice)

    invitation = Invitation.objects.get()
    text = page.content.decode()
    assert "The mail server rejected the message for dana@example.com." in text
    token = page.context["sent"]["link"].rstrip("/").rpartition("/")[2]
    assert teams.token_hash(token) == invitation.token_hash
    assert f"email of invitation {invitation.pk}: ConnectionRefusedError" in caplog.text
    assert token not in caplog.text
    assert Client().get(f"/invitations/{token}/", follow=True).context["state"] == "anonymous"


def test_a_server_that_only_prints_its_e_mails_says_so(team, alice, settings, capsys):
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"

    text = page_text(invite(alice))

    assert "This server doesn't send email. Copy the link and send it to dana@example.com yourself." in text
    assert "We emailed" not in text
    assert "/invitations/" in capsys.readouterr().out


def test_the_form_invites_into_the_workspace_that_it_was_made_for(team, alice):
    other = MembershipFactory(user=team.alice).workspace
    alice.post("/workspace/switch/", {"workspace": other.pk})

    invite(alice, workspace=team.workspace.pk)

    assert Invitation.objects.get().workspace == team.workspace


@pytest.mark.parametrize("url", ["/team/", "/team/leave/"])
@pytest.mark.parametrize("value", ["foreign", "0", "x", "9" * 40, "-1"])
def test_a_workspace_of_others_in_the_form_is_a_404(team, alice, url, value):
    foreign = team.charlie.memberships.get().workspace_id

    response = alice.post(
        url, {"email": "d@example.com", "role": "viewer", "workspace": foreign if value == "foreign" else value}
    )

    assert response.status_code == 404
    assert not Invitation.objects.exists()
    assert Membership.objects.count() == 3


def test_an_admin_elsewhere_who_views_here_invites_nobody_here(team):
    MembershipFactory(user=team.bob)
    bob = signed_in(team.bob)

    assert invite(bob, workspace=team.workspace.pk).status_code == 403

    assert not Invitation.objects.exists()


# Sending again, cancelling


def test_sending_again_mails_a_new_link(team, alice):
    invitation = InvitationFactory(workspace=team.workspace, token="old")

    page = alice.post(f"/team/invitations/{invitation.pk}/resend/")

    assert page.context["sent"]["link"] in mail.outbox[0].body
    assert Client().get("/invitations/old/", follow=True).context["state"] == "unknown"
    assert Client().get(page.context["sent"]["link"], follow=True).context["state"] == "anonymous"


def test_sending_again_at_once_is_refused_with_a_sentence(team, alice):
    invite(alice)

    response = alice.post(f"/team/invitations/{Invitation.objects.get().pk}/resend/")

    [(level, sentence)] = said(response)
    assert level == "error"
    assert "Wait a minute" in sentence
    assert len(mail.outbox) == 1


def test_a_cancelled_invitation_is_off_the_page_and_its_link_says_so(team, alice):
    invitation = InvitationFactory(workspace=team.workspace, token="old")

    response = alice.post(f"/team/invitations/{invitation.pk}/cancel/")

    assert said(response)[0][0] == "success"
    alice.get("/team/")  # takes the message, which names the address
    assert invitation.email not in alice.get("/team/").content.decode()
    assert Client().get("/invitations/old/", follow=True).context["state"] == "cancelled"
    assert said(alice.post(f"/team/invitations/{invitation.pk}/cancel/"))[-1][0] == "error"


# Roles, removing, leaving


def test_an_admin_changes_a_role(team, alice):
    membership = team.bob.memberships.get()

    response = alice.post(f"/team/members/{membership.pk}/role/", {"role": "editor"})

    assert role_of(team.bob, team.workspace) == Role.EDITOR
    assert said(response) == [("success", f"bob@example.com is now an editor of “{team.workspace}”.")]


@pytest.mark.parametrize("role", ["", "owner", "ADMIN", "admin\0"])
def test_a_role_that_is_none_changes_nothing(team, alice, role):
    membership = team.bob.memberships.get()

    response = alice.post(f"/team/members/{membership.pk}/role/", {"role": role})

    assert said(response) == [("error", "Choose one of the roles.")]
    assert role_of(team.bob, team.workspace) == Role.VIEWER


@pytest.mark.parametrize(
    ("path", "body"), [("members/{}/role/", {"role": "viewer"}), ("members/{}/remove/", {}), ("leave/", {})]
)
def test_the_last_admin_is_told_to_make_another_one_first(team, alice, path, body):
    response = alice.post(f"/team/{path.format(team.alice.memberships.get().pk)}", body)

    assert response["Location"] == "/team/"
    [(level, sentence)] = said(response)
    assert level == "error"
    assert "Make another member an admin first." in sentence
    assert role_of(team.alice, team.workspace) == Role.ADMIN


def test_somebody_who_is_removed_is_an_outsider_at_the_next_request(team, alice):
    membership = MembershipFactory(workspace=team.workspace, role=Role.EDITOR)
    browser = signed_in(membership.user)
    assert browser.get("/connections/").status_code == 200
    assert "Remove" in alice.get(f"/team/members/{membership.pk}/remove/").content.decode()

    alice.post(f"/team/members/{membership.pk}/remove/")

    assert browser.get("/connections/")["Location"] == "/workspace/new/"
    assert browser.post(f"/connections/{team.account.pk}/disconnect/")["Location"] == "/workspace/new/"
    MembershipFactory(user=membership.user)
    assert browser.get(f"/connections/{team.account.pk}/disconnect/").status_code == 404


def test_a_member_leaves_and_is_in_the_other_workspace(team, alice):
    own = MembershipFactory(user=team.bob).workspace
    bob = signed_in(team.bob)
    bob.post("/workspace/switch/", {"workspace": team.workspace.pk})
    assert "Leave “" in bob.get("/team/leave/").content.decode()

    response = bob.post("/team/leave/", {"workspace": team.workspace.pk})

    assert said(response) == [("success", f"You left “{team.workspace}”.")]
    assert list(Workspace.objects.for_user(team.bob)) == [own]
    assert bob.get("/connections/").wsgi_request.workspace == own


def test_an_admin_cannot_touch_members_and_invitations_of_other_workspaces(team, alice):
    membership, invitation = team.charlie.memberships.get(), InvitationFactory()

    for path in (f"members/{membership.pk}/role", f"members/{membership.pk}/remove"):
        assert alice.post(f"/team/{path}/", {"role": "viewer", "workspace": team.workspace.pk}).status_code == 404
    for path in (f"invitations/{invitation.pk}/resend", f"invitations/{invitation.pk}/cancel"):
        assert alice.post(f"/team/{path}/", {"workspace": team.workspace.pk}).status_code == 404


def test_an_htmx_request_is_held_to_the_same_rules(team):
    bob = signed_in(team.bob)

    assert bob.post("/team/", {"email": "d@example.com"}, headers={"HX-Request": "true"}).status_code == 403


# The e-mail


def sent(**fields):
    invitation = InvitationFactory(**fields)
    assert invitation_emails.send(invitation, "the-token")
    return mail.outbox[-1]


def test_the_e_mail_says_who_invites_where_as_what_and_until_when(team):
    message = sent(workspace=team.workspace, invited_by=team.alice, workspace__name="Harbour & Pine")

    html = message.alternatives[0].content
    assert message.subject == f"Join “{team.workspace}” on Postiz Pins"
    for text in (message.body, html):
        for part in (
            "alice@example.com",
            str(team.workspace),
            "Your role will be editor.",
            "The link works until",
            "(UTC)",
        ):
            assert part in text


def test_the_link_starts_with_the_public_address_whatever_the_host_header_says(team, alice, settings):
    settings.PUBLIC_URL, settings.ALLOWED_HOSTS = "https://pins.example.com", ["*"]

    alice.post("/team/", {"email": "dana@example.com", "role": "viewer"}, headers={"Host": "evil.example"})

    [message] = mail.outbox
    for text in (message.body, message.alternatives[0].content):
        assert "https://pins.example.com/invitations/" in text
        assert "evil.example" not in text


def test_a_workspace_name_is_plain_in_text_and_escaped_in_html():
    name = '<script>alert("&")</script>'

    message = sent(workspace__name=name)

    assert name in message.subject
    assert name in message.body
    html = message.alternatives[0].content
    assert "<script>" not in html
    assert "&lt;script&gt;alert(&quot;&amp;&quot;)&lt;/script&gt;" in html


def test_a_name_with_line_breaks_makes_no_header():
    message = sent(workspace__name="Chairs\r\nBcc: all@example.com\n\nHello\u2028there")

    assert message.subject == "Join “Chairs Bcc: all@example.com Hello there” on Postiz Pins"
    assert message.message()["Bcc"] is None
    assert message.recipients() == [message.to[0]]


def test_a_workspace_name_is_escaped_on_the_pages(team, alice):
    Workspace.objects.filter(pk=team.workspace.pk).update(name="<b>Chairs</b>")
    InvitationFactory(workspace=team.workspace, token="t")

    pages = [alice.get("/team/"), alice.get("/team/leave/"), Client().get("/invitations/t/", follow=True)]

    for page in pages:
        assert "&lt;b&gt;Chairs" in page.content.decode()
        assert "<b>Chairs" not in page.content.decode()
