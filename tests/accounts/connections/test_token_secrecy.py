"""Whatever happens to a connection, its tokens and the app's secret appear nowhere but encrypted in their columns."""

import io
import json
import logging
import traceback

import pytest
from django.conf import settings
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ

from accounts.api_keys import services as api_keys
from accounts.connections import services as connections
from accounts.connections import token_renewal, tokens
from accounts.models import NotificationKind, PinterestAccount, Role
from accounts.notifications import services as notifications
from accounts.team import services as teams
from pins.models import PinStatus
from pins.publishing import dispatch
from postiz_pins.pinterest.client import PinterestClient
from postiz_pins.pinterest.errors import PinterestError
from tests.factories import BoardFactory, PinFactory, UserFactory

pytestmark = pytest.mark.django_db

FAULTS = [
    ("user_account/get", "unauthorized", {"times": 2}),
    ("user_account/get", "server_error", {}),
    ("user_account/get", "connection_closed", {}),
    ("oauth/token", "server_error", {}),
    ("oauth/token", "answer_lost", {}),
    ("oauth/token", "rate_limited", {}),
    ("oauth/token", "message", {"status": 400, "message": "The refresh token is invalid."}),
]


class Secrets:
    """The plain texts that must not be seen, as they come and go."""

    def __init__(self, account):
        self.account = account
        self.texts = {settings.PINTEREST_APP_SECRET}
        self.note()

    def note(self):
        stored = PinterestAccount.objects.get(pk=self.account.pk)
        self.texts |= {stored.access_token, stored.refresh_token}

    def seen_in(self, text):
        return [secret for secret in self.texts if secret in text]


@pytest.fixture
def secrets(shop, settings):
    settings.PINTEREST_APP_SECRET = "sandbox-secret"
    return Secrets(shop)


@pytest.fixture
def log():
    """Everything that is logged by anybody, from DEBUG on, with tracebacks."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.mark.parametrize(("operation", "kind", "keys"), FAULTS)
def test_no_error_and_no_log_tells_a_token(shop, sandbox, secrets, log, operation, kind, keys):
    sandbox.fault(operation, kind, **{"times": 1, **keys})
    PinterestAccount.objects.filter(pk=shop.pk).update(access_expires_at=timezone.now())

    told = ""
    try:
        tokens.call(shop, lambda client: client.fetch_user_account())
    except PinterestError as error:
        told = "".join(traceback.format_exception(error)) + repr(error) + repr(vars(error))
    token_renewal.renew_due()
    secrets.note()

    assert "oauth/token" in log.getvalue(), "nothing was logged at all"
    assert secrets.seen_in(log.getvalue() + told) == []


def test_no_text_form_of_what_holds_tokens_tells_them(shop, sandbox, secrets):
    grant = tokens.TokenGrant(shop.access_token, shop.refresh_token, timezone.now(), timezone.now(), [])
    client = PinterestClient(settings.PINTEREST_API_URL, shop.access_token)

    assert secrets.seen_in(repr(shop) + str(shop) + repr(grant) + repr(client)) == []


def test_the_administration_shows_no_token(shop, client, secrets):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    ciphertexts = {shop.access_token_encrypted, shop.refresh_token_encrypted}

    for address in (
        reverse("admin:accounts_pinterestaccount_changelist"),
        reverse("admin:accounts_pinterestaccount_change", args=[shop.pk]),
    ):
        page = client.get(address).content.decode()
        assert "chairshop" in page
        assert secrets.seen_in(page) == []
        assert not [ciphertext for ciphertext in ciphertexts if ciphertext in page]


@pytest.mark.skipif(bool(settings.REDIS_URL), reason="the messages are in Redis, not in a table")
def test_no_message_of_the_queue_holds_a_token(shop, secrets, django_capture_on_commit_callbacks):
    PinFactory(board=BoardFactory(account=shop), status=PinStatus.SCHEDULED)
    with django_capture_on_commit_callbacks(execute=True):
        assert dispatch.enqueue_due(timezone.now()) == 1

    messages = [str(message.task) for message in OrmQ.objects.all()]

    assert messages
    assert secrets.seen_in(" ".join(messages)) == []


def test_the_database_holds_them_only_encrypted(shop, sandbox, secrets):
    token_renewal.renew_due()
    secrets.note()
    team, now = shop.workspace, timezone.now()
    admin = team.memberships.select_related("user").get(role=Role.ADMIN).user
    _, key = api_keys.create(team, "Shop import", by=admin, now=now)
    _, link = teams.invite(team, "dana@example.com", Role.EDITOR, by=admin, now=now)
    connections.disconnect(shop, by=admin, now=now)
    notifications.notify(
        team.pk, NotificationKind.RECONNECT_NEEDED, f"{shop} is gone", path="/", now=now, users=[admin]
    )
    everything = io.StringIO()
    call_command("dumpdata", stdout=everything, verbosity=0)

    dumped = {row["model"] for row in json.loads(everything.getvalue())}
    assert dumped >= {"accounts.pinterestaccount", "accounts.auditentry", "accounts.notification"}
    assert not {secret for secret in secrets.texts | {key, link} if secret in everything.getvalue()}
